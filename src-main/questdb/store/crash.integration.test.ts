import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { candleSeries, concatCandles, createCandleColumns, gridOf, MINUTE_MS } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing';
import { candleTableOf } from './candle-table';
import { encodeCandleLines } from './encode-candle-lines';

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());

it('would lose acknowledged candles, or end the writer, when QuestDB is killed in the middle', async () => {
  const series = candleSeries('BTCUSDT', '1m');
  const target = candleTableOf(series);
  await db.store.ensureCandleTable(series);
  const rows = 40_000;
  const per = 1_000;
  const start = Date.UTC(2020, 0);
  const candles = createCandleColumns(rows);
  candles.rows = rows;
  for (let i = 0; i < rows; i++) {
    candles.openTime[i] = start + i * MINUTE_MS;
    candles.open[i] = i;
  }
  const writer = db.store.openWriter();
  for (let from = 0; from < rows; from += per) {
    if (from === 10_000) {
      const record = readFileSync(join(db.workspace, 'questdb', 'tapemend-server.json'), 'utf8');
      const { process: java } = JSON.parse(record) as { process: { pid: number } };
      process.kill(java.pid, 'SIGKILL');
    }
    await writer.writeLines(encodeCandleLines(candles, from, from + per, target));
  }
  writer.close();
  await db.store.settle(series);
  expect(await db.store.content(series, gridOf('1m'))).toMatchObject({ bars: rows, present: [{ from: start }] });
  const parts = [];
  for await (const part of db.store.readCandles(series, { from: start, to: start + rows * MINUTE_MS }))
    parts.push(part);
  expect(concatCandles(parts)).toEqual(candles);
});
