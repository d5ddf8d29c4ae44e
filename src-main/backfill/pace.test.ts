import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noFetches } from './job-items';
import { Pace } from './pace';
import { noSums } from './plan-series';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-pace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const REST = { ...noSums(), bars: 100_000, rest: 100, requests: 100, weight: 200 };

async function learnRest(pace: Pace, ms: number, times = 12): Promise<void> {
  for (let i = 0; i < times; i++)
    await pace.learn({ bars: 0, ms: 0, fetches: { ...noFetches(), rest: { count: 100, ms: 100 * ms } } });
}

it('what one program measured is not known to the next', async () => {
  const file = join(folder, 'cache', 'pace.json');
  const pace = new Pace(file);
  const before = await pace.estimate(REST, null);
  await learnRest(pace, 1_000);
  const after = await new Pace(file).estimate(REST, null);
  expect(after).toBeGreaterThan(5 * before);
  // A hundred requests of a second each, four at a time.
  expect(after).toBeGreaterThan(22_000);
  expect(after).toBeLessThan(27_000);
});

it('an estimate of many requests forgets the weight budget, or lets a small plan wait for it', async () => {
  const pace = new Pace(null);
  expect(await pace.estimate({ ...REST, weight: 3_500 }, 1_000)).toBeGreaterThan(180_000);
  expect(await pace.estimate(REST, 1_000)).toBeLessThan(60_000);
  expect(await pace.estimate(noSums(), 1_000)).toBe(0);
});

it('a damaged file, or one with absurd figures, makes an estimate that is no number', async () => {
  const file = join(folder, 'pace.json');
  for (const content of [
    '{"barsPer',
    '{"barsPerSecond":0,"msPerFetch":{"rest":-5}}',
    '{"barsPerSecond":"x"}',
    '[]',
    'null',
  ]) {
    writeFileSync(file, content);
    const estimate = await new Pace(file).estimate(REST, null);
    expect(Number.isFinite(estimate)).toBe(true);
    expect(estimate).toBeGreaterThan(0);
  }
});

it('a job that waited for its exchange is taken for the speed of the machine', async () => {
  const pace = new Pace(null);
  const bars = { ...noSums(), bars: 10_000_000, archiveMonthly: 1, requests: 2 };
  const before = await pace.estimate(bars, null);
  await pace.learn({ bars: 20_000, ms: 600_000, fetches: noFetches() });
  expect(await pace.estimate(bars, null)).toBeLessThan(before * 1.5);
});
