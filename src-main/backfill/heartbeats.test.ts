import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Heartbeats } from './heartbeats';

let folder: string;
let clock: number;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tapemend-heartbeats-')), 'programs');
  clock = 0;
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const heartbeats = (self: string): Heartbeats => new Heartbeats(folder, self, () => clock);

/** Lets `ms` pass in the steps of a queue that looks. */
async function watchFor(watcher: Heartbeats, ms: number, beating: Heartbeats[] = []): Promise<void> {
  for (const end = clock + ms; clock < end; ) {
    clock += 400;
    for (const each of beating) {
      await each.beat();
      // Two beats within one tick of the file system's clock must differ.
      utimesSync(join(folder, 'other'), new Date(clock), new Date(clock));
    }
    await watcher.watch(['other']);
  }
}

it('a program that works is called silent, or one that stopped never is', async () => {
  const [watcher, other] = [heartbeats('self'), heartbeats('other')];
  await watchFor(watcher, 60_000, [other]);
  expect(watcher.isSilent('other')).toBe(false);
  await watchFor(watcher, 19_000);
  expect(watcher.isSilent('other')).toBe(false);
  await watchFor(watcher, 3_000);
  expect(watcher.isSilent('other')).toBe(true);
  await watchFor(watcher, 4_000, [other]);
  expect(watcher.isSilent('other')).toBe(false);
});

it('a program that was killed by a full disk before its first sign, or was stopped before it, blocks for ever', async () => {
  const watcher = heartbeats('self');
  await watchFor(watcher, 25_000);
  expect(watcher.isSilent('other')).toBe(true);
});

it('a machine that slept, or a pause in watching, makes all others silent at once', async () => {
  const [watcher, other] = [heartbeats('self'), heartbeats('other')];
  await watchFor(watcher, 4_000, [other]);
  clock += 3_600_000;
  await watchFor(watcher, 2_000);
  expect(watcher.isSilent('other')).toBe(false);
});

it('a wall clock that was set makes a program silent, or an old file makes one that just began so', async () => {
  const [watcher, other] = [heartbeats('self'), heartbeats('other')];
  await other.beat();
  utimesSync(join(folder, 'other'), new Date(0), new Date(0));
  await watchFor(watcher, 400);
  expect(watcher.isSilent('other')).toBe(false);
});

it('files of programs that were killed stay for ever, or those of living ones go', async () => {
  const [first, left] = [heartbeats('self'), heartbeats('other')];
  await left.beat();
  writeFileSync(join(folder, 'killed'), '');
  utimesSync(join(folder, 'killed'), new Date(0), new Date(0));
  await first.beat();
  expect(readdirSync(folder).sort()).toEqual(['other', 'self']);
  left.leave();
  await left.beat();
  expect(readdirSync(folder)).toEqual(['self']);
});
