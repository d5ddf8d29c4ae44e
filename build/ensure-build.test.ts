import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFresh } from './lib/ensure-build.mjs';

const OUTPUTS = [
  'out/main/cli.js',
  'out/preload/main.cjs',
  'out/main/core-host.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];
const SOURCE = 'src-main/core/core.ts';

describe('whether out/ is younger than the sources', () => {
  let base: string;

  const put = (path: string, secondsOld: number) => {
    const file = join(base, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    age(path, secondsOld);
  };
  const age = (path: string, secondsOld: number) => {
    const time = Date.now() / 1000 - secondsOld;
    utimesSync(join(base, path), time, time);
  };

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'tapemend-build-'));
    for (const output of OUTPUTS) put(output, 50);
    put(SOURCE, 100);
    for (const folder of ['src-main', 'src-main/core']) age(folder, 100);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('an untouched checkout is not built again', () => {
    expect(isFresh(base)).toBe(true);
  });

  it.each(OUTPUTS)('a missing or half-finished build is noticed: %s', (output) => {
    rmSync(join(base, output));
    expect(isFresh(base)).toBe(false);
  });

  it('a changed source is noticed, even when only one output is older than it', () => {
    age(SOURCE, 60);
    expect(isFresh(base)).toBe(true);
    age(OUTPUTS[0]!, 70);
    expect(isFresh(base)).toBe(false);
  });

  it('a deleted source is noticed by its folder', () => {
    age('src-main/core', 10);
    expect(isFresh(base)).toBe(false);
  });

  it('a changed test does not rebuild the program', () => {
    put('src-main/core/core.test.ts', 10);
    age('src-main/core', 100);
    expect(isFresh(base)).toBe(true);
  });
});
