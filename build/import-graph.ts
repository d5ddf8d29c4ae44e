import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { parseSync } from 'vite';

/** One `import` (static, dynamic, type, re-export or require) of a file. */
export interface ImportEdge {
  /** Path of the importing file from the project's root, with forward slashes. */
  from: string;
  /** Path of the imported file, or the name of a package or Node module (`node:fs`, `electron`); null when nothing is there. */
  to: string | null;
  specifier: string;
  external: boolean;
  /** True for `import type` and types alone: gone at run time. */
  typeOnly: boolean;
}

export interface FoundImport {
  specifier: string;
  typeOnly: boolean;
}

const EXTENSIONS = ['', '.ts', '.tsx', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.tsx'];
const SOURCE_FILE = /\.(ts|tsx|mts|js|mjs|cjs)$/;

/** Every import of a source text, in order. Throws when the text does not parse. */
export function importsOf(fileName: string, text: string): FoundImport[] {
  const parsed = parseSync(fileName, text);
  const error = parsed.errors[0];
  if (error) throw new Error(`${fileName} does not parse: ${error.message}`);
  const found: FoundImport[] = [];
  visit(parsed.program, found);
  return found;
}

type Node = { type: string } & Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function visit(value: unknown, found: FoundImport[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, found);
    return;
  }
  if (!isNode(value)) return;
  note(value, found);
  for (const child of Object.values(value)) if (typeof child === 'object') visit(child, found);
}

function note(node: Node, found: FoundImport[]): void {
  const add = (source: unknown, typeOnly: boolean) => {
    const specifier = isNode(source) && source.type === 'Literal' ? source.value : null;
    if (typeof specifier === 'string') found.push({ specifier, typeOnly });
  };
  switch (node.type) {
    case 'ImportDeclaration':
      add(node.source, node.importKind === 'type');
      break;
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      if (node.source) add(node.source, node.exportKind === 'type');
      break;
    case 'ImportExpression':
      add(node.source, false);
      break;
    case 'TSImportType':
      add(node.source ?? node.argument, true);
      break;
    case 'TSExternalModuleReference':
      add(node.expression, false);
      break;
    case 'CallExpression':
      if (isNode(node.callee) && node.callee.type === 'Identifier' && node.callee.name === 'require') {
        add((node.arguments as unknown[])[0], false);
      }
      break;
  }
}

/** All source files below the given folders, as paths from the root, sorted. */
export function sourceFiles(root: string, folders: readonly string[]): string[] {
  const files: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (SOURCE_FILE.test(entry.name) && !entry.name.endsWith('.d.ts')) files.push(projectPath(root, path));
    }
  };
  for (const folder of folders) if (existsSync(join(root, folder))) walk(join(root, folder));
  return files.sort();
}

function projectPath(root: string, path: string): string {
  return relative(root, path).split(sep).join(posix.sep);
}

/** The import graph of the sources below the given folders. */
export function readImportGraph(root: string, folders: readonly string[]): ImportEdge[] {
  return sourceFiles(root, folders).flatMap((file) =>
    importsOf(file, readFileSync(join(root, file), 'utf8')).map((found) => resolveImport(root, file, found)),
  );
}

function resolveImport(root: string, from: string, found: FoundImport): ImportEdge {
  const bare = found.specifier.replace(/\?.*$/, '');
  const base = bare.startsWith('@shared/')
    ? resolve(root, 'src-shared', bare.slice('@shared/'.length))
    : bare.startsWith('.')
      ? resolve(root, dirname(from), bare)
      : null;
  if (base === null)
    return { from, to: packageName(bare), specifier: found.specifier, external: true, typeOnly: found.typeOnly };
  const file = EXTENSIONS.map((extension) => base + extension).find(
    (path) => existsSync(path) && statSync(path).isFile(),
  );
  return {
    from,
    to: file ? projectPath(root, file) : null,
    specifier: found.specifier,
    external: false,
    typeOnly: found.typeOnly,
  };
}

/** `@scope/name` or `name` of a package specifier; Node's own modules keep their `node:`. */
export function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}
