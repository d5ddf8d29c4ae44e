import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseCandleSeriesKey, type Range, tableName } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowOf, rowOfExchange, startTestBench, type TestBench } from './testing';

const BTC = 'binance:spot:BTCUSDT:1m';
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const day = (text: string, days = 1): Range => ({
  from: Date.parse(`${text}T00:00Z`),
  to: Date.parse(`${text}T00:00Z`) + days * 86_400_000,
});

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterAll(() => bench.close());

async function expectTruth(key: string, range: Range): Promise<number> {
  const { symbol, interval } = parseCandleSeriesKey(key)!;
  const stored = await bench.stored(key, range);
  const truth = await bench.truth(symbol, interval, range);
  expect(stored.rows).toBe(truth.length);
  for (let i = 0; i < truth.length; i++) expect(rowOf(stored, i)).toEqual(rowOfExchange(truth[i]!));
  return truth.length;
}

describe('a backfill', () => {
  it('stores every value of archives and REST exactly, explains the outage inside, and asks nothing twice', async () => {
    // 2023-03-24 12:40 to 13:59 is missing at the exchange; the month comes from its archive, the days behind it from REST.
    const range = { from: Date.UTC(2023, 2, 20), to: Date.UTC(2023, 3, 1, 1) };
    const receipt = await bench.backfill(BTC, range);
    expect(receipt.errors).toEqual([]);
    expect(receipt.status).toBe('complete_with_explained_gaps');
    const [series] = receipt.series;
    expect(series).toMatchObject({ asked: 17_340, alreadyPresent: 0, stored: 17_260, stillMissing: 0 });
    expect(series!.gaps).toMatchObject([
      { from: Date.UTC(2023, 2, 24, 12, 40), to: Date.UTC(2023, 2, 24, 14), bars: 80, verdict: 'exchange_outage' },
    ]);
    expect(series!.gaps[0]!.evidence.length).toBeGreaterThan(1);
    expect(series!.sources.archiveDaily + series!.sources.archiveMonthly).toBeGreaterThan(0);
    expect(series!.sources.rest).toBeGreaterThan(0);
    await expectTruth(BTC, range);

    const before = bench.practice.counters().candleRequests;
    const again = await bench.backfill(BTC, range);
    expect(bench.practice.counters().candleRequests).toBe(before);
    expect(again).toMatchObject({
      status: 'complete_with_explained_gaps',
      series: [{ alreadyPresent: 17_260, stored: 0 }],
    });
  });

  it('fetches exactly the missing minutes of a series with three holes', async () => {
    const key = 'binance:spot:ETHUSDT:1m';
    const whole = day('2024-05-01', 3);
    const holes = [
      day('2024-05-02').from + 3_600_000,
      day('2024-05-02').from + 8 * 3_600_000,
      day('2024-05-03').from,
    ].map((from, index) => ({
      from,
      to: from + [60_000, 90 * 60_000, 3_600_000][index]!,
    }));
    for (const part of [
      { from: whole.from, to: holes[0]!.from },
      { from: holes[0]!.to, to: holes[1]!.from },
      { from: holes[1]!.to, to: holes[2]!.from },
      { from: holes[2]!.to, to: whole.to },
    ]) {
      await bench.backfill(key, part);
    }
    const plan = await bench.services.backfill.plan({ items: [{ key, range: whole }], source: 'auto' });
    expect(plan.series[0]!.gaps).toEqual(holes);
    expect(plan.totals.bars).toBe(151);
    const receipt = await bench.backfill(key, whole);
    expect(receipt).toMatchObject({
      status: 'complete',
      series: [{ asked: 4_320, alreadyPresent: 4_169, stored: 151, stillMissing: 0, gaps: [] }],
    });
    await expectTruth(key, whole);
  });

  it('a range before listing is explained, and nothing but the first candle is asked for', async () => {
    const key = 'binance:spot:SOLUSDT:1m';
    const receipt = await bench.backfill(key, day('2019-01-01'));
    expect(receipt).toMatchObject({
      status: 'complete_with_explained_gaps',
      series: [{ stored: 0, gaps: [{ verdict: 'not_listed_yet', bars: 1_440 }] }],
    });
  });

  it('the running candle is never stored', async () => {
    const key = 'binance:spot:BNBUSDT:1m';
    const receipt = await bench.backfill(key, { from: NOW - 10 * 60_000 - 30_000, to: NOW + 5 * 60_000 });
    expect(receipt.series[0]!.gaps).toMatchObject([{ verdict: 'not_closed_yet' }]);
    expect(receipt.status).toBe('complete_with_explained_gaps');
    const stored = await bench.stored(key, day('2024-06-20'));
    expect(stored.openTime[stored.rows - 1]! + 60_000).toBeLessThanOrEqual(bench.services.exchange.now());
  });

  it.each(['1s', '3m', '15m', '1h', '4h', '1d', '3d', '1w', '1M'])(
    'interval %s: grid, rows and archives agree',
    async (interval) => {
      const key = `binance:spot:LTCUSDT:${interval}`;
      const range =
        interval === '1s'
          ? { from: Date.UTC(2024, 4, 1, 5), to: Date.UTC(2024, 4, 1, 6) }
          : { from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 4, 1) };
      const receipt = await bench.backfill(key, range);
      expect(receipt.errors).toEqual([]);
      expect(receipt.status).toBe('complete');
      const rows = await expectTruth(key, range);
      expect(receipt.series[0]).toMatchObject({ asked: rows, stored: rows });
      const report = await bench.services.coverage.report(parseCandleSeriesKey(key)!, range);
      expect(report.spans.every((span) => span.verdict === 'present')).toBe(true);
    },
  );
});

describe('bad weather', () => {
  const key = 'binance:spot:ADAUSDT:1m';

  it('a checksum that does not match is a finding, never a row: the next tier delivers', async () => {
    bench.practice.setFaults([
      { match: { kind: 'archive', symbol: 'ADAUSDT' }, effect: 'bad_checksum' },
      { match: { kind: 'checksum', symbol: 'ADAUSDT' }, effect: 'bad_checksum' },
    ]);
    const receipt = await bench.backfill(key, day('2024-04-02', 2));
    bench.practice.setFaults([]);
    expect(receipt.status).toBe('complete');
    expect(receipt.series[0]!.sources).toMatchObject({ archiveDaily: 0, archiveMonthly: 0 });
    expect(receipt.series[0]!.findings.join()).toMatch(/SHA-256|checksum/i);
    await expectTruth(key, day('2024-04-02', 2));
  });

  it.each([
    ['malformed_row', '2024-04-05'],
    ['truncated_zip', '2024-04-07'],
    ['ohlc_violation', '2024-04-09'],
    ['lacks_day', '2024-04-11'],
    ['missing', '2024-04-13'],
  ] as const)('an archive with %s loses no bar and stores none that is wrong', async (effect, from) => {
    bench.practice.setFaults([{ match: { kind: 'archive', symbol: 'ADAUSDT' }, effect }]);
    const receipt = await bench.backfill(key, day(from));
    bench.practice.setFaults([]);
    expect(receipt.status).toBe('complete');
    await expectTruth(key, day(from));
  });

  it('a storm of 500 and 503 costs retries, not candles', async () => {
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'status', status: 503, times: 3 }]);
    const range = { from: Date.UTC(2024, 3, 20), to: Date.UTC(2024, 3, 20, 2) };
    const receipt = await bench.backfill(key, range);
    bench.practice.setFaults([]);
    expect(receipt).toMatchObject({ status: 'complete', series: [{ stored: 120 }] });
    expect(receipt.retries).toBeGreaterThan(0);
  });

  it('what fails for good is named fetch_failed with the reason, and the next run repairs it', async () => {
    const range = { from: Date.UTC(2024, 3, 22), to: Date.UTC(2024, 3, 22, 2) };
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'status', status: 500 }]);
    const receipt = await bench.backfill(key, range);
    bench.practice.setFaults([]);
    expect(receipt.status).toBe('failed');
    expect(receipt.series[0]).toMatchObject({
      stored: 0,
      stillMissing: 120,
      gaps: [{ verdict: 'fetch_failed', bars: 120 }],
    });
    expect(receipt.series[0]!.gaps[0]!.evidence.length).toBeGreaterThan(0);
    expect(await bench.backfill(key, range)).toMatchObject({ status: 'complete' });
  }, 180_000);

  it('rows that somebody deleted are unexplained and come back', async () => {
    const range = { from: Date.UTC(2024, 3, 24), to: Date.UTC(2024, 3, 24, 1) };
    await bench.backfill(key, range);
    const { store, coverage } = bench.services;
    const series = parseCandleSeriesKey(key)!;
    await store.query(`TRUNCATE TABLE "${tableName(series)}"`);
    await coverage.refresh(series);
    expect((await coverage.report(series, range)).spans).toMatchObject([{ verdict: 'unexplained', bars: 60 }]);
    expect(await bench.backfill(key, range)).toMatchObject({ status: 'complete', series: [{ stored: 60 }] });
  });
});

const REAL = resolve(import.meta.dirname, '../../../shared/data');

describe.skipIf(!existsSync(REAL))('the three real BTCUSDT days of January 2020', () => {
  it('come from their real archives: 4,320 rows, every value equal to the file', async () => {
    const real = await startTestBench({ dataRoot: REAL });
    try {
      const range = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2020, 0, 4) };
      const receipt = await real.backfill(BTC, range);
      expect(receipt).toMatchObject({
        status: 'complete',
        series: [{ stored: 4_320, sources: { archiveDaily: 3, archiveMonthly: 0, rest: 0 } }],
      });
      const stored = await real.stored(BTC, range);
      const truth = await real.truth('BTCUSDT', '1m', range);
      expect(truth).toHaveLength(4_320);
      // The first row of the published file, as the facts quote it: the truth is the file, not the generator.
      expect(truth[0]!.slice(0, 6)).toEqual([
        1_577_836_800_000,
        '7195.24000000',
        '7196.25000000',
        '7183.14000000',
        '7186.68000000',
        '51.64281200',
      ]);
      for (let i = 0; i < truth.length; i++) expect(rowOf(stored, i)).toEqual(rowOfExchange(truth[i]!));
    } finally {
      await real.close();
    }
  });
});
