import type { Receipt } from '@shared/contract';
import { DAY_MS, HOUR_MS, type Market, MINUTE_MS, parseStoredSeriesKey, type Range, tableName } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRule, type PracticeExchange, startPracticeExchange } from '../practice';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2025, 3, 15, 12, 0, 30);
const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
const day = (text: string, days = 1): Range => ({ from: at(text), to: at(text) + days * DAY_MS });
const QUIET = { listedAt: at('2024-12-30 10:00'), price: 12, quiet: 0.8 };

let bench: TestBench;
/** The same exchange, which serves every trade: futures tell only the last day of theirs. */
let oracle: PracticeExchange;
let symbols = 0;
const NAMES = Array.from({ length: 26 }, (_, index) => `T${String.fromCharCode(65 + index)}`);

beforeAll(async () => {
  const options = {
    clockSkewMs: NOW - Date.now(),
    weightLimit: 1e9,
    futuresWeightLimit: 1e9,
    extraSymbols: NAMES.flatMap((name) => [
      { ...QUIET, symbol: `${name}USDT` },
      { ...QUIET, symbol: `${name}USDT`, market: 'um' as const },
      { ...QUIET, symbol: `${name}USD_PERP`, market: 'cm' as const },
    ]),
  };
  bench = await startTestBench({ ...options, futuresTradesDepthMs: 24 * HOUR_MS });
  oracle = await startPracticeExchange(options);
});
afterEach(() => bench.practice.setFaults([]));
afterAll(async () => {
  await bench.close();
  await oracle.close();
});

/** A series that no other test has touched. */
function freshKey(market: Market = 'spot'): string {
  const name = NAMES[symbols++]!;
  return `binance:${market}:${name}${market === 'cm' ? 'USD_PERP' : 'USDT'}:aggTrade`;
}

const PATHS: Record<Market, string> = { spot: '/api/v3', um: '/fapi/v1', cm: '/dapi/v1' };

/** What the exchange has, as `[id, price, quantity, first, last, time in µs, maker]`; times as fine as its files tell them. */
async function truth(key: string, range: Range, exchange = oracle): Promise<number[][]> {
  const { market, symbol } = parseStoredSeriesKey(key)!;
  const url = `${exchange.restUrl}${PATHS[market]}/aggTrades?symbol=${symbol}&limit=1000`;
  const headers: Record<string, string> = market === 'spot' ? { 'X-MBX-TIME-UNIT': 'MICROSECOND' } : {};
  const page = async (query: string) =>
    (await (await fetch(`${url}&${query}`, { headers })).json()) as Record<
      'a' | 'p' | 'q' | 'f' | 'l' | 'T' | 'm',
      never
    >[];
  const us = (time: number) => (market === 'spot' ? time : time * 1000);
  const rows: number[][] = [];
  let query = `startTime=${range.from}`;
  for (;;) {
    const answer = await page(query);
    rows.push(...answer.map(({ a, p, q, f, l, T, m }) => [a, Number(p), Number(q), f, l, us(T), Number(m)]));
    if (answer.length < 1_000 || rows.at(-1)![5]! >= range.to * 1000) break;
    query = `fromId=${rows.at(-1)![0]! + 1}`;
  }
  return rows.filter((row) => row[5]! >= range.from * 1000 && row[5]! < range.to * 1000);
}

async function stored(key: string, range: Range, where = bench): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const trades of where.services.store.readTrades(parseStoredSeriesKey(key)!, range)) {
    const { aggId, price, quantity, firstId, lastId, time, buyerMaker } = trades;
    for (let i = 0; i < trades.rows; i++)
      rows.push([aggId, price, quantity, firstId, lastId, time, buyerMaker].map((column) => column[i]!));
  }
  return rows;
}

/** Every trade of the range is stored once, value by value; resolves to their number. */
async function expectTruth(key: string, range: Range, without: (id: number) => boolean = () => false): Promise<number> {
  const expected = (await truth(key, range)).filter(([id]) => !without(id!));
  const found = await stored(key, range);
  expect(found.length).toBe(expected.length);
  expect(found).toEqual(expected);
  return found.length;
}

async function verdicts(key: string, range: Range): Promise<string[]> {
  const { spans } = await bench.services.coverage.report(parseStoredSeriesKey(key)!, range);
  return spans.map(({ verdict, bars }) => `${verdict} ${bars}`);
}

const tradeRequests = (): number => {
  const { aggTrades, archive } = bench.practice.counters().requests;
  return aggTrades + archive;
};

function setFaults(...rules: FaultRule[]): void {
  bench.practice.setFaults(rules);
}

/** Deletes stored rows behind the program's back, as a person with SQL might. */
async function deleteBehindTheBack(key: string, range: Range): Promise<void> {
  const series = parseStoredSeriesKey(key)!;
  await bench.services.store.deleteRows(series, [range], { folder: `${bench.workspace}/jobs/undo` });
  await bench.services.coverage.catchUp();
}

function only({ series }: Receipt) {
  return series[0]!;
}

describe('a backfill of trades', () => {
  it.each(['spot', 'um', 'cm'] as const)(
    'of %s loses, doubles or changes a trade between files, REST and the seams of both, or asks again for what it has',
    async (market) => {
      const key = freshKey(market);
      const range = { from: at('2025-04-10 07:13'), to: NOW - 30_000 };
      const receipt = await bench.backfill(key, range);
      expect(receipt.errors).toEqual([]);
      expect(receipt.status).toBe('complete');
      const minutes = (range.to - range.from) / MINUTE_MS;
      expect(only(receipt)).toMatchObject({
        asked: minutes,
        alreadyPresent: 0,
        stored: minutes,
        stillMissing: 0,
        gaps: [],
      });
      expect(only(receipt).sources.archiveDaily).toBeGreaterThan(0);
      expect(only(receipt).sources.rest).toBeGreaterThan(0);
      const rows = await expectTruth(key, range);
      expect(rows).toBeGreaterThan(2_000);
      expect(only(receipt).trades).toEqual({ stored: rows, alreadyPresent: 0, lostIds: 0 });
      expect(only(receipt).findings).toEqual([]);

      const before = tradeRequests();
      const again = await bench.backfill(key, range);
      expect(tradeRequests()).toBe(before);
      expect(again).toMatchObject({
        status: 'complete',
        requests: 0,
        series: [{ alreadyPresent: minutes, stored: 0, trades: { stored: 0, alreadyPresent: rows } }],
      });
    },
  );

  it('a file of which nothing may be trusted leaves rows, or leaves its day out', async () => {
    const key = freshKey();
    const { symbol } = parseStoredSeriesKey(key)!;
    const range = day('2025-04-09', 2);
    setFaults(
      { match: { kind: 'checksum', symbol, file: `${symbol}-aggTrades-2025-04-09.zip` }, effect: 'bad_checksum' },
      { match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-10.zip` }, effect: 'malformed_row' },
    );
    const receipt = await bench.backfill(key, range);
    expect(receipt.status).toBe('complete');
    expect(only(receipt).sources).toMatchObject({ archiveDaily: 0 });
    expect(only(receipt).findings.join()).toMatch(/SHA-256.*line/s);
    await expectTruth(key, range);
  });

  it.each([
    'unsorted_rows',
    'duplicate_rows',
    'overstated_size',
    'understated_size',
    'truncated_zip',
    'empty_file',
  ] as const)('a file with %s makes other rows than the exchange has', async (effect) => {
    const key = freshKey();
    setFaults({ match: { kind: 'archive', symbol: parseStoredSeriesKey(key)!.symbol }, effect });
    const receipt = await bench.backfill(key, day('2025-04-09'));
    expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
    expect(only(receipt).findings.length).toBeGreaterThan(0);
    await expectTruth(key, day('2025-04-09'));
  });

  it('what REST has is given up because a file lacks it, or a day that ends too early is taken for a quiet one', async () => {
    const key = freshKey();
    const { symbol } = parseStoredSeriesKey(key)!;
    const range = day('2025-04-08', 3);
    setFaults(
      { match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-08.zip` }, effect: 'truncated_day' },
      { match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-10.zip` }, effect: 'lost_ids' },
    );
    const receipt = await bench.backfill(key, range);
    expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
    expect(only(receipt).trades).toMatchObject({ lostIds: 0 });
    expect(only(receipt).sources).toMatchObject({ archiveDaily: 3 });
    expect(only(receipt).sources.rest).toBeGreaterThan(0);
    await expectTruth(key, range);
    const before = tradeRequests();
    expect((await bench.backfill(key, range)).status).toBe('complete');
    expect(tradeRequests()).toBe(before);
  });

  it('a file that ends too early, or begins too late, is believed where nothing stands beside it', async () => {
    const key = freshKey();
    const { symbol } = parseStoredSeriesKey(key)!;
    setFaults({ match: { kind: 'archive', symbol }, effect: 'truncated_day' });
    const receipt = await bench.backfill(key, day('2025-04-09'));
    expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
    expect(only(receipt).sources).toMatchObject({ archiveDaily: 1 });
    await expectTruth(key, day('2025-04-09'));
    const before = tradeRequests();
    expect((await bench.backfill(key, day('2025-04-09'))).requests).toBe(0);
    expect(tradeRequests()).toBe(before);
  });

  it('what the exchange has lost stays missing for ever, or what it marks as no trade is stored', async () => {
    const key = freshKey();
    const { symbol } = parseStoredSeriesKey(key)!;
    const range = day('2025-04-09', 2);
    const rest = { kind: 'aggTrades', symbol } as const;
    setFaults(
      { match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-09.zip` }, effect: 'lost_ids' },
      { match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-10.zip` }, effect: 'marked_duplicates' },
      { match: rest, effect: 'lost_ids' },
    );
    const first = await bench.backfill(key, { from: range.from, to: range.to });
    setFaults();
    // Those that neither has (REST loses others than the file, some of them the same), and one that is no trade.
    expect(first.status).toBe('complete');
    const { lostIds, stored: rows } = only(first).trades!;
    expect(lostIds).toBeGreaterThan(1);
    const all = (await truth(key, range)).map(([id]) => id!);
    const kept = new Set((await stored(key, range)).map(([id]) => id!));
    expect(kept.size).toBe(rows);
    expect(all.filter((id) => !kept.has(id))).toHaveLength(lostIds);
    const findings = await bench.services.store.findingsRead({ keys: [key] });
    expect(findings.map(({ kind }) => kind)).toContain('lost_trades');
    const before = tradeRequests();
    const again = await bench.backfill(key, range);
    expect(again).toMatchObject({ status: 'complete', series: [{ stored: 0, trades: { stored: 0, lostIds } }] });
    expect(tradeRequests()).toBe(before);
  });

  it('rows that were deleted count as stored, or do not come back', async () => {
    const key = freshKey();
    const range = day('2025-04-08', 2);
    await bench.backfill(key, range);
    const rows = await stored(key, range);
    // Over midnight, and a few trades in the middle of a minute.
    const [first, last] = [0.8, 0.81].map((share) => Math.ceil(rows[Math.floor(rows.length * share)]![5]! / 1000));
    const gone = [
      { from: at('2025-04-08 22:10'), to: at('2025-04-09 03:00') },
      { from: first!, to: last! },
    ];
    for (const each of gone) await deleteBehindTheBack(key, each);
    const left = (await stored(key, range)).length;
    expect(left).toBeLessThan(rows.length);
    expect((await verdicts(key, range)).filter((verdict) => verdict.startsWith('unexplained'))).toHaveLength(2);
    const receipt = await bench.backfill(key, range);
    expect(receipt.status).toBe('complete');
    expect(only(receipt).trades).toEqual({ stored: rows.length - left, alreadyPresent: left, lostIds: 0 });
    expect(await stored(key, range)).toEqual(rows);
    await expectTruth(key, range);
  });

  it('a table that is gone counts as stored', async () => {
    const key = freshKey();
    const range = day('2025-04-09');
    await bench.backfill(key, range);
    await bench.services.store.query(`DROP TABLE "${tableName(parseStoredSeriesKey(key)!)}"`);
    await bench.services.coverage.catchUp();
    expect(await verdicts(key, range)).toEqual(['unexplained 1440']);
    expect((await bench.backfill(key, range)).status).toBe('complete');
    await expectTruth(key, range);
  });

  it('futures that neither REST nor a file has yet are asked for for ever, hidden, or keep newer ones from coming', async () => {
    const key = freshKey('um');
    const { symbol } = parseStoredSeriesKey(key)!;
    setFaults({ match: { kind: 'archive', symbol }, effect: 'missing' });
    const range = { from: at('2025-04-13 20:00'), to: at('2025-04-15 06:00') };
    const receipt = await bench.backfill(key, range);
    expect(receipt.status).toBe('partial');
    const [gap, ...more] = only(receipt).gaps;
    expect(more).toEqual([]);
    expect(gap).toMatchObject({ from: range.from, verdict: 'fetch_failed' });
    expect(gap!.to).toBeGreaterThan(at('2025-04-14 12:00'));
    expect(gap!.to).toBeLessThan(at('2025-04-14 13:00'));
    expect(gap!.evidence[0]).toMatch(/Only the archives have earlier ones/);
    expect(gap!.evidence[0]).toMatch(/aggTrades-2025-04-13\.zip was not there.*in the morning of 2025-04-14/);
    expect(only(receipt).stored).toBe((range.to - gap!.to) / MINUTE_MS);
    await expectTruth(key, { from: gap!.to, to: range.to });
    setFaults();
    const again = await bench.backfill(key, range);
    expect(again.status).toBe('complete');
    await expectTruth(key, range);
  });

  it('ids that a file of futures lacks and REST no longer serves are asked for at every run', async () => {
    const key = freshKey('cm');
    setFaults({ match: { kind: 'archive', symbol: parseStoredSeriesKey(key)!.symbol }, effect: 'lost_ids' });
    const receipt = await bench.backfill(key, day('2025-04-09'));
    expect(receipt.status).toBe('complete');
    expect(only(receipt).trades).toMatchObject({ lostIds: 7 });
    expect(only(receipt).findings.join()).toMatch(/No source has aggregate trade id/);
    const before = tradeRequests();
    expect((await bench.backfill(key, day('2025-04-09'))).status).toBe('complete');
    expect(tradeRequests()).toBe(before);
  });

  it('a file of futures that ends too early is believed where nothing stands beside it and REST no longer has its day', async () => {
    const key = freshKey('um');
    const { symbol } = parseStoredSeriesKey(key)!;
    const range = day('2025-04-09');
    setFaults({
      match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-09.zip` },
      effect: 'truncated_day',
    });
    const receipt = await bench.backfill(key, range);
    const { lostIds, stored: rows } = only(receipt).trades!;
    expect(lostIds).toBeGreaterThan(100);
    expect(rows + lostIds).toBe((await truth(key, range)).length);
    expect(only(receipt).findings.join()).toMatch(/No source has aggregate trade/);
    const before = tradeRequests();
    expect((await bench.backfill(key, range)).requests).toBe(0);
    expect(tradeRequests()).toBe(before);

    // The exchange mends its file some day.
    setFaults();
    const never = new AbortController().signal;
    const { stale } = await bench.services.curation.checkArchives([key], never);
    expect((await bench.services.curation.reingest(stale[0]!.id, never)).added).toBe(lostIds);
    await expectTruth(key, range);
    expect(only(await bench.backfill(key, range)).trades).toEqual({
      stored: 0,
      alreadyPresent: rows + lostIds,
      lostIds: 0,
    });
  });

  it('what the file of the day before or behind lacks is called lost from a day of futures that is whole', async () => {
    const key = freshKey('um');
    const { symbol } = parseStoredSeriesKey(key)!;
    setFaults({
      match: { kind: 'archive', symbol, file: `${symbol}-aggTrades-2025-04-08.zip` },
      effect: 'truncated_day',
    });
    const receipt = await bench.backfill(key, day('2025-04-09'));
    expect(receipt.status).toBe('complete');
    expect(only(receipt).trades).toMatchObject({ lostIds: 0 });
    await expectTruth(key, day('2025-04-09'));
    // Once both are wanted, the one that is not whole shows.
    const both = await bench.backfill(key, day('2025-04-08', 2));
    expect(only(both).trades!.lostIds).toBeGreaterThan(100);
  });

  it('that nobody can tell whether a file of futures is whole goes unsaid, or is asked for ever', async () => {
    const key = freshKey('cm');
    const { symbol } = parseStoredSeriesKey(key)!;
    const range = day('2025-04-09');
    setFaults({ match: { symbol, file: `${symbol}-aggTrades-2025-04-10.zip` }, effect: 'missing' });
    const receipt = await bench.backfill(key, range);
    expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
    expect(only(receipt).findings).toEqual([
      expect.stringMatching(/end where their file does cannot be told.*aggTrades-2025-04-10\.zip is not published/),
    ]);
    setFaults();
    expect(only(await bench.backfill(key, range)).findings).toEqual([]);
    const before = tradeRequests();
    expect((await bench.backfill(key, range)).requests).toBe(0);
    expect(tradeRequests()).toBe(before);
    await expectTruth(key, range);
  });

  it('the minute that goes on, or what is younger than an answer, is stored as whole', async () => {
    const key = freshKey();
    const now = bench.services.exchange.now();
    const receipt = await bench.backfill(key, { from: now - 10 * MINUTE_MS, to: now + 5 * MINUTE_MS });
    expect(receipt.status).toBe('complete_with_explained_gaps');
    expect(only(receipt).gaps).toMatchObject([{ verdict: 'not_closed_yet' }]);
    const rows = await stored(key, { from: now - HOUR_MS, to: now + HOUR_MS });
    for (const row of rows) expect(row[5]!).toBeLessThan(only(receipt).gaps[0]!.from * 1000);
  });

  it('a plan fetches trades, hides that it estimates, or plans what the job does not do', async () => {
    const key = freshKey();
    const range = { from: at('2025-04-09'), to: at('2025-04-15 06:00') };
    const before = tradeRequests();
    const request = { items: [{ key, range }], source: 'auto' as const };
    const plan = await bench.services.backfill.plan(request);
    expect(tradeRequests() - before).toBeLessThanOrEqual(1);
    expect(plan.series[0]).toMatchObject({ asked: 9_000, alreadyPresent: 0, gaps: [range] });
    expect(plan.totals.estimatedTrades).toBeGreaterThan(0);
    const planned = plan.series[0]!.pages.filter((page) => page.file).map((page) => page.file);
    const receipt = await bench.backfill(key, range);
    expect(only(receipt).sources.archiveDaily).toBe(planned.length);
    expect((await bench.services.backfill.plan(request)).totals).toMatchObject({ bars: 0, requests: 0 });
  });
});

describe('a job of trades that is cut off', () => {
  it('loses trades, or asks again for those that it has, when another program takes it up', async () => {
    const key = freshKey();
    const range = day('2025-02-01', 30);
    setFaults({ match: { kind: 'aggTrades' }, effect: 'slow', delayMs: 250 });
    const { workspace, settings } = bench;
    const first = await Services.open({ workspace, settings, practice: false });
    const own = await first.backfill.start({ items: [{ key, range }], source: 'rest' });
    own.finished.catch(() => undefined);
    await expect
      .poll(() => own.job.live.progress.barsDone, { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(15 * 1_440);
    await first.close();
    const daysDone = own.job.live.progress.barsDone / 1_440;
    const before = tradeRequests();
    setFaults();
    const second = await Services.open({ workspace, settings, practice: false, patient: true });
    try {
      expect(await second.backfill.adoptJobs()).toBe(1);
      await expect.poll(() => second.backfill.receipt(own.jobId), { timeout: 60_000 }).toBeTruthy();
      const receipt = (await second.backfill.receipt(own.jobId))!;
      expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
      const rows = await expectTruth(key, range);
      expect(only(receipt)).toMatchObject({
        alreadyPresent: 0,
        stored: 30 * 1_440,
        trades: { stored: rows, alreadyPresent: 0 },
      });
      const pagesOfDay = Math.ceil(rows / 30 / 1_000);
      expect(tradeRequests() - before).toBeLessThanOrEqual((30 - daysDone) * (pagesOfDay + 1));
    } finally {
      await second.close();
    }
    await bench.services.coverage.catchUp();
  });

  it('is cancelled and undone with rows left behind, or with rows of another job taken along', async () => {
    const key = freshKey();
    const series = parseStoredSeriesKey(key)!;
    const whole = day('2025-04-08', 2);
    await bench.backfill(key, whole);
    const rows = await stored(key, whole);
    await deleteBehindTheBack(key, { from: at('2025-04-08 10:00:30'), to: at('2025-04-08 14:00:30') });
    const left = await stored(key, whole);
    const repair = await bench.backfill(key, whole);
    expect(await stored(key, whole)).toEqual(rows);
    const { reverts } = bench.services.curation;
    await reverts.revert(repair.jobId, series);
    expect(await stored(key, whole)).toEqual(left);
    expect((await verdicts(key, whole)).some((verdict) => verdict.startsWith('unexplained'))).toBe(true);
    expect((await bench.backfill(key, whole)).status).toBe('complete');
    await expectTruth(key, whole);
    const spans = await bench.services.curation.provenance(series, whole);
    expect(new Set(spans.map((span) => span.source))).toContain('archiveDaily');
  });
});

describe('trades of busy moments', () => {
  it('are lost where one millisecond holds more of them than a page', async () => {
    const moment = at('2020-03-20 12:00');
    const busy = await startTestBench({ clockSkewMs: moment - Date.now(), weightLimit: 1e9, tradeCrowds: true });
    try {
      const key = 'binance:spot:BTCUSDT:aggTrade';
      const range = { from: at('2020-03-18 00:00'), to: at('2020-03-20 10:00') };
      const receipt = await busy.backfill(key, range, 'rest');
      expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
      const found = await stored(key, range, busy);
      expect(found).toEqual(await truth(key, range, busy.practice));
      const perMs = new Map<number, number>();
      for (const row of found) perMs.set(Math.floor(row[5]! / 1000), (perMs.get(Math.floor(row[5]! / 1000)) ?? 0) + 1);
      expect(Math.max(...perMs.values())).toBeGreaterThan(1_000);
    } finally {
      await busy.close();
    }
  });
});
