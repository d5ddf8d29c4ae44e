import {
  type CandleColumns,
  type CandleSeries,
  candleSeries,
  concatCandles,
  countBars,
  createCandleColumns,
  DAY_MS,
  type Grid,
  gridOf,
  type Interval,
  intersectRanges,
  intervalMs,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  tableName,
} from '@shared/market';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing';
import { type CandleTable, candleTableOf } from './candle-table';
import { encodeCandleLines } from './encode-candle-lines';
import type { LedgerEntry } from './ledger';
import { QuestDbStore } from './quest-db-store';

const EPOCH = Date.UTC(2019, 11, 31, 22);

let db: TestDatabase;
let store: QuestDbStore;
let symbols = 0;

beforeAll(async () => {
  db = await startTestDatabase();
  store = db.store;
});
afterAll(() => db.close());

/** A series that no other test has touched. */
function freshSeries(interval: Interval = '1m'): CandleSeries {
  return candleSeries(`TEST${++symbols}USDT`, interval);
}

/** In one candle of three nothing is traded. */
function tradesAt(time: number): number {
  return Math.floor(time / 3_600_000) % 3;
}

function flatOf(times: readonly number[]): number {
  return new Set(times.filter((time) => tradesAt(time) === 0)).size;
}

function candlesAt(times: readonly number[]): CandleColumns {
  const candles = createCandleColumns(times.length);
  candles.rows = times.length;
  times.forEach((time, i) => {
    const price = 7000 + (i % 977) / 100;
    candles.openTime[i] = time;
    candles.open[i] = price;
    candles.high[i] = price + 1;
    candles.low[i] = price - 1;
    candles.close[i] = price + 0.5;
    candles.volume[i] = i % 13;
    candles.quoteVolume[i] = (i % 13) * price;
    candles.trades[i] = tradesAt(time);
    candles.takerBase[i] = (i % 13) / 2;
    candles.takerQuote[i] = ((i % 13) * price) / 2;
  });
  return candles;
}

async function write(series: CandleSeries, candles: CandleColumns, target?: CandleTable): Promise<void> {
  await store.ensureCandleTable(series);
  const writer = store.openWriter();
  try {
    for (let from = 0; from < candles.rows; from += 50_000) {
      const to = Math.min(candles.rows, from + 50_000);
      await writer.writeLines(encodeCandleLines(candles, from, to, target ?? candleTableOf(series)));
    }
    await store.settle(series);
  } finally {
    writer.close();
  }
}

async function readAll(candles: AsyncIterable<CandleColumns>): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  for await (const part of candles) parts.push(part);
  return concatCandles(parts);
}

/** Content by the definition: each row's bar, as a set. */
function expectedContent(grid: Grid, times: readonly number[]) {
  const bars = [...new Set(times.map((time) => grid.indexOf(time)))].sort((a, b) => a - b);
  return {
    bars: bars.length,
    first: bars.length > 0 ? grid.openAt(bars[0]!) : null,
    last: bars.length > 0 ? grid.openAt(bars.at(-1)!) : null,
    present: normalizeRanges(bars.map((bar) => ({ from: grid.openAt(bar), to: grid.openAt(bar + 1) }))),
    flat: flatOf(times),
  };
}

describe('a candle table', () => {
  it('would change a value on its way to the server and back', async () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      fc.constantFrom(5e-324, 1.7976931348623157e308, -0, 0.1 + 0.2),
    );
    const candle = fc.record({
      minute: fc.nat(4_000_000),
      ms: fc.nat(59_999),
      values: fc.tuple(value, value, value, value, value, value, value, value),
      trades: fc.nat(9_999_999_999),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(candle, { maxLength: 300, selector: ({ minute }) => minute }), async (list) => {
        const series = freshSeries();
        const sorted = list
          .map((each) => ({ ...each, time: each.minute * 60_000 + each.ms }))
          .sort((a, b) => a.time - b.time);
        const candles = candlesAt(sorted.map(({ time }) => time));
        sorted.forEach(({ values, trades }, i) => {
          candles.trades[i] = trades;
          [
            candles.open,
            candles.high,
            candles.low,
            candles.close,
            candles.volume,
            candles.quoteVolume,
            candles.takerBase,
            candles.takerQuote,
          ].forEach((column, field) => {
            column[i] = values[field]!;
          });
        });
        await write(series, candles);
        const back = await readAll(store.readCandles(series, { from: 0, to: Date.UTC(2100, 0) }, { batchRows: 70 }));
        expect(back).toEqual(candles);
        const seconds = await store.query<{ ts: number }>(`SELECT ts FROM "${tableName(series)}" ORDER BY timestamp`);
        expect(seconds.map(({ ts }) => ts)).toEqual(sorted.map(({ time }) => Math.floor(time / 1000)));
      }),
      { numRuns: 12 },
    );
  });

  it('would hold a candle twice that is written twice, or keep its old values', async () => {
    const series = freshSeries();
    const candles = candlesAt([EPOCH, EPOCH + MINUTE_MS]);
    await write(series, candles);
    candles.close[1] = 1.25;
    await write(series, candles);
    await store.writeLines(encodeCandleLines(candles, 1, 2, candleTableOf(series)));
    await store.settle(series);
    expect(await readAll(store.readCandles(series, { from: 0, to: EPOCH + DAY_MS }))).toEqual(candles);
    expect(await store.countRows(series, { from: EPOCH, to: EPOCH + MINUTE_MS })).toBe(1);
  });

  it.each([
    ['trades DOUBLE', /"trades" is DOUBLE instead of LONG/, /trades LONG/],
    ['taker_quote DOUBLE, note VARCHAR', /"note"/, /taker_quote DOUBLE/],
    ['', /"volume" is missing/, / {2}volume DOUBLE,\n/],
    ['KEYS(timestamp, node_id)', /"interval" is not one of the keys/, /KEYS\(timestamp, node_id, interval\)/],
  ])('would be written to although its shape differs: %s', async (other, sentence, ours) => {
    const { candleTableStatement } = await import('./ensure-candle-table');
    const series = freshSeries();
    await store.query(candleTableStatement(candleTableOf(series)).replace(ours, other));
    await expect(store.ensureCandleTable(series)).rejects.toMatchObject({ code: 'questdb.schema' });
    await expect(store.ensureCandleTable(series)).rejects.toThrow(sentence);
  });

  it('would be partitioned by the year for seconds', async () => {
    const units = [];
    for (const interval of ['1s', '1m', '1M'] as const) {
      const series = freshSeries(interval);
      await store.ensureCandleTable(series);
      await store.ensureCandleTable(series);
      const [row] = await store.query<{ partitionBy: string; dedup: boolean }>(
        'SELECT partitionBy, dedup FROM tables() WHERE table_name = $1',
        [tableName(series)],
      );
      units.push(row);
    }
    expect(units).toEqual(['MONTH', 'YEAR', 'YEAR'].map((partitionBy) => ({ partitionBy, dedup: true })));
  });

  it('would answer lines for a missing table or of wrong types with silence', async () => {
    const series = freshSeries();
    const lines = encodeCandleLines(candlesAt([EPOCH]), 0, 1, candleTableOf(series));
    await expect(store.writeLines(lines)).rejects.toMatchObject({ code: 'questdb.no_table' });
    await store.ensureCandleTable(series);
    const wrong = Buffer.from(`${tableName(series)},node_id=a interval=60i,trades=1.5 1577836800000\n`);
    await expect(store.writeLines(wrong)).rejects.toMatchObject({ code: 'questdb.bad_lines', data: { line: 1 } });
  });

  it('would be an error, not an emptiness, when it does not exist', async () => {
    const series = freshSeries();
    const range = { from: 0, to: DAY_MS };
    expect(await store.content(series, gridOf('1m'))).toEqual(expectedContent(gridOf('1m'), []));
    expect(await store.contentVersion(series)).toBeNull();
    expect(await store.countRows(series, range)).toBe(0);
    expect((await readAll(store.readCandles(series, range))).rows).toBe(0);
    expect((await readAll(store.readAggregated(series, range, 100))).rows).toBe(0);
  });
});

describe('content', () => {
  it('would miss a gap, of one minute or 100,000, or an off-grid row in a million rows of four years', async () => {
    const series = freshSeries();
    const grid = gridOf('1m');
    const holes: Range[] = [
      { from: EPOCH + 200_000 * MINUTE_MS, to: EPOCH + 200_100 * MINUTE_MS },
      { from: EPOCH + 300_000 * MINUTE_MS, to: EPOCH + 300_001 * MINUTE_MS },
      // Over the border of a year.
      { from: EPOCH + 500_000 * MINUTE_MS, to: EPOCH + 600_000 * MINUTE_MS },
    ];
    const times: number[] = [];
    for (let i = 0; i < 1_153_601; i++) {
      const time = EPOCH + i * MINUTE_MS;
      if (!holes.some(({ from, to }) => time >= from && time < to)) times.push(time);
    }
    const offGrid = EPOCH + 550_000 * MINUTE_MS + 30_000;
    times.push(offGrid);
    times.sort((a, b) => a - b);
    await write(series, candlesAt(times));
    const end = EPOCH + 1_153_601 * MINUTE_MS;
    expect(await store.content(series, grid)).toEqual({
      bars: times.length,
      first: EPOCH,
      last: end - MINUTE_MS,
      present: [
        { from: EPOCH, to: holes[0]!.from },
        { from: holes[0]!.to, to: holes[1]!.from },
        { from: holes[1]!.to, to: holes[2]!.from },
        { from: offGrid - 30_000, to: offGrid + 30_000 },
        { from: holes[2]!.to, to: end },
      ],
      flat: flatOf(times),
    });
    const year = { from: Date.UTC(2021, 0), to: Date.UTC(2022, 0) };
    expect((await store.content(series, grid, year)).bars).toBe(
      times.filter((time) => time >= year.from && time < year.to).length,
    );
    let rows = 0;
    for await (const part of store.readCandles(series, { from: 0, to: Date.UTC(2100, 0) })) rows += part.rows;
    expect(rows).toBe(times.length);
  });

  it('would differ from the rows of any interval, on the grid or off it', async () => {
    const intervals = ['1s', '1m', '5m', '1h', '12h', '1d', '3d', '1w', '1M'] as const;
    const scenario = fc.record({
      interval: fc.constantFrom(...intervals),
      phase: fc.constantFrom(0, 1, 2),
      bars: fc.array(fc.nat(60), { maxLength: 40 }),
      shifts: fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 6 }),
      cut: fc.option(fc.tuple(fc.nat(60), fc.nat(60)), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ interval, phase, bars, shifts, cut }) => {
        const series = freshSeries(interval);
        const grid = gridOf(interval, phase);
        const base = grid.indexOf(EPOCH);
        const times = bars.map((bar, i) => {
          const shift = i % 3 === 0 ? (shifts[i % shifts.length] ?? 0) : 0;
          return (
            grid.openAt(base + bar) + Math.floor((shift * Math.min(intervalMs(interval), 28 * DAY_MS)) / 1000) * 1000
          );
        });
        await write(series, candlesAt(times));
        expect(await store.content(series, grid)).toEqual(expectedContent(grid, times));
        if (!cut) return;
        const range = { from: grid.openAt(base + Math.min(...cut)) + 1, to: grid.openAt(base + Math.max(...cut)) + 1 };
        const within = times.filter(
          (time) => countBars(grid, { from: grid.openAt(grid.indexOf(time)), to: time + 1 }) === 1,
        );
        const inside = within.filter((time) => {
          const open = grid.openAt(grid.indexOf(time));
          return open >= range.from && open < range.to;
        });
        expect(await store.content(series, grid, range)).toEqual(expectedContent(grid, inside));
      }),
      { numRuns: 60 },
    );
  });

  it('would prove a bar that has no row of its own, or doubt one that has', async () => {
    const scenario = fc.record({
      interval: fc.constantFrom(...(['1m', '1h', '3d', '1w', '1M'] as const)),
      bars: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 30 }),
      shifted: fc.array(fc.nat(30), { maxLength: 3 }),
      others: fc.array(fc.nat(30), { maxLength: 5 }),
      runs: fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 8 })), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ interval, bars, shifted, others, runs: wanted }) => {
        const series = freshSeries(interval);
        const grid = gridOf(interval, 2);
        const base = grid.indexOf(EPOCH);
        const openOf = (bar: number) => grid.openAt(base + bar);
        // A second row in the bar of a first must not stand for a bar that has none.
        const times = [...bars.map(openOf), ...shifted.map((bar) => openOf(bar) + 15_000)];
        await write(series, candlesAt(times));
        await write(series, candlesAt(others.map(openOf)), { ...candleTableOf(series), nodeId: 'blake3:other' });
        const runs = normalizeRanges(
          wanted.map(([from, length]) => ({ from: openOf(from), to: openOf(from + length) })),
        );
        const { present } = await store.content(series, grid);
        const proven = await store.presentAmong(series, grid, runs);
        expect(intersectRanges(runs, proven.present)).toEqual(intersectRanges(runs, present));
        const inside = times.filter((time) => runs.some(({ from, to }) => from <= time && time < to));
        expect(proven.flat).toBe(flatOf(inside));
        expect(await store.countFlat(series, runs[0] ?? { from: 0, to: 1 })).toBe(
          flatOf(inside.filter((time) => time < (runs[0]?.to ?? 0))),
        );
      }),
      { numRuns: 40 },
    );
    const nowhere = [{ from: EPOCH, to: EPOCH + DAY_MS }];
    expect(await store.presentAmong(freshSeries(), gridOf('1m'), nowhere)).toEqual({ present: [], flat: 0 });
  });

  it('would count rows of another stream in the same table, or read them as candles', async () => {
    const series = freshSeries();
    const own = [EPOCH, EPOCH + 2 * MINUTE_MS];
    await write(series, candlesAt(own));
    const other = candlesAt([EPOCH, EPOCH + MINUTE_MS, EPOCH + 2 * MINUTE_MS]);
    await write(series, other, { ...candleTableOf(series), nodeId: 'blake3:other' });
    await write(series, other, { ...candleTableOf(series), intervalSeconds: 300 });
    const grid = gridOf('1m');
    expect(await store.content(series, grid)).toEqual(expectedContent(grid, own));
    expect((await readAll(store.readCandles(series, { from: 0, to: EPOCH + DAY_MS }))).rows).toBe(2);
    expect(await store.countRows(series, { from: 0, to: EPOCH + DAY_MS })).toBe(2);
  });

  it('would be taken as unchanged after a write, a correction, or a table made anew', async () => {
    const series = freshSeries();
    const versions = new Set<string | null>([await store.contentVersion(series)]);
    await write(series, candlesAt([EPOCH]));
    versions.add(await store.contentVersion(series));
    expect(await store.contentVersion(series)).toBe([...versions].at(-1));
    expect((await store.tablesOverview()).get(tableName(series))).toEqual({
      rows: 1,
      first: EPOCH,
      last: EPOCH,
      version: [...versions].at(-1),
    });
    await write(series, candlesAt([EPOCH + MINUTE_MS]));
    versions.add(await store.contentVersion(series));
    await store.query(`DROP TABLE "${tableName(series)}"`);
    versions.add(await store.contentVersion(series));
    await write(series, candlesAt([EPOCH]));
    versions.add(await store.contentVersion(series));
    await write(series, candlesAt([EPOCH + MINUTE_MS]));
    versions.add(await store.contentVersion(series));
    expect(versions.size).toBe(5);
  });

  it('would look changed or lose its counts after the server was started again', async () => {
    const series = freshSeries();
    await write(series, candlesAt([EPOCH, EPOCH + MINUTE_MS]));
    const before = await store.tablesOverview();
    const version = await store.contentVersion(series);
    await db.server.stop();
    await db.server.start();
    expect(await store.contentVersion(series)).toBe(version);
    expect(await store.tablesOverview()).toEqual(before);
  });
});

describe('reading', () => {
  it('would go on at the server, or hang, when the reader leaves or cancels', async () => {
    const series = freshSeries();
    await write(series, candlesAt(Array.from({ length: 200_000 }, (_, i) => EPOCH + i * MINUTE_MS)));
    const range = { from: EPOCH, to: EPOCH + 200_000 * MINUTE_MS };
    const cancel = new AbortController();
    const reader = store.readCandles(series, range, { signal: cancel.signal, batchRows: 1_000 });
    expect((await reader.next()).value).toMatchObject({ rows: 1_000 });
    cancel.abort(new Error('enough'));
    await expect(reader.next()).rejects.toThrow('enough');
    for await (const part of store.readCandles(series, range, { batchRows: 1_000 })) {
      expect(part.openTime[0]).toBe(EPOCH);
      break;
    }
    const waiting = store.readCandles(series, range, { signal: AbortSignal.abort(new Error('before')) });
    await expect(waiting.next()).rejects.toThrow('before');
    const busy = async () =>
      (await store.query<{ query: string }>('SELECT query FROM query_activity()')).filter(({ query }) =>
        query.includes(`FROM "${tableName(series)}"`),
      ).length;
    for (const deadline = Date.now() + 10_000; (await busy()) > 0; ) {
      if (Date.now() > deadline) throw new Error('a query goes on');
    }
  });

  it('would aggregate into more candles than asked for, or into wrong ones', async () => {
    const series = freshSeries();
    const candles = candlesAt(Array.from({ length: 10_000 }, (_, i) => EPOCH + i * MINUTE_MS));
    await write(series, candles);
    const range = { from: EPOCH, to: EPOCH + 10_000 * MINUTE_MS };
    expect(await readAll(store.readAggregated(series, range, 10_000))).toEqual(candles);
    const coarse = await readAll(store.readAggregated(series, { from: 0, to: Date.UTC(2030, 0) }, 1_000));
    expect(coarse.rows).toBeLessThanOrEqual(1_000);
    const width = coarse.openTime[2]! - coarse.openTime[1]!;
    expect(width).toBe(15 * MINUTE_MS);
    for (const at of [0, 1, coarse.rows - 1]) {
      const open = coarse.openTime[at]!;
      const first = (open - EPOCH) / MINUTE_MS;
      const last = Math.min(first + 15, 10_000) - 1;
      const slice = (column: Float64Array) => [...column.subarray(first, last + 1)];
      const sum = (column: Float64Array) => slice(column).reduce((total, value) => total + value, 0);
      expect(coarse.open[at]).toBe(candles.open[first]);
      expect(coarse.close[at]).toBe(candles.close[last]);
      expect(coarse.high[at]).toBe(Math.max(...slice(candles.high)));
      expect(coarse.low[at]).toBe(Math.min(...slice(candles.low)));
      expect(coarse.trades[at]).toBe(sum(candles.trades));
      expect(coarse.volume[at]).toBeCloseTo(sum(candles.volume), 6);
    }
  });
});

describe('suspended tables', () => {
  it('would hold back acknowledged rows for ever', async () => {
    const series = freshSeries();
    await write(series, candlesAt([EPOCH]));
    await store.query(`ALTER TABLE "${tableName(series)}" SUSPEND WAL`);
    await store.writeLines(encodeCandleLines(candlesAt([EPOCH + MINUTE_MS]), 0, 1, candleTableOf(series)));
    await store.settle(series);
    expect(await store.countRows(series, { from: EPOCH, to: EPOCH + DAY_MS })).toBe(2);
  });
});

describe('ledger and followed series', () => {
  it('would lose, double or change an entry', async () => {
    const entry = (at: number, key: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
      at,
      key,
      source: 'rest',
      outcome: 'answered',
      range: { from: EPOCH, to: EPOCH + DAY_MS },
      rows: 1440,
      absent: [],
      evidence: '',
      jobId: 'job-1',
      ...more,
    });
    const odd = entry(EPOCH + 5, 'binance:spot:AUSDT:1m', {
      source: 'archiveDaily',
      outcome: 'failed',
      absent: [{ from: EPOCH, to: EPOCH + 1 }],
      evidence: `it's "quoted", 東京, line\nbreak`,
    });
    const later = entry(EPOCH + 9, 'binance:spot:AUSDT:1m');
    const other = entry(EPOCH + 1, 'binance:spot:BUSDT:1m', { source: 'stream', outcome: 'first_candle' });
    await store.ledgerAppend([later, other]);
    await store.ledgerAppend([odd, later]);
    await store.ledgerAppend([]);
    expect(await store.ledgerRead(['binance:spot:AUSDT:1m'])).toEqual([odd, later]);
    expect(await store.ledgerRead()).toEqual([other, odd, later]);
    expect(await store.ledgerRead([])).toEqual([]);
    const many = Array.from({ length: 1_200 }, (_, i) => entry(EPOCH + 100 + i, `binance:spot:C${i}:1m`));
    await store.ledgerAppend(many);
    expect(await store.ledgerRead(many.map(({ key }) => key))).toEqual(many);
  });

  it('would forget which series are followed, also when the clock is set back', async () => {
    let now = EPOCH + DAY_MS;
    const followed = new QuestDbStore(db.address, { now: () => now });
    await followed.trackSeries(['a', 'b', 'c'], true);
    now = EPOCH;
    await followed.trackSeries(['b'], false);
    expect(await followed.trackedSeries()).toEqual(['a', 'c']);
    await followed.trackSeries(['b'], true);
    expect(await followed.trackedSeries()).toEqual(['a', 'b', 'c']);
    await followed.close();
  });
});
