import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ImportEdge, importsOf, packageName, readImportGraph } from './import-graph';
import { houseOf, reachableFrom, violationsOf } from './import-rules';

const root = resolve(import.meta.dirname, '..');
const FOLDERS = ['src-shared', 'src-main', 'src-renderer', 'bench', 'build', 'e2e'];

function edge(from: string, to: string | null, options: Partial<ImportEdge> = {}): ImportEdge {
  return { from, to, specifier: to ?? './nothing', external: false, typeOnly: false, ...options };
}

function pack(from: string, name: string): ImportEdge {
  return edge(from, name, { external: true });
}

function rulesOf(...edges: ImportEdge[]): string[] {
  return violationsOf(edges).map((violation) => violation.rule);
}

describe('the project', () => {
  const graph = readImportGraph(root, FOLDERS);

  it('has no import that breaks a rule', () => {
    expect(violationsOf(graph).map((violation) => `${violation.rule}: ${violation.message}`)).toEqual([]);
  });

  it('is really read: the market model is seen to be used by the contract', () => {
    expect(graph).toContainEqual(
      expect.objectContaining({ from: 'src-shared/contract/routes.ts', to: 'src-shared/market/index.ts' }),
    );
  });

  for (const entry of ['hosts/cli/cli.ts', 'hosts/electron/core-host.ts', 'hosts/web/index.ts']) {
    it(`${entry} runs in plain Node: no way leads from it to electron`, () => {
      const ways = reachableFrom(graph, `src-main/${entry}`);
      expect(ways.size).toBeGreaterThan(1);
      expect(ways.get('electron') ?? []).toEqual([]);
    });
  }
});

describe('each forbidden edge is noticed', () => {
  const cases: [title: string, rule: string, edge: ImportEdge][] = [
    [
      'shared code that reaches into the core',
      'shared-imports-nothing',
      edge('src-shared/market/grid.ts', 'src-main/core/index.ts'),
    ],
    [
      'shared code that reaches into the renderer',
      'shared-imports-nothing',
      edge('src-shared/rpc/port.ts', 'src-renderer/client/index.ts'),
    ],
    ['shared code that needs Node', 'shared-imports-nothing', pack('src-shared/market/grid.ts', 'node:fs')],
    ['shared code that needs a package of one side', 'shared-imports-nothing', pack('src-shared/rpc/client.ts', 'ws')],
    ['shared code that needs electron', 'electron-only-in-its-host', pack('src-shared/rpc/port.ts', 'electron')],
    [
      'a renderer that imports the core',
      'renderer-imports-only-shared',
      edge('src-renderer/main.tsx', 'src-main/coverage/index.ts'),
    ],
    ['a renderer that needs Node', 'renderer-is-a-browser', pack('src-renderer/main.tsx', 'node:path')],
    ['a renderer that talks to the database', 'renderer-is-a-browser', pack('src-renderer/main.tsx', 'pg')],
    ['a renderer that imports electron', 'electron-only-in-its-host', pack('src-renderer/main.tsx', 'electron')],
    ['a core that imports electron', 'electron-only-in-its-host', pack('src-main/core/core.ts', 'electron')],
    [
      'a web host that imports electron',
      'electron-only-in-its-host',
      pack('src-main/hosts/web/web-host.ts', 'electron'),
    ],
    ['a part that counts by itself', 'metrics-behind-their-interface', pack('src-main/binance/rest.ts', 'prom-client')],
    ['a core that draws', 'core-has-no-window', pack('src-main/core/core.ts', 'react')],
    [
      'a core that imports the renderer',
      'core-has-no-window',
      edge('src-main/core/core.ts', 'src-renderer/client/index.ts'),
    ],
    [
      'a part that knows the core',
      'only-hosts-know-the-core',
      edge('src-main/backfill/job.ts', 'src-main/core/index.ts'),
    ],
    [
      'a part that knows a host',
      'nobody-imports-hosts',
      edge('src-main/binance/rest.ts', 'src-main/hosts/cli/index.ts'),
    ],
    [
      'a core that knows its host',
      'nobody-imports-hosts',
      edge('src-main/core/core.ts', 'src-main/hosts/web/index.ts'),
    ],
    [
      'a preload that knows its host',
      'nobody-imports-hosts',
      edge('src-main/preload/index.ts', 'src-main/hosts/electron/index.ts'),
    ],
    ['a deep import past a face', 'one-face-per-folder', edge('src-main/core/core.ts', 'src-main/questdb/store.ts')],
    [
      'a deep import between features',
      'one-face-per-folder',
      edge('src-renderer/features/gaps/a.tsx', 'src-renderer/features/replay/b.tsx'),
    ],
    [
      'a deep import into shared code',
      'one-face-per-folder',
      edge('src-main/dag/node.ts', 'src-shared/market/grid.ts'),
    ],
    ['a benchmark that goes past a face', 'one-face-per-folder', edge('bench/run.ts', 'src-main/questdb/store.ts')],
    [
      'a test fixture that ships',
      'testing-only-in-tests',
      edge('src-main/core/core.ts', 'src-main/questdb/testing.ts'),
    ],
    ['a test tool that ships', 'tools-only-in-tests', pack('src-main/core/core.ts', 'fast-check')],
    [
      'a source that imports a build script',
      'sources-stand-alone',
      edge('src-main/core/core.ts', 'build/lib/project.mjs'),
    ],
    ['a package nobody thought about', 'known-packages', pack('src-main/core/core.ts', 'left-pad')],
    ['an import of a file that is not there', 'imports-resolve', edge('src-main/core/core.ts', null)],
  ];
  for (const [title, rule, forbidden] of cases) {
    it(title, () => expect(rulesOf(forbidden)).toEqual([rule]));
  }

  it('a cycle of two files, once, with the way round', () => {
    const found = violationsOf([
      edge('src-shared/market/a.ts', 'src-shared/market/b.ts'),
      edge('src-shared/market/b.ts', 'src-shared/market/a.ts'),
    ]);
    expect(found.map((violation) => violation.message)).toEqual([
      'import cycle: src-shared/market/a.ts → src-shared/market/b.ts → src-shared/market/a.ts',
    ]);
  });

  it('a cycle of three files that is reached from outside, and one made of types alone', () => {
    expect(
      rulesOf(
        edge('src-main/dag/index.ts', 'src-main/dag/a.ts'),
        edge('src-main/dag/a.ts', 'src-main/dag/b.ts'),
        edge('src-main/dag/b.ts', 'src-main/dag/c.ts'),
        edge('src-main/dag/c.ts', 'src-main/dag/a.ts', { typeOnly: true }),
      ),
    ).toEqual(['no-cycles']);
  });

  it('a chunk that reaches electron over two others', () => {
    const built = [edge('cli.js', 'a.js'), edge('a.js', 'b.js'), pack('b.js', 'electron')];
    expect(reachableFrom(built, 'cli.js').get('electron')).toEqual(['cli.js', 'a.js', 'b.js', 'electron']);
    expect(reachableFrom(built.slice(0, 2), 'cli.js').has('electron')).toBe(false);
    const typeOnly = edge('b.js', 'electron', { external: true, typeOnly: true });
    expect(reachableFrom([...built.slice(0, 2), typeOnly], 'cli.js').has('electron')).toBe(false);
  });
});

describe('allowed edges stay allowed', () => {
  it('the ways that the design draws', () => {
    expect(
      rulesOf(
        edge('src-main/core/core.ts', 'src-main/questdb/index.ts'),
        edge('src-main/core/core.ts', 'src-shared/contract/index.ts'),
        edge('src-main/hosts/cli/cli.ts', 'src-main/core/index.ts'),
        edge('src-main/hosts/cli/cli.ts', 'src-main/hosts/web/index.ts'),
        edge('src-main/hosts/cli/cli.ts', 'src-main/hosts/workspace-path.ts'),
        edge('src-renderer/app.tsx', 'src-renderer/features/replay/index.ts'),
        edge('src-main/backfill/job.integration.test.ts', 'src-main/questdb/testing.ts'),
        edge('src-main/questdb/schema.ts', 'sql/001_candles.sql'),
        pack('src-main/hosts/electron/main.ts', 'electron'),
        pack('src-main/preload/index.ts', 'electron'),
        pack('src-main/metrics/prometheus.ts', 'prom-client'),
        pack('src-shared/contract/routes.ts', 'zod'),
        pack('src-shared/market/grid.test.ts', 'fast-check'),
        pack('src-main/binance/rest.ts', 'node:crypto'),
      ),
    ).toEqual([]);
  });

  it('a diamond is no cycle', () => {
    const file = (name: string) => `src-shared/market/${name}.ts`;
    expect(
      rulesOf(
        edge(file('a'), file('b')),
        edge(file('a'), file('c')),
        edge(file('b'), file('d')),
        edge(file('c'), file('d')),
      ),
    ).toEqual([]);
  });
});

describe('the reader of imports', () => {
  it('finds every way to import, and tells types from values', () => {
    const text = `
      import type { A } from './type';
      import x, { type Y } from 'pack/deep';
      import './effect.css';
      export * from '@shared/market';
      export type { B } from './type-export';
      const lazy = () => import('./lazy');
      type T = import('./import-type').T;
      const r = require('required');
      // import './comment';
      const s = "import './string'", t = \`import './template'\`;
      export const C = () => <p>don't \` import './text'</p>;
    `;
    expect(importsOf('x.tsx', text).map((found) => `${found.typeOnly ? 'type ' : ''}${found.specifier}`)).toEqual([
      'type ./type',
      'pack/deep',
      './effect.css',
      '@shared/market',
      'type ./type-export',
      './lazy',
      'type ./import-type',
      'required',
    ]);
  });

  it('refuses a text that does not parse instead of finding nothing in it', () => {
    expect(() => importsOf('x.ts', 'import { from')).toThrow(/does not parse/);
  });

  it('names packages by scope and name, and houses by their depth', () => {
    expect([packageName('@a/b/c'), packageName('a/b'), packageName('node:fs/promises')]).toEqual([
      '@a/b',
      'a',
      'node:fs/promises',
    ]);
    expect(
      [
        'src-main/questdb/deep/x.ts',
        'src-main/hosts/web/y.ts',
        'src-main/hosts/z.ts',
        'src-renderer/features/gaps/a/b.tsx',
        'bench/run.ts',
      ].map(houseOf),
    ).toEqual(['src-main/questdb', 'src-main/hosts/web', 'src-main/hosts', 'src-renderer/features/gaps', 'bench']);
  });
});
