import { createTradeColumns, type Series, type TradeColumns, tableName } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing';
import { encodeTradeLines } from './encode-trade-lines';
import { tradeTableOf } from './trade-table';

let db: TestDatabase;
let symbols = 0;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());

const START_MS = Date.UTC(2024, 1, 29, 23, 59);

function freshSeries(): Series {
  return { exchange: 'binance', market: 'spot', symbol: `T${++symbols}USDT`, kind: 'aggTrade', interval: null };
}

/** Trades with ids from `firstId`; `timeAt` gives milliseconds (with fractions) since the start. */
function tradesOf(rows: number, firstId: number, timeAt: (i: number) => number): TradeColumns {
  const trades = createTradeColumns(rows);
  trades.rows = rows;
  for (let i = 0; i < rows; i++) {
    trades.time[i] = START_MS * 1_000 + Math.round(timeAt(i) * 1_000);
    trades.aggId[i] = firstId + i;
    trades.price[i] = 60_000 + (i % 977) / 100;
    trades.quantity[i] = 0.00001 * (1 + (i % 313));
    trades.firstId[i] = 5_000_000_000 + 3 * i;
    trades.lastId[i] = 5_000_000_000 + 3 * i + (i % 3);
    trades.buyerMaker[i] = i % 2;
  }
  return trades;
}

async function write(
  series: Series,
  trades: TradeColumns,
  pieces: readonly (readonly [number, number])[],
): Promise<void> {
  await db.store.ensureTradeTable(series);
  const writer = db.store.openWriter('us');
  try {
    for (const [from, to] of pieces) await writer.writeLines(encodeTradeLines(trades, from, to, tradeTableOf(series)));
  } finally {
    writer.close();
  }
  await db.store.settle(series);
}

async function readAll(series: Series, batchRows?: number): Promise<{ trades: TradeColumns; batches: number[] }> {
  const parts: TradeColumns[] = [];
  const range = { from: 0, to: Date.UTC(2100, 0) };
  for await (const part of db.store.readTrades(series, range, batchRows ? { batchRows } : {})) parts.push(part);
  const trades = createTradeColumns(parts.reduce((sum, part) => sum + part.rows, 0));
  for (const part of parts) {
    for (const field of ['time', 'aggId', 'price', 'quantity', 'firstId', 'lastId', 'buyerMaker'] as const)
      trades[field].set(part[field].subarray(0, part.rows), trades.rows);
    trades.rows += part.rows;
  }
  return { trades, batches: parts.map(({ rows }) => rows) };
}

it('would change a value of 100,000 trades, tear an instant apart, or forget their order within a microsecond', async () => {
  const series = freshSeries();
  // 3,000 trades share one microsecond, 7,000 one millisecond; the day ends in between.
  const trades = tradesOf(100_000, 3_999_999_000, (i) => {
    if (i < 20_000) return i * 2;
    if (i < 23_000) return 50_000;
    if (i < 30_000) return 50_001 + Math.floor((i - 23_000) / 10) / 1_000;
    return 50_010 + (i - 30_000) * 1.001;
  });
  const expected = structuredClone(trades);
  await write(series, trades, [
    [60_000, 100_000],
    [21_500, 60_000],
    [0, 22_000],
  ]);
  const { trades: back, batches } = await readAll(series, 1_000);
  expect(back).toEqual(expected);
  expect(batches.length).toBeGreaterThan(50);
  expect((await readAll(series)).trades).toEqual(expected);
  expect(await db.store.tradeContent(series)).toEqual({
    rows: 100_000,
    runs: [
      {
        firstId: 3_999_999_000,
        lastId: 4_000_098_999,
        firstTime: expected.time[0],
        lastTime: expected.time[99_999],
      },
    ],
  });
  const [{ days } = { days: 0 }] = await db.store.query<{ days: number }>(
    `SELECT count() days FROM table_partitions('${tableName(series)}')`,
  );
  expect(days).toBe(2);
});

it('would miss a lost id, also inside a microsecond, or count trades outside the range or of another stream', async () => {
  const series = freshSeries();
  const trades = tradesOf(1_000, 500, (i) => (i < 400 ? 0 : i < 600 ? 10 : i));
  const kept: [number, number][] = [
    [500, 550],
    [551, 1_000],
    [100, 450],
    [460, 500],
    [0, 99],
  ];
  await write(series, trades, kept);
  const foreign = encodeTradeLines(trades, 0, 1_000, { ...tradeTableOf(series), nodeId: 'other' });
  const writer = db.store.openWriter('us');
  await writer.writeLines(foreign);
  writer.close();
  await db.store.settle(series);
  const run = (from: number, to: number) => ({
    firstId: 500 + from,
    lastId: 500 + to - 1,
    firstTime: trades.time[from],
    lastTime: trades.time[to - 1],
  });
  expect(await db.store.tradeContent(series)).toEqual({
    rows: 988,
    runs: [run(0, 99), run(100, 450), run(460, 550), run(551, 1_000)],
  });
  expect(await db.store.tradeContent(series, { from: START_MS + 1, to: START_MS + 700 })).toEqual({
    rows: 700 - 400 - 11,
    runs: [run(400, 450), run(460, 550), run(551, 700)],
  });
  expect((await readAll(series, 7)).trades.rows).toBe(988);
});

it('would hold a trade twice that is written twice, or be an error without a table', async () => {
  const series = freshSeries();
  expect(await db.store.tradeContent(series)).toEqual({ rows: 0, runs: [] });
  expect((await readAll(series)).trades.rows).toBe(0);
  await db.store.ensureTradeTable(series);
  expect(await db.store.tradeContent(series)).toEqual({ rows: 0, runs: [] });
  const trades = tradesOf(10, 1, () => 0);
  await write(series, trades, [[0, 10]]);
  await write(series, trades, [[5, 10]]);
  expect((await readAll(series)).trades).toEqual(trades);
  await db.store.query(`DROP TABLE "${tableName(series)}"`);
  await db.store.query(
    `CREATE TABLE "${tableName(series)}" (timestamp TIMESTAMP, agg_id LONG) TIMESTAMP(timestamp) PARTITION BY DAY WAL`,
  );
  await expect(db.store.ensureTradeTable(series)).rejects.toMatchObject({ code: 'questdb.schema' });
});
