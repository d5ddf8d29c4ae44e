import type { Receipt } from '@shared/contract';
import { countBars, gridOf, parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 6, 10, 12, 0, 30);
const DAY_MS = 86_400_000;
const TODAY = Date.UTC(2024, 6, 10);
/** The delivery contract's last moment. */
const DELIVERY = Date.UTC(2024, 5, 28, 8);

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now(), futuresWeightLimit: 1e6 });
});
afterAll(() => bench.close());

const barsOf = (key: string, range: Range): number => countBars(gridOf(parseCandleSeriesKey(key)!.interval), range);

/** Backfills, checks the table row by row and asks once more. */
async function proven(
  key: string,
  range: Range,
): Promise<{ receipt: Receipt; series: Receipt['series'][0]; asked: number }> {
  const start = bench.practice.counters().candleRequests;
  const receipt = await bench.backfill(key, range);
  const asked = bench.practice.counters().candleRequests - start;
  expect([receipt.errors, receipt.series[0]!.findings]).toEqual([[], []]);
  expect(await bench.differences(key, range)).toEqual([]);
  const before = bench.practice.counters().candleRequests;
  const again = await bench.backfill(key, range);
  expect(bench.practice.counters().candleRequests - before).toBe(0);
  expect(again).toMatchObject({ status: receipt.status, series: [{ stored: 0, stillMissing: 0 }] });
  return { receipt, series: receipt.series[0]!, asked };
}

describe('futures candles differ from what the exchange has, or are fetched twice:', () => {
  // A month's file, days' files and REST in one range each; the archives of futures have a header and other names of columns.
  it.each([
    ['binance:um:BTCUSDT:1m', Date.UTC(2024, 5, 1), { archiveMonthly: 1, archiveDaily: 7 }],
    ['binance:um:SOLUSDT:15m', Date.UTC(2024, 4, 1), { archiveMonthly: 2, archiveDaily: 0 }],
    ['binance:cm:BTCUSD_PERP:1m', Date.UTC(2024, 6, 5), { archiveMonthly: 0, archiveDaily: 3 }],
    ['binance:cm:ETHUSD_PERP:1h', Date.UTC(2023, 9, 1), { archiveMonthly: 9, archiveDaily: 0 }],
  ])('%s', async (key, from, files) => {
    const range = { from, to: TODAY + 6 * 3_600_000 };
    const { receipt, series } = await proven(key, range);
    expect(receipt.status).toBe('complete');
    expect(series).toMatchObject({ asked: barsOf(key, range), stored: barsOf(key, range), gaps: [], sources: files });
    expect(series.sources.rest).toBeGreaterThan(0);
  });

  it.each(['binance:um:ETHUSDT:1m', 'binance:cm:LINKUSD_PERP:5m'])('%s through REST alone', async (key) => {
    const range = { from: TODAY - 3 * DAY_MS, to: TODAY };
    const receipt = await bench.backfill(key, range, 'rest');
    expect(receipt).toMatchObject({
      status: 'complete',
      errors: [],
      series: [{ stored: barsOf(key, range), sources: { archiveMonthly: 0, archiveDaily: 0 } }],
    });
    expect(await bench.differences(key, range)).toEqual([]);
  });
});

describe('a contract that was delivered', () => {
  const from = Date.UTC(2024, 5, 25);

  it.each(['1m', '1h'])('is asked for beyond its delivery, or its last candles are lost (%s)', async (interval) => {
    const key = `binance:cm:BTCUSD_240628:${interval}`;
    const range = { from, to: DELIVERY + 2 * DAY_MS };
    const { receipt, series } = await proven(key, range);
    expect(receipt.status).toBe('complete_with_explained_gaps');
    expect(series).toMatchObject({ stored: barsOf(key, { from, to: DELIVERY }), stillMissing: 0 });
    expect(series.gaps).toMatchObject([{ from: DELIVERY, to: range.to, verdict: 'delisted' }]);
  });

  it('is looked for before its listing in thousands of requests, or its first candles are lost', async () => {
    const key = 'binance:cm:BTCUSD_240628:1m';
    const listed = Date.UTC(2023, 11, 29, 8);
    const range = { from: listed - 20 * DAY_MS, to: listed + DAY_MS };
    const { receipt, series, asked } = await proven(key, range);
    expect(receipt.status).toBe('complete_with_explained_gaps');
    expect(series.stored).toBe(barsOf(key, { from: listed, to: range.to }));
    expect(series.gaps).toMatchObject([{ from: range.from, to: listed, verdict: 'not_listed_yet' }]);
    expect(asked).toBeLessThan(10);
  });
});

describe('an outage of spot', () => {
  it('explains holes of futures, which went on trading through it', async () => {
    // Row 35 of the catalogue: spot halted on 2023-03-24 from 12:40 to 13:59.
    const range = { from: Date.UTC(2023, 2, 24, 12), to: Date.UTC(2023, 2, 24, 15) };
    const spot = await bench.backfill('binance:spot:BTCUSDT:1m', range);
    expect(spot.series[0]!.gaps).toMatchObject([{ bars: 80, verdict: 'exchange_outage' }]);
    for (const key of ['binance:um:BTCUSDT:1m', 'binance:cm:BTCUSD_PERP:1m']) {
      const { receipt } = await proven(key, range);
      expect(receipt).toMatchObject({ status: 'complete', series: [{ stored: 180, gaps: [] }] });
    }
  });
});
