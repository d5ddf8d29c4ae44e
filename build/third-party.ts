import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageName, readImportGraph } from './import-graph';
import { isTesting } from './import-rules';

/** A package whose code ends up in `out/`, with the texts that must go with it. */
export interface ShippedPackage {
  name: string;
  version: string;
  license: string;
  homepage: string | null;
  author: string | null;
  texts: string[];
}

interface Manifest {
  name: string;
  version: string;
  license?: string | { type: string };
  homepage?: string;
  repository?: string | { url: string };
  author?: string | { name: string };
  dependencies?: Record<string, string>;
}

const LEGAL_FILE = /^(licen[cs]e|notice|copying|ofl)([.-].*)?$/i;
const SOURCES = ['src-shared', 'src-main', 'src-renderer'];

/** Packages that the sources import (types alone do not ship), with everything those depend on, sorted by name. */
export function shippedPackages(root: string): ShippedPackage[] {
  const imported = readImportGraph(root, SOURCES)
    .filter((edge) => edge.external && !edge.typeOnly && !isLeftOut(edge.from))
    .map((edge) => edge.to ?? '');
  const wanted = [...imported, ...styleImports(join(root, 'src-renderer'))].filter(
    (name) => !name.startsWith('node:') && name !== 'electron',
  );
  const found = new Map<string, ShippedPackage>();
  const visit = (name: string, folders: readonly string[]) => {
    const folder = folders.map((base) => join(base, 'node_modules', name)).find((path) => existsSync(path));
    // Optional peers of other platforms are not installed, so they do not ship either.
    if (!folder || name.startsWith('@types/')) return;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const key = `${name}@${manifest.version}`;
    if (found.has(key)) return;
    found.set(key, shippedPackage(folder, manifest));
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, [folder, ...folders]);
  };
  for (const name of wanted) visit(name, [root]);
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, shipped]) => shipped);
}

/** Packages that style sheets import (the fonts). */
function styleImports(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.css'))
    .flatMap((entry) => [
      ...readFileSync(join(entry.parentPath, entry.name), 'utf8').matchAll(/@import\s+(?:url\()?['"]([^.'"/][^'"]*)/g),
    ])
    .map((match) => packageName(match[1] ?? ''));
}

function isLeftOut(file: string): boolean {
  return isTesting(file) || /\.config\.ts$/.test(file) || file.startsWith('src-renderer/dev/');
}

function shippedPackage(folder: string, manifest: Manifest): ShippedPackage {
  const { license, repository, author } = manifest;
  const address = manifest.homepage ?? (typeof repository === 'string' ? repository : repository?.url);
  return {
    name: manifest.name,
    version: manifest.version,
    license: typeof license === 'string' ? license : (license?.type ?? 'unknown'),
    homepage: address?.replace(/^git\+/, '').replace(/\.git$/, '') ?? null,
    author: (typeof author === 'string' ? author : author?.name) ?? null,
    texts: readdirSync(folder)
      .filter((name) => LEGAL_FILE.test(name))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim()),
  };
}

const RULE = '-'.repeat(80);

const RUNTIME_PARTS = `Parts of the packages (npm run package) that are not npm packages
${RULE}
QuestDB 9.3.4 (resources/questdb): Apache-2.0, Copyright (c) The QuestDB contributors, https://github.com/questdb/questdb
OpenJDK (resources/jre): GPL-2.0 with the Classpath Exception, https://openjdk.org/; its texts are in resources/jre/legal
Electron: MIT, Copyright (c) Electron contributors and GitHub Inc., https://www.electronjs.org/; LICENSE.electron.txt
Chromium and what it contains: LICENSES.chromium.html`;

/** The text of THIRD-PARTY-NOTICES: a list to skim, then each licence text once with the packages it covers. */
export function thirdPartyNotices(root: string): string {
  const shipped = shippedPackages(root);
  const list = shipped.map(({ name, version, license, homepage, author }) => {
    const byline = [license, author, homepage].filter((part) => part !== null).join(', ');
    return `${name} ${version}: ${byline}`;
  });
  const coverage = new Map<string, string[]>();
  for (const { name, version, texts } of shipped) {
    for (const text of texts) coverage.set(text, [...(coverage.get(text) ?? []), `${name} ${version}`]);
  }
  const texts = [...coverage].map(([text, names]) => `${RULE}\n${names.join('\n')}\n${RULE}\n\n${text}`);
  return `${['Third-party software in Tapemend', RUNTIME_PARTS, `npm packages\n${RULE}\n${list.join('\n')}`, ...texts].join('\n\n')}\n`;
}
