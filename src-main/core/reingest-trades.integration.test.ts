import type { TradeDiff } from '@shared/contract';
import { createTradeColumns, parseStoredSeriesKey, type Range, TRADE_FIELDS } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeTradeLines, tradeTableOf } from '../questdb';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2025, 3, 15, 12, 0, 30);
const QUIET = { listedAt: Date.UTC(2025, 2, 1), price: 12, quiet: 0.8 };
const DAYS: Range = { from: Date.UTC(2025, 3, 8), to: Date.UTC(2025, 3, 11) };
const never = new AbortController().signal;

let bench: TestBench;
beforeAll(async () => {
  const extraSymbols = ['RA', 'RB', 'RC', 'RD'].map((name) => ({ ...QUIET, symbol: `${name}USDT` }));
  bench = await startTestBench({ clockSkewMs: NOW - Date.now(), weightLimit: 1e9, extraSymbols });
});
afterAll(() => bench.close());
afterEach(() => bench.practice.setFaults([]));

type Row = [id: number, time: number, price: number, quantity: number, first: number, last: number, maker: number];

async function rows(key: string): Promise<Row[]> {
  const found: Row[] = [];
  for await (const trades of bench.services.store.readTrades(parseStoredSeriesKey(key)!, DAYS)) {
    const { aggId, time, price, quantity, firstId, lastId, buyerMaker } = trades;
    for (let i = 0; i < trades.rows; i++)
      found.push([aggId, time, price, quantity, firstId, lastId, buyerMaker].map((column) => column[i]!) as Row);
  }
  return found;
}

async function stale(key: string): Promise<string> {
  const { checked, stale: found, failed } = await bench.services.curation.checkArchives([key], never);
  expect([checked, found.length, failed]).toEqual([3, 1, []]);
  return found[0]!.id;
}

const fileOf = (symbol: string): string => `${symbol}-aggTrades-2025-04-09.zip`;

describe('a replaced file of trades', () => {
  it('cannot be taken anew, its changed trade stands twice or as it was, or an undo leaves another table than before', async () => {
    const key = 'binance:spot:RAUSDT:aggTrade';
    const { jobId } = await bench.backfill(key, DAYS, 'archive');
    const before = await rows(key);
    expect(before.length).toBeGreaterThan(1_000);
    bench.practice.setFaults([{ match: { file: fileOf('RAUSDT') }, effect: 'rewritten' }]);
    const { curation, coverage } = bench.services;
    const id = await stale(key);
    const result = await curation.reingest(id, never);
    expect([result.added, result.removed, result.changed]).toEqual([0, 0, 1]);
    const after = await rows(key);
    const differ = after.filter((row, index) => String(row) !== String(before[index]));
    expect([after.length, differ.length]).toEqual([before.length, 1]);
    const { changedTrades } = result.diff as TradeDiff;
    expect(changedTrades).toMatchObject([
      { aggId: differ[0]![0], fields: [{ field: 'quantity', fresh: differ[0]![3] }] },
    ]);
    const findings = await bench.services.store.findingsRead({ keys: [key] });
    expect(findings.map(({ kind, state }) => [kind, state]).sort()).toEqual([
      ['row_diff', 'new'],
      ['stale_archive', 'fixed'],
    ]);
    expect(await curation.checkArchives([key], never)).toMatchObject({ stale: [] });
    const series = parseStoredSeriesKey(key)!;
    expect((await coverage.report(series, DAYS)).spans.map(({ verdict }) => verdict)).toEqual(['present']);
    const files = bench.practice.counters().requests.archive;
    expect(await bench.backfill(key, DAYS)).toMatchObject({ status: 'complete', series: [{ trades: { stored: 0 } }] });
    expect(bench.practice.counters().requests.archive).toBe(files);

    await curation.reverts.revert(result.jobId, series);
    expect(await rows(key)).toEqual(before);
    await curation.reverts.revert(jobId, series);
    expect(await rows(key)).toEqual([]);
  }, 120_000);

  it('that lacks trades costs stored ones, or one with more leaves them out', async () => {
    const key = 'binance:spot:RBUSDT:aggTrade';
    const file = { match: { file: fileOf('RBUSDT') } };
    await bench.backfill(key, DAYS, 'archive');
    const whole = await rows(key);
    bench.practice.setFaults([{ ...file, effect: 'lost_ids' }]);
    const lacking = await bench.services.curation.reingest(await stale(key), never);
    expect([lacking.added, lacking.removed, lacking.changed]).toEqual([0, 7, 0]);
    expect((lacking.diff as TradeDiff).removedIds).toHaveLength(7);
    expect(await rows(key)).toEqual(whole);
    expect((await bench.backfill(key, DAYS)).status).toBe('complete');

    // The other way round: stored from a file with holes, replaced by a whole one.
    const other = 'binance:spot:RCUSDT:aggTrade';
    bench.practice.setFaults([{ match: { file: fileOf('RCUSDT') }, effect: 'lost_ids' }]);
    await bench.backfill(other, DAYS, 'archive');
    const holed = await rows(other);
    bench.practice.setFaults([]);
    const filled = await bench.services.curation.reingest(await stale(other), never);
    expect([filled.added, filled.removed, filled.changed]).toEqual([7, 0, 0]);
    const mended = await rows(other);
    expect(mended.length).toBe(holed.length + 7);
    const { addedIds } = filled.diff as TradeDiff;
    expect(mended.filter(([aggId]) => !addedIds.includes(aggId))).toEqual(holed);
    expect((await bench.backfill(other, DAYS)).status).toBe('complete');
    expect(await rows(other)).toEqual(mended);
  }, 120_000);

  it('that tells another time of a trade leaves the old one beside it, or takes its neighbours along', async () => {
    const key = 'binance:spot:RDUSDT:aggTrade';
    const series = parseStoredSeriesKey(key)!;
    const { store, coverage, curation } = bench.services;
    await bench.backfill(key, DAYS, 'archive');
    const before = await rows(key);
    // As if the file had told a time two minutes later, in a minute with trades of its own.
    const inDay = before.filter(
      ([, time]) => time > Date.UTC(2025, 3, 9, 6) * 1_000 && time < Date.UTC(2025, 3, 9, 9) * 1_000,
    );
    const msOf = ([, time]: Row): number => Math.floor(time / 1_000);
    const moments = new Set(inDay.slice(10, 13).map(msOf));
    const late = inDay.filter((row) => moments.has(msOf(row)));
    const doomed = [...moments].map((ms) => ({ from: ms, to: ms + 1 }));
    await store.deleteRows(series, doomed, { folder: `${bench.workspace}/jobs/undo` });
    const moved = createTradeColumns(late.length);
    moved.rows = late.length;
    for (const [index, [aggId, time, price, quantity, first, last, maker]] of late.entries()) {
      const columns = {
        aggId,
        time: time + 120_000_000,
        price,
        quantity,
        firstId: first,
        lastId: last,
        buyerMaker: maker,
      };
      for (const field of TRADE_FIELDS) moved[field][index] = columns[field];
    }
    const writer = store.openWriter('us');
    await writer.writeLines(encodeTradeLines(moved, 0, moved.rows, tradeTableOf(series)));
    writer.close();
    await store.settle(series);
    await coverage.catchUp();
    expect((await rows(key)).length).toBe(before.length);

    bench.practice.setFaults([{ match: { file: fileOf('RDUSDT') }, effect: 'rewritten' }]);
    const result = await curation.reingest(await stale(key), never);
    expect([result.added, result.removed, result.changed]).toEqual([0, 0, late.length + 1]);
    const after = await rows(key);
    expect(after.length).toBe(before.length);
    const differ = after.filter((row, index) => String(row) !== String(before[index]));
    // What was rewritten in the file besides.
    expect(differ).toHaveLength(1);
    expect(late.map(([aggId]) => aggId)).not.toContain(differ[0]![0]);
  }, 120_000);

  it('that cannot be trusted, or is there no more, changes what is stored', async () => {
    const key = 'binance:spot:RCUSDT:aggTrade';
    const before = await rows(key);
    const file = { match: { file: fileOf('RCUSDT') } };
    bench.practice.setFaults([{ ...file, effect: 'rewritten' }]);
    const id = await stale(key);
    for (const [effect, code] of [
      ['bad_checksum', 'archive.checksum_mismatch'],
      ['missing', 'archive.gone'],
      ['empty_file', 'archive.empty'],
    ] as const) {
      bench.practice.setFaults([{ ...file, effect }]);
      await expect(bench.services.curation.reingest(id, never)).rejects.toMatchObject({ code });
    }
    expect(await rows(key)).toEqual(before);
    expect((await bench.services.store.findingsRead({ keys: [key] })).find((each) => each.id === id)?.state).toBe(
      'new',
    );
  }, 120_000);
});
