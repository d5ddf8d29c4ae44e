import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, MINUTE_MS, parseStoredSeriesKey, type Range } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ContentAudit } from './content-audit';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const RANGE: Range = { from: Date.UTC(2024, 5, 20, 6), to: Date.UTC(2024, 5, 20, 8) };
const KEYS = ['binance:spot:ADAUSDT:1m', 'binance:spot:XRPUSDT:1m'];
const SERIES = KEYS.map((key) => parseStoredSeriesKey(key)!);

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
  for (const key of KEYS) await bench.backfill(key, RANGE);
  await bench.services.coverage.catchUp();
});
afterAll(() => bench.close());

/** The audit of a program, so long after now. */
function auditOf({ coverage, backfill, store, exchange }: Services, later = 0): ContentAudit {
  const file = join(bench.workspace, 'cache', 'content-audit.txt');
  return new ContentAudit({ coverage, backfill, store, series: () => SERIES, file, now: () => exchange.now() + later });
}

it('finds differences where there are none, or reads all tables at every start', async () => {
  const reads: string[] = [];
  const { coverage } = bench.services;
  const counted = Object.assign(Object.create(bench.services) as Services, {
    coverage: {
      audit: (series: (typeof SERIES)[number]) => {
        reads.push(series.symbol);
        return coverage.audit(series);
      },
    },
  });
  expect(await auditOf(counted).look()).toBe(0);
  expect(reads.sort()).toEqual(['ADAUSDT', 'XRPUSDT']);
  // Another program, within the day.
  expect(await auditOf(counted, DAY_MS - MINUTE_MS).look()).toBe(0);
  expect(reads).toHaveLength(2);
});

it('believes for ever what was remembered wrongly, or corrects it without a word', async () => {
  const { workspace, settings } = bench;
  const file = join(workspace, 'cache', 'coverage', 'binance_spot_adausdt_1m.json');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { bars: number; present: [number, number][] };
  expect(kept.present).toEqual([[RANGE.from, RANGE.to]]);
  kept.present = [[RANGE.from + 10 * MINUTE_MS, RANGE.to + 5 * MINUTE_MS]];
  writeFileSync(file, JSON.stringify(kept));
  const app = await Services.open({ workspace, settings, practice: false });
  try {
    await app.exchange.syncClock('spot');
    const bars = async () => (await app.coverage.report(SERIES[0]!, RANGE)).bars;
    expect(await bars()).toBe(110);
    expect(await auditOf(app, 2 * DAY_MS).look()).toBe(1);
    expect(await bars()).toBe(120);
    const [finding] = await app.store.findingsRead({ keys: [KEYS[0]!] });
    expect(finding).toMatchObject({
      kind: 'content_difference',
      state: 'new',
      range: { from: RANGE.from, to: RANGE.to + 5 * MINUTE_MS },
      data: { vanishedBars: 5, appearedBars: 10 },
    });
    expect(finding!.sentence).toMatch(/remembered with 5 bars that it lacks and no word of 10 bars that it holds,/);
    expect(await auditOf(app, 4 * DAY_MS).look()).toBe(0);
  } finally {
    await app.close();
  }
});

it('waits until a job has ended, and forgets then where it was', async () => {
  let running = 0;
  const looked: string[] = [];
  const { coverage } = bench.services;
  const audit = new ContentAudit({
    coverage: {
      audit: (series) => {
        looked.push(series.symbol);
        running = 1;
        return coverage.audit(series);
      },
    },
    backfill: {
      get running() {
        return running;
      },
    },
    store: bench.services.store,
    series: () => SERIES,
    file: join(bench.workspace, 'cache', 'other-audit.txt'),
    now: () => NOW,
  });
  await audit.look();
  expect(looked).toHaveLength(1);
  await audit.look();
  expect(looked).toHaveLength(1);
  running = 0;
  await audit.look();
  expect(looked.sort()).toEqual(['ADAUSDT', 'XRPUSDT']);
});
