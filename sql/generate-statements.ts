import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = import.meta.dirname;
export const statementsFile = resolve(folder, '../src-main/questdb/store/statements.ts');

/** TypeScript text that carries every statement of the folder, so that bundles and plain Node need no loader for .sql. */
export function generateStatements(): string {
  const entries = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const text = readFileSync(resolve(folder, file), 'utf8')
        .split('\n')
        .filter((line) => !line.startsWith('--'))
        .join('\n')
        .trim()
        .replace(/;$/, '');
      return `  '${file}': \`${text}\`,`;
    });
  return [
    '// Written by sql/generate-statements.ts from sql/*.sql. Change those.',
    'export const STATEMENTS = {',
    ...entries,
    '} as const;',
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(statementsFile, generateStatements());
