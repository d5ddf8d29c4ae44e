import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CandleSeries,
  candleSeries,
  concatCandles,
  createCandleColumns,
  createTradeColumns,
  type Interval,
  intervalMs,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  type Series,
  tableName,
} from '@shared/market';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing';
import { type CandleTable, candleTableOf } from './candle-table';
import { DELETE_STEPS } from './delete-rows';
import { encodeCandleLines } from './encode-candle-lines';
import { encodeTradeLines } from './encode-trade-lines';
import { tradeTableOf } from './trade-table';

const START = Date.UTC(2019, 11, 31, 12);

let db: TestDatabase;
let folder: string;
let symbols = 0;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-deletes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (bar: number) => START + bar * MINUTE_MS;
const bars = (from: number, to: number): Range => ({ from: at(from), to: at(to) });

/** A series whose minutes [0, rows) are stored, with `salt` in their values. */
async function storedSeries(rows: number, interval: Interval = '1m'): Promise<CandleSeries> {
  const series = candleSeries(`DEL${++symbols}USDT`, interval);
  await db.store.ensureCandleTable(series);
  await write(series, 0, rows);
  return series;
}

async function write(series: CandleSeries, from: number, to: number, salt = 0, target?: CandleTable): Promise<void> {
  const candles = createCandleColumns(to - from);
  candles.rows = to - from;
  for (let i = 0; i < candles.rows; i++) {
    candles.openTime[i] = START + (from + i) * intervalMs(series.interval);
    candles.open[i] = from + i;
    candles.close[i] = salt;
  }
  await db.store.writeLines(encodeCandleLines(candles, 0, candles.rows, target ?? candleTableOf(series)));
  await db.store.settle(series);
}

/** Bars that are stored, each with the salt of its row. */
async function stored(series: CandleSeries): Promise<Map<number, number>> {
  const parts = [];
  for await (const part of db.store.readCandles(series, { from: 0, to: Date.UTC(2100, 0) })) parts.push(part);
  const candles = concatCandles(parts);
  const found = new Map<number, number>();
  for (let i = 0; i < candles.rows; i++) {
    if (candles.openTime[i] !== START + candles.open[i]! * intervalMs(series.interval))
      throw new Error(`the row ${i} is not the one that was written`);
    found.set(candles.open[i]!, candles.close[i]!);
  }
  expect(found.size).toBe(candles.rows);
  return found;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const leftovers = async () => ({
  files: readdirSync(folder),
  tables: (await db.store.query<{ name: string }>('SELECT name FROM wal_tables()'))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('tapemend_keep_')),
});
const NOTHING = { files: [], tables: [] };

describe('deleting rows', () => {
  it('would delete a row too many or too few, over the border of years and in any pattern', async () => {
    const pattern = fc.array(fc.tuple(fc.nat(1_500), fc.nat(120)), { minLength: 1, maxLength: 70 });
    await fc.assert(
      fc.asyncProperty(pattern, async (list) => {
        const series = await storedSeries(1_440);
        const ranges = list.map(([from, length]) => bars(from, from + length));
        const doomed = (bar: number) => ranges.some(({ from, to }) => from <= at(bar) && at(bar) < to);
        const count = await db.store.deleteRows(series, ranges, { folder });
        const staying = numbers(0, 1_440).filter((bar) => !doomed(bar));
        expect([...(await stored(series)).keys()]).toEqual(staying);
        expect(count).toBe(1_440 - staying.length);
        expect(await leftovers()).toEqual(NOTHING);
      }),
      { numRuns: 8 },
    );
  });

  it('would delete rows of other streams in the table, with or without a node id', async () => {
    const series = await storedSeries(100);
    await write(series, 0, 100, 0, { ...candleTableOf(series), nodeId: 'blake3:other' });
    await write(series, 0, 100, 0, { ...candleTableOf(series), intervalSeconds: 300 });
    const table = tableName(series);
    await db.store.query(
      `INSERT INTO "${table}" (timestamp, node_id, interval, ts) VALUES ('${new Date(at(50)).toISOString()}', null, 60, 1)`,
    );
    await db.store.settle(series);
    expect(await db.store.deleteRows(series, [bars(0, 60)], { folder })).toBe(60);
    expect([...(await stored(series)).keys()]).toEqual(numbers(60, 100));
    const rows = await db.store.query(`SELECT node_id, interval, count() n FROM "${table}" ORDER BY n, interval`);
    expect(rows).toEqual([
      { node_id: null, interval: 60, n: 1 },
      { node_id: candleTableOf(series).nodeId, interval: 60, n: 40 },
      { node_id: 'blake3:other', interval: 60, n: 100 },
      { node_id: candleTableOf(series).nodeId, interval: 300, n: 100 },
    ]);
  });

  it('would do work for nothing, or fail, where there is no such row or no table', async () => {
    const series = await storedSeries(10);
    const version = await db.store.contentVersion(series);
    expect(await db.store.deleteRows(series, [], { folder })).toBe(0);
    expect(await db.store.deleteRows(series, [bars(10, 1_000_000), bars(3, 3)], { folder })).toBe(0);
    expect(await db.store.contentVersion(series)).toBe(version);
    expect(await db.store.deleteRows(candleSeries('NEVER', '1m'), [bars(0, 10)], { folder })).toBe(0);
    expect(await db.store.deleteRows(series, [bars(0, 10)], { folder })).toBe(10);
    expect(await stored(series)).toEqual(new Map());
    await write(series, 2, 4);
    expect([...(await stored(series)).keys()]).toEqual([2, 3]);
  });

  it('would lose seconds at the border of a month, or trades of the same day', async () => {
    const seconds = await storedSeries(50_000, '1s');
    const second = (i: number) => START + i * 1_000;
    await db.store.deleteRows(seconds, [{ from: second(43_000), to: second(43_500) }], { folder });
    expect([...(await stored(seconds)).keys()]).toEqual([...numbers(0, 43_000), ...numbers(43_500, 50_000)]);

    const series: Series = { exchange: 'binance', market: 'spot', symbol: 'DELUSDT', kind: 'aggTrade', interval: null };
    const trades = createTradeColumns(1_000);
    trades.rows = 1_000;
    for (let i = 0; i < 1_000; i++) {
      trades.time[i] = (START + i * 100) * 1_000 + 999;
      trades.aggId[i] = i;
    }
    await db.store.ensureTradeTable(series);
    const writer = db.store.openWriter('us');
    await writer.writeLines(encodeTradeLines(trades, 0, 1_000, tradeTableOf(series)));
    writer.close();
    await db.store.settle(series);
    // The trade of the first bound's millisecond is in, that of the last one's is out.
    expect(await db.store.deleteRows(series, [{ from: START + 10_000, to: START + 20_000 }], { folder })).toBe(100);
    expect((await db.store.tradeContent(series)).runs.map(({ firstId, lastId }) => [firstId, lastId])).toEqual([
      [0, 99],
      [200, 999],
    ]);
  });

  it('would lose rows that a connection writes afterwards which was opened before', async () => {
    const series = await storedSeries(100);
    const writer = db.store.openWriter();
    const candles = createCandleColumns(40);
    candles.rows = 40;
    for (let i = 0; i < 40; i++) {
      candles.openTime[i] = at(100 + i);
      candles.open[i] = 100 + i;
    }
    await writer.writeLines(encodeCandleLines(candles, 0, 10, candleTableOf(series)));
    await db.store.settle(series);
    await db.store.deleteRows(series, [bars(20, 105)], { folder });
    for (let i = 10; i < 40; i += 10)
      await writer.writeLines(encodeCandleLines(candles, i, i + 10, candleTableOf(series)));
    writer.close();
    await db.store.settle(series);
    expect([...(await stored(series)).keys()]).toEqual([...numbers(0, 20), ...numbers(105, 140)]);
  });
});

describe('a delete that is cut off', () => {
  it.each(DELETE_STEPS)('would lose rows that stay when it ends behind the step "%s"', async (last) => {
    const series = await storedSeries(1_440);
    const cut = new Error('the power is gone');
    const wanted = [bars(100, 200), bars(800, 900)];
    const failing = db.store.deleteRows(series, wanted, {
      folder,
      onStep: (step) => {
        if (step === last) throw cut;
      },
    });
    await expect(failing).rejects.toBe(cut);
    await db.store.recoverDeletes(folder);
    expect(await leftovers()).toEqual(NOTHING);
    const staying = numbers(0, 1_440).filter((bar) => !(bar >= 100 && bar < 200) && !(bar >= 800 && bar < 900));
    const found = await stored(series);
    for (const bar of staying) expect(found.has(bar)).toBe(true);
    // The year it was at is as it was, or done; the other one is untouched.
    const inFirst = numbers(100, 200).filter((bar) => found.has(bar)).length;
    expect([0, 100]).toContain(inFirst);
    expect(numbers(800, 900).every((bar) => found.has(bar))).toBe(true);
    expect(await db.store.deleteRows(series, wanted, { folder })).toBe(100 + inFirst);
    expect([...(await stored(series)).keys()]).toEqual(staying);
  });

  it('would take rows away again that were written between the crash and the repair', async () => {
    const series = await storedSeries(1_000);
    const failing = db.store.deleteRows(series, [bars(100, 200)], {
      folder,
      onStep: (step) => {
        if (step === 'dropped') throw new Error('cut');
      },
    });
    await expect(failing).rejects.toThrow('cut');
    await write(series, 150, 160, 7);
    expect(await db.store.recoverDeletes(folder)).toBe(1);
    const found = await stored(series);
    expect([...found.keys()]).toEqual([...numbers(0, 100), ...numbers(150, 160), ...numbers(200, 1_000)]);
    expect(found.get(155)).toBe(7);
  });

  it('would be repaired by one program while another that lives is at it', async () => {
    const series = await storedSeries(100);
    const file = join(folder, `${tableName(series)}.delete.json`);
    await db.store.deleteRows(series, [bars(0, 10)], {
      folder,
      onStep: async (step) => {
        if (step !== 'dropped') return;
        expect(await db.store.recoverDeletes(folder)).toBe(0);
        await expect(db.store.deleteRows(series, [bars(10, 20)], { folder })).resolves.toBe(0);
        // Another program's journal, as this one would find it.
        const journal = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; processStart: string };
        writeFileSync(file, JSON.stringify({ ...journal, pid: process.ppid, processStart: '' }));
        expect(await db.store.recoverDeletes(folder)).toBe(0);
      },
    });
    expect([...(await stored(series)).keys()]).toEqual(numbers(10, 100));
    writeFileSync(file, '{"format":1,"pid":');
    await expect(db.store.deleteRows(series, [bars(0, 100)], { folder })).rejects.toMatchObject({
      code: 'workspace.bad_delete_journal',
    });
    expect([...(await stored(series)).keys()]).toEqual(numbers(10, 100));
  });

  it('would lose rows that another program writes while a partition is copied', async () => {
    const series = await storedSeries(1_000);
    let writes = 0;
    const stubborn = db.store.deleteRows(series, [bars(100, 200)], {
      folder,
      onStep: async (step) => {
        // The step is told again for each copy.
        if (step === 'journaled' && writes < 2) {
          writes++;
          db.store.query(rowInsert(series, 1_000 + writes)).catch(() => {});
        }
      },
    });
    await stubborn;
    await db.store.settle(series);
    expect([...(await stored(series)).keys()]).toEqual([
      ...numbers(0, 100),
      ...numbers(200, 1_000),
      ...(writes > 0 ? [1_001] : []),
      ...(writes > 1 ? [1_002] : []),
    ]);
  });
});

describe('rows kept for undoing', () => {
  it('would not come back as they were, or take rows along that the batch did not replace', async () => {
    const series = await storedSeries(1_000);
    const batch = `batch${symbols}`;
    expect(await db.store.saveRows(series, [bars(10, 20), bars(990, 1_010)], batch)).toBe(20);
    await write(series, 5, 30, 1);
    await write(series, 990, 1_010, 1);
    // A second time, as after a crash: by now the rows are the batch's own.
    expect(await db.store.saveRows(series, [bars(10, 20), bars(1_000, 1_010)], batch)).toBe(0);
    expect(await db.store.saveRows(series, [bars(15, 25)], batch)).toBe(5);
    expect(await db.store.savedBatches()).toContain(batch);
    expect(normalizeRanges(await db.store.savedRanges(series, batch))).toEqual([bars(10, 25), bars(990, 1_010)]);
    expect(await db.store.restoreRows(series, [bars(0, 18), bars(995, 2_000)], batch)).toBe(13);
    const found = await stored(series);
    const salted = (salt: number) => [...found].filter(([, value]) => value === salt).map(([bar]) => bar);
    expect(salted(1)).toEqual([...numbers(5, 10), ...numbers(18, 30), ...numbers(990, 995), ...numbers(1_000, 1_010)]);
    expect(found.size).toBe(1_010);
    await db.store.dropSaved(batch);
    expect(await db.store.savedBatches()).not.toContain(batch);
    await expect(db.store.restoreRows(series, [bars(0, 2_000)], batch)).rejects.toMatchObject({
      code: 'questdb.saved_rows_gone',
    });
  });

  it('would fail where a series has no table yet, or be asked for under a name that is none', async () => {
    const series = candleSeries('NOTYET', '1m');
    expect(await db.store.saveRows(series, [bars(0, 10)], 'first')).toBe(0);
    expect(await db.store.saveRows(series, [bars(0, 10)], 'first')).toBe(0);
    expect(await db.store.savedRanges(series, 'first')).toEqual([{ ...bars(0, 10), kept: 0 }]);
    expect(await db.store.restoreRows(series, [bars(0, 10)], 'first')).toBe(0);
    await expect(db.store.saveRows(series, [bars(0, 10)], 'a"; DROP')).rejects.toMatchObject({
      code: 'questdb.bad_target',
    });
  });
});

describe('a server that is killed', () => {
  // It is started again twice, not more often: so two places are tried, in which most is under way.
  it.each(['replacing', 'dropped'] as const)(
    'would lose rows that stay when that is behind the step "%s"',
    async (step) => {
      const series = await storedSeries(200_000);
      const wanted = [bars(150_000, 180_000)];
      let back: Promise<void> | null = null;
      const deleting = db.store.deleteRows(series, wanted, {
        folder,
        onStep: (behind) => {
          // Not waited for: putting 170,000 rows back is under way when the server goes.
          if (behind === step) back = killServer(step === 'dropped' ? 20 : 0);
        },
      });
      await expect(deleting).rejects.toMatchObject({ code: 'questdb.connection_lost' });
      await back;
      expect(await db.store.recoverDeletes(folder)).toBe(1);
      expect(await leftovers()).toEqual(NOTHING);
      const staying = [...numbers(0, 150_000), ...numbers(180_000, 200_000)];
      const found = await stored(series);
      expect(staying.every((bar) => found.has(bar))).toBe(true);
      await db.store.deleteRows(series, wanted, { folder });
      expect([...(await stored(series)).keys()]).toEqual(staying);
    },
  );
});

function rowInsert(series: CandleSeries, bar: number): string {
  const { table, nodeId } = candleTableOf(series);
  return `INSERT INTO "${table}" (timestamp, node_id, interval, ts, open, close) VALUES ('${new Date(at(bar)).toISOString()}', '${nodeId}', 60, ${at(bar) / 1_000}, ${bar}, 0)`;
}

/** Resolves when the server that was started again answers. */
async function killServer(delayMs: number): Promise<void> {
  const record = readFileSync(join(db.workspace, 'questdb', 'tapemend-server.json'), 'utf8');
  const { process: java } = JSON.parse(record) as { process: { pid: number } };
  if (delayMs > 0) await new Promise((done) => setTimeout(done, delayMs));
  process.kill(java.pid, 'SIGKILL');
  for (const deadline = Date.now() + 60_000; ; ) {
    const answers = await db.store.query('SELECT 1').then(
      () => true,
      () => false,
    );
    if (answers) return;
    if (Date.now() > deadline) throw new Error('QuestDB did not come back');
    await new Promise((done) => setTimeout(done, 50));
  }
}
