import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ImportEdge, readImportGraph } from './import-graph';
import { reachableFrom } from './import-rules';

const root = resolve(import.meta.dirname, '..');

describe('the built output (made by `npm run build`)', () => {
  let graph: ImportEdge[];
  beforeAll(() => {
    graph = readImportGraph(root, ['out/main', 'out/preload']);
  });

  for (const entry of ['out/main/cli.js', 'out/main/core-host.js']) {
    it(`${entry} shares no chunk that loads electron, so it runs in plain Node`, () => {
      expect(existsSync(join(root, entry))).toBe(true);
      expect(reachableFrom(graph, entry).get('electron') ?? []).toEqual([]);
    });
  }

  it('the window process does load electron, so the two tests above look at the right names', () => {
    expect(reachableFrom(graph, 'out/preload/main.cjs').has('electron')).toBe(true);
  });

  it('nothing is left to be found in node_modules: what ships is out/ alone', () => {
    const packages = graph
      .filter((edge) => edge.external && edge.to !== null && !edge.to.startsWith('node:') && edge.to !== 'electron')
      .map((edge) => `${edge.from}: ${edge.to}`);
    // Built-ins without their prefix come from bundled CommonJS packages.
    const builtins = new Set(builtinModules);
    expect(packages.filter((line) => !builtins.has(line.split(': ')[1] ?? ''))).toEqual([]);
  });

  it('the sandboxed preload is CommonJS and needs electron alone', () => {
    const edges = graph.filter((edge) => edge.from === 'out/preload/index.cjs');
    expect(edges.map((edge) => edge.to)).toEqual(['electron']);
  });
});
