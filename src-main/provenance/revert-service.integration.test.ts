import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CandleSeries,
  candleSeries,
  concatCandles,
  createCandleColumns,
  createTradeColumns,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  type Series,
  seriesKey,
  tableName,
  type Verdict,
} from '@shared/market';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CoverageCache, CoverageService } from '../coverage';
import { streamNodeId } from '../dag';
import { encodeCandleLines, encodeTradeLines, type LedgerEntry, seriesNodeId, tradeTableOf } from '../questdb';
import { startTestDatabase, type TestDatabase } from '../questdb/testing';
import { type RevertOptions, RevertService } from './revert-service';

const START = Date.UTC(2019, 11, 31, 23, 30);
const MINUTES = 60;
const NOW = START + 1_000 * MINUTE_MS;

let db: TestDatabase;
let folder: string;
let coverage: CoverageService;
let symbols = 0;
let clock = 0;

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-revert-'));
  coverage = newCoverage();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function newCoverage(): CoverageService {
  const cache = new CoverageCache(join(folder, 'cache'));
  return new CoverageService({ store: db.store, cache, now: () => NOW, nodeIdOf: seriesNodeId });
}

function newService(options: Partial<RevertOptions> = {}): RevertService {
  return new RevertService({ store: db.store, coverage, folder, now: () => START + ++clock, ...options });
}

const bars = (from: number, to: number): Range => ({ from: START + from * MINUTE_MS, to: START + to * MINUTE_MS });
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const minutesOf = (ranges: readonly Range[]) =>
  normalizeRanges(ranges).flatMap(({ from, to }) => numbers((from - START) / MINUTE_MS, (to - START) / MINUTE_MS));

async function freshSeries(): Promise<CandleSeries> {
  const series = candleSeries(`REV${++symbols}USDT`, '1m');
  await db.store.ensureCandleTable(series);
  return series;
}

/** What a job does with an answer: keeps what it will replace, writes, reads back, enters it into the ledger. */
async function ingest(
  series: CandleSeries,
  jobId: string,
  written: readonly Range[],
  value: number,
  part: Partial<LedgerEntry> = {},
): Promise<void> {
  const minutes = minutesOf(written);
  const service = newService();
  await db.store.saveRows(series, written, await service.undoBatchId(jobId, series));
  await write(series, minutes, value);
  await coverage.noteStored(series, { bars: written });
  const key = seriesKey(series);
  const entry: LedgerEntry = {
    at: START + ++clock,
    key,
    source: 'rest',
    outcome: 'answered',
    range: bars(0, MINUTES),
    rows: minutes.length,
    absent: [],
    evidence: `${jobId} asked`,
    jobId,
    written: normalizeRanges(written),
    ...part,
  };
  await coverage.recordAnswers([entry], new Map([[key, series]]));
}

async function write(series: CandleSeries, minutes: readonly number[], value: number): Promise<void> {
  const candles = createCandleColumns(minutes.length);
  candles.rows = minutes.length;
  minutes.forEach((minute, i) => {
    candles.openTime[i] = START + minute * MINUTE_MS;
    candles.open[i] = value;
  });
  const target = { table: tableName(series), nodeId: streamNodeId(series), intervalSeconds: 60 };
  await db.store.writeLines(encodeCandleLines(candles, 0, candles.rows, target));
  await db.store.settle(series);
}

/** Minutes that are stored, with the values of their rows. */
async function stored(series: CandleSeries): Promise<[number, number][]> {
  const parts = [];
  for await (const part of db.store.readCandles(series, { from: 0, to: NOW })) parts.push(part);
  const candles = concatCandles(parts);
  return numbers(0, candles.rows).map((i) => [(candles.openTime[i]! - START) / MINUTE_MS, candles.open[i]!]);
}

async function verdicts(series: CandleSeries): Promise<[number, number, Verdict][]> {
  const { spans } = await coverage.report(series, bars(0, MINUTES));
  return spans.map(({ from, to, verdict }) => [(from - START) / MINUTE_MS, (to - START) / MINUTE_MS, verdict]);
}

describe('undoing a job', () => {
  it('would leave its bars, its absences or its failures behind, or touch those of others', async () => {
    const series = await freshSeries();
    await ingest(series, 'first', [bars(0, 10)], 1, { range: bars(0, 12), absent: [bars(10, 12)] });
    const before = await verdicts(series);
    await ingest(series, 'second', [bars(12, 20), bars(22, 31)], 2, {
      range: bars(12, 40),
      absent: [bars(20, 22), bars(31, 40)],
    });
    await ingest(series, 'second', [], 2, { outcome: 'failed', range: bars(40, 50) });
    expect((await verdicts(series)).map(([, , verdict]) => verdict)).toEqual([
      'present',
      'confirmed_absent',
      'present',
      'confirmed_absent',
      'present',
      'confirmed_absent',
      'fetch_failed',
      'not_asked',
    ]);
    const service = newService();
    expect(await service.batches(10)).toMatchObject([
      { jobId: 'second', key: seriesKey(series), range: bars(12, 31), bars: 17, revertedAt: null },
      { jobId: 'first', bars: 10, revertedAt: null },
    ]);
    expect(await service.revert('second', series)).toEqual({ removed: 17, restored: 0 });
    expect(await stored(series)).toEqual(numbers(0, 10).map((minute) => [minute, 1]));
    expect(await verdicts(series)).toEqual(before);
    expect((await coverage.wanted(series, bars(0, 50))).wanted).toEqual([bars(12, 50)]);
    coverage = newCoverage();
    expect(await verdicts(series)).toEqual(before);
    expect((await service.batches(1))[0]).toMatchObject({ jobId: 'second', revertedAt: expect.any(Number) });
    expect(await service.revert('second', series)).toEqual({ removed: 0, restored: 0 });
    await expect(service.revert('never', series)).rejects.toMatchObject({ code: 'usage.no_batch' });
    expect(readdirSync(folder).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('would leave other rows than if the undone jobs had never run', async () => {
    const range = fc
      .tuple(fc.nat(MINUTES - 1), fc.integer({ min: 1, max: 15 }))
      .map(([from, length]) => bars(from, Math.min(MINUTES, from + length)));
    const action = fc.record({
      job: fc.constantFrom('a', 'b', 'c', 'd'),
      ranges: fc.option(fc.array(range, { minLength: 1, maxLength: 3 }), { nil: null, freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 7 }), async (actions) => {
        const series = await freshSeries();
        await write(series, numbers(20, 30), -1);
        const sheets = numbers(0, MINUTES).map((minute) =>
          minute >= 20 && minute < 30 ? [{ job: '', value: -1 }] : ([] as { job: string; value: number }[]),
        );
        for (const [value, { job, ranges }] of actions.entries()) {
          if (ranges) {
            // Writing what another has written over since is the one thing that cannot be undone.
            const torn = minutesOf(ranges).filter((minute) => {
              const own = sheets[minute]!.findIndex((sheet) => sheet.job === job);
              return own >= 0 && own < sheets[minute]!.length - 1;
            });
            const free = minutesOf(ranges).filter((minute) => !torn.includes(minute));
            await ingest(series, job, normalizeRanges(free.map((minute) => bars(minute, minute + 1))), value);
            for (const minute of free) sheets[minute]!.push({ job, value });
          } else {
            await newService()
              .revert(job, series)
              .catch((error: { code: string }) => expect(error.code).toBe('usage.no_batch'));
            for (const minute of numbers(0, MINUTES))
              sheets[minute] = sheets[minute]!.filter((sheet) => sheet.job !== job);
          }
          const seen = sheets.flatMap((list, minute) => (list.length > 0 ? [[minute, list.at(-1)!.value]] : []));
          expect(await stored(series)).toEqual(seen);
          const present = await coverage.report(series, bars(0, MINUTES));
          expect(present.bars).toBe(seen.length);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('would lose rows when those that it replaced are kept no longer', async () => {
    const series = await freshSeries();
    await ingest(series, 'first', [bars(0, 20)], 1);
    await ingest(series, 'again', [bars(10, 30)], 2);
    const service = newService();
    await db.store.dropSaved(await service.undoBatchId('again', series));
    await expect(service.revert('again', series)).rejects.toMatchObject({ code: 'usage.undo_expired' });
    expect(await stored(series)).toEqual(numbers(0, 30).map((minute) => [minute, minute < 10 ? 1 : 2]));
    expect(await service.revert('first', series)).toEqual({ removed: 10, restored: 0 });
    expect(await stored(series)).toEqual(numbers(10, 30).map((minute) => [minute, 2]));
  });

  it('would forget that the same job has written again since it was undone', async () => {
    const series = await freshSeries();
    await ingest(series, 'job', [bars(0, 10)], 1);
    await newService().revert('job', series);
    await ingest(series, 'other', [bars(0, 5)], 2);
    await ingest(series, 'job', [bars(3, 10)], 3);
    expect(await newService().revert('job', series)).toEqual({ removed: 7, restored: 2 });
    expect(await stored(series)).toEqual(numbers(0, 5).map((minute) => [minute, 2]));
    expect((await newService().batches(100)).filter(({ key }) => key === seriesKey(series))).toHaveLength(3);
  });

  it.each(['journaled', 'deleted', 'restored', 'recorded', 'cleaned'] as const)(
    'would stay half-done when it is cut off behind the step "%s"',
    async (last) => {
      const series = await freshSeries();
      await ingest(series, 'first', [bars(0, 40)], 1);
      const before = await verdicts(series);
      await ingest(series, 'again', [bars(10, 50)], 2);
      const undo = await newService().undoBatchId('again', series);
      const cut = new Error('the power is gone');
      const onStep: RevertOptions['onStep'] = (step) => {
        if (step === last) throw cut;
      };
      await expect(newService({ onStep }).revert('again', series)).rejects.toBe(cut);
      coverage = newCoverage();
      expect(await newService().resume()).toBe(last === 'cleaned' ? 0 : 1);
      expect(await stored(series)).toEqual(numbers(0, 40).map((minute) => [minute, 1]));
      expect(await verdicts(series)).toEqual(before);
      expect(await db.store.savedBatches()).not.toContain(undo);
      expect(await newService().resume()).toBe(0);
    },
  );

  it('would stay half-done when it is cut off inside a delete', async () => {
    const series = await freshSeries();
    await ingest(series, 'job', [bars(10, 50)], 2);
    const onDeleteStep = (step: string) => {
      if (step === 'dropped') throw new Error('cut');
    };
    await expect(newService({ onDeleteStep }).revert('job', series)).rejects.toThrow('cut');
    expect(await newService().resume()).toBe(1);
    expect(await stored(series)).toEqual([]);
    expect(await verdicts(series)).toEqual([[0, MINUTES, 'not_asked']]);
  });

  it('would not take back trades', async () => {
    const series: Series = { exchange: 'binance', market: 'spot', symbol: 'REVUSDT', kind: 'aggTrade', interval: null };
    const trades = createTradeColumns(100);
    trades.rows = 100;
    for (let i = 0; i < 100; i++) {
      trades.time[i] = (START + i * MINUTE_MS) * 1_000 + 5;
      trades.aggId[i] = i;
    }
    await db.store.ensureTradeTable(series);
    const writer = db.store.openWriter('us');
    await writer.writeLines(encodeTradeLines(trades, 0, 100, tradeTableOf(series)));
    writer.close();
    await db.store.settle(series);
    const entry = (jobId: string, written: Range): LedgerEntry => ({
      at: START + ++clock,
      key: seriesKey(series),
      source: 'archiveDaily',
      outcome: 'answered',
      range: written,
      rows: 1,
      absent: [],
      evidence: '',
      jobId,
      written: [written],
    });
    await db.store.ledgerAppend([entry('one', bars(0, 50)), entry('two', bars(50, 100))]);
    const service = newService();
    expect((await service.batches(1))[0]).toMatchObject({ jobId: 'two', bars: null, range: bars(50, 100) });
    expect(await service.revert('one', series)).toEqual({ removed: 50, restored: 0 });
    expect((await db.store.tradeContent(series)).runs).toMatchObject([{ firstId: 50, lastId: 99 }]);
  });
});
