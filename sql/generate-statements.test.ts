import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { generateStatements, statementsFile } from './generate-statements';

it('would run other statements than the files in sql/ hold', () => {
  expect(generateStatements()).toContain('CREATE TABLE');
  expect(readFileSync(statementsFile, 'utf8')).toBe(generateStatements());
});
