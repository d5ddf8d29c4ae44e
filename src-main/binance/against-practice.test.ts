import {
  CANDLE_FIELDS,
  type CandleColumns,
  concatCandles,
  DAY_MS,
  HOUR_MS,
  INTERVALS,
  type Interval,
  intervalMs,
  MINUTE_MS,
  type Range,
} from '@shared/market';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FaultRule, type PracticeExchange, startPracticeExchange } from '../practice';
import { ArchiveClient } from './archive-client';
import { type ArchivePeriod, archiveRange } from './archive-period';
import { readKlineArchive } from './archive-reader';
import { createCounters } from './counters';
import { AxiosHttpClient } from './http-client';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { WeightLimiter } from './weight-limiter';

const NOW = Date.UTC(2025, 0, 10, 12, 0, 30);
const NO_WAIT = async () => undefined;

let practice: PracticeExchange;
const http = new AxiosHttpClient();

beforeAll(async () => {
  practice = await startPracticeExchange({ now: () => NOW, weightLimit: 1_000_000 });
});
afterAll(async () => {
  http.close();
  await practice.close();
});
beforeEach(() => practice.setFaults([]));

function restOf() {
  const limiter = new WeightLimiter({ share: 1, limitPerMinute: 1_000_000 });
  const rest = new BinanceRest({ market: 'spot', urls: [practice.restUrl], limiter, http, sleep: NO_WAIT });
  return { rest, limiter };
}

async function fetchAll(range: Range, interval: Interval, limit?: number): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  const pages = restOf().rest.klines({ symbol: 'BTCUSDT', interval, range, ...(limit ? { limit } : {}) });
  for await (const page of pages) parts.push(page.candles);
  return concatCandles(parts);
}

const rowsOf = (candles: CandleColumns) =>
  Array.from({ length: candles.rows }, (_, i) => CANDLE_FIELDS.map((field) => candles[field][i]));

/** What the exchange answers to one plain request, without any code of ours in between. */
async function plainRows(range: Range, interval: Interval): Promise<number[][]> {
  const query = `symbol=BTCUSDT&interval=${interval}&startTime=${range.from}&endTime=${range.to - 1}&limit=1000`;
  const answer = await fetch(`${practice.restUrl}/api/v3/klines?${query}`);
  const rows = (await answer.json()) as (string | number)[][];
  return rows.map((row) => [0, 1, 2, 3, 4, 5, 7, 8, 9, 10].map((i) => Number(row[i])));
}

describe('REST', () => {
  it('any range and limit around an outage gives exactly the rows of one plain request', async () => {
    // 2023-03-24: flat minutes, then 80 missing ones.
    const window = { from: Date.UTC(2023, 2, 24, 11), to: Date.UTC(2023, 2, 24, 15) };
    const truth = await plainRows(window, '1m');
    expect(truth.length).toBe(240 - 80);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(window.to - window.from),
        fc.nat(window.to - window.from),
        fc.integer({ min: 7, max: 300 }),
        async (start, length, limit) => {
          const range = { from: window.from + start, to: Math.min(window.to, window.from + start + length) };
          const expected = truth.filter(([open]) => open! >= range.from && open! < range.to);
          expect(rowsOf(await fetchAll(range, '1m', limit))).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(INTERVALS)('%s up to now: the same as a plain request, without the running candle', async (interval) => {
    const range = { from: NOW - 40 * intervalMs(interval), to: NOW + DAY_MS };
    const truth = await plainRows(range, interval);
    expect(truth.length).toBeGreaterThan(35);
    expect(rowsOf(await fetchAll(range, interval, 7))).toEqual(truth.slice(0, -1));
  });

  it("the limiter's tally is the exchange's", async () => {
    const { rest, limiter } = restOf();
    const counters = createCounters();
    await rest.exchangeInfo();
    await rest.klinesPage({ symbol: 'BTCUSDT', interval: '1m', from: NOW - HOUR_MS, to: NOW }, { counters });
    const answer = await fetch(`${practice.restUrl}/api/v3/time`);
    expect(counters).toMatchObject({ requests: 1, weight: 2 });
    expect(limiter.snapshot().used).toBe(Number(answer.headers.get('x-mbx-used-weight-1m')) - 1);
  });

  it.each<[string, Omit<FaultRule, 'match'>]>([
    ['503', { effect: 'status', status: 503 }],
    ['reset', { effect: 'reset' }],
    ['cut body', { effect: 'cut_body' }],
    ['wrong JSON', { effect: 'wrong_json' }],
    ['HTML', { effect: 'html_body' }],
    ['broken gzip', { effect: 'broken_gzip' }],
  ])('%s twice in a row loses nothing', async (_, fault) => {
    const range = { from: NOW - HOUR_MS, to: NOW - MINUTE_MS };
    const truth = await plainRows(range, '1m');
    practice.setFaults([{ match: { kind: 'klines' }, times: 2, ...fault }]);
    expect(rowsOf(await fetchAll(range, '1m'))).toEqual(truth);
  });

  it('a wrong symbol and an unknown one are told apart from trouble', async () => {
    const { rest } = restOf();
    await expect(rest.firstCandle('NOSUCHCOIN', '1m')).rejects.toMatchObject({ code: 'usage.unknown_symbol' });
    await expect(rest.firstCandle('btcusdt', '1m')).rejects.toMatchObject({ code: 'usage.bad_parameter' });
  });

  it('the first candle is the listing', async () => {
    expect(await restOf().rest.firstCandle('BTCUSDT', '1m')).toBe(Date.UTC(2017, 7, 17, 4));
  });
});

describe('archives', () => {
  const download = (period: ArchivePeriod, interval: Interval = '1m') =>
    new ArchiveClient({ archiveUrl: practice.archiveUrl, http, sleep: NO_WAIT }).download({
      market: 'spot',
      symbol: 'BTCUSDT',
      interval,
      period,
    });

  async function readAll(period: ArchivePeriod, interval: Interval = '1m') {
    const got = await download(period, interval);
    if (got.kind !== 'file') throw new Error('not published');
    return readKlineArchive({ ...got, symbol: 'BTCUSDT', interval, range: archiveRange(period) });
  }

  const DAY = { tier: 'archiveDaily', year: 2024, month: 12, day: 31 } as const;

  it.each<[string, ArchivePeriod, Interval]>([
    ['the last day in milliseconds', DAY, '1m'],
    ['the first day in microseconds', { tier: 'archiveDaily', year: 2025, month: 1, day: 1 }, '1m'],
    ['a day with an outage', { tier: 'archiveDaily', year: 2023, month: 3, day: 24 }, '1m'],
    ['a month', { tier: 'archiveMonthly', year: 2024, month: 11 }, '1h'],
    ['a month of 3d candles', { tier: 'archiveMonthly', year: 2024, month: 11 }, '3d'],
  ])('%s: archive and REST hold the same candles', async (_, period, interval) => {
    const { candles, findings } = await readAll(period, interval);
    expect(rowsOf(candles)).toEqual(rowsOf(await fetchAll(archiveRange(period), interval)));
    expect(findings).toEqual([]);
    expect(candles.rows).toBeGreaterThan(8);
  });

  it('what is not out yet is no error', async () => {
    expect(await download({ tier: 'archiveMonthly', year: 2025, month: 1 })).toMatchObject({ kind: 'not_published' });
  });

  it.each<[FaultRule['effect'], string]>([
    ['bad_checksum', 'archive.checksum_mismatch'],
    ['stale_checksum', 'archive.checksum_mismatch'],
    ['truncated_zip', 'archive.checksum_mismatch'],
    ['not_a_zip', 'archive.'],
    ['conflicting_rows', 'archive.bad_row'],
    ['malformed_row', 'archive.bad_row'],
    ['not_a_number', 'archive.bad_row'],
    ['ohlc_violation', 'archive.bad_row'],
  ])('%s is never read as candles', async (effect, code) => {
    practice.setFaults([{ match: { kind: 'archive', symbol: 'BTCUSDT' }, effect }]);
    if (effect === 'bad_checksum') practice.setFaults([{ match: { kind: 'checksum' }, effect }]);
    await expect(readAll(DAY)).rejects.toMatchObject({ code: expect.stringContaining(code) });
  });

  it.each<[FaultRule['effect'], RegExp | null]>([
    ['checksum_newline', null],
    ['header_row', null],
    ['duplicate_rows', /duplicate rows dropped/],
    ['unsorted_rows', /not in order/],
  ])('%s changes no candle', async (effect, finding) => {
    const truth = rowsOf((await readAll(DAY)).candles);
    practice.setFaults([
      { match: effect === 'checksum_newline' ? { kind: 'checksum' } : { symbol: 'BTCUSDT' }, effect },
    ]);
    const { candles, findings } = await readAll(DAY);
    expect(rowsOf(candles)).toEqual(truth);
    if (finding) expect(findings.map(({ sentence }) => sentence).join('\n')).toMatch(finding);
    else expect(findings).toEqual([]);
  });

  it.each<FaultRule['effect']>(['off_grid_row', 'long_decimals'])('%s is said', async (effect) => {
    practice.setFaults([{ match: { symbol: 'BTCUSDT' }, effect }]);
    expect((await readAll(DAY)).findings).toHaveLength(1);
  });

  it('lost requests on the way lose nothing', async () => {
    const truth = rowsOf((await readAll(DAY)).candles);
    for (const effect of ['reset', 'cut_body'] as const) {
      practice.setFaults([{ match: { kind: 'archive' }, effect, times: 2 }]);
      expect(rowsOf((await readAll(DAY)).candles)).toEqual(truth);
    }
  });
});

describe('a tight budget', () => {
  async function tightPractice(weightLimit: number) {
    const clock = new ManualClock(NOW);
    const exchange = await startPracticeExchange({ now: clock.now, weightLimit, strikesBeforeBan: 0 });
    onTestFinished(() => exchange.close());
    const limiter = new WeightLimiter({ share: 1, limitPerMinute: weightLimit, now: clock.now, sleep: clock.sleep });
    const { now, sleep } = clock;
    const rest = new BinanceRest({ market: 'spot', urls: [exchange.restUrl], limiter, http, now, sleep });
    return { clock, exchange, rest };
  }

  it('many pages beside another program at the same address never meet a 429', async () => {
    const { clock, exchange, rest } = await tightPractice(40);
    const range = { from: NOW - 4 * HOUR_MS, to: NOW - 2 * HOUR_MS };
    let rows = 0;
    for await (const page of rest.klines({ symbol: 'BTCUSDT', interval: '1m', range, limit: 2 })) {
      rows += page.candles.rows;
      if (rows % 20 === 0) await fetch(`${exchange.restUrl}/api/v3/time`);
    }
    expect(rows).toBe(120);
    expect(exchange.requestsLog().filter(({ status }) => status !== 200)).toEqual([]);
    // 60 pages of weight 2 and the other's requests fill three minutes.
    expect(clock.time - NOW).toBeGreaterThan(3 * MINUTE_MS - 30_000);
  });

  it('a ban that another program caused is sat out, and nothing is lost', async () => {
    const { clock, exchange, rest } = await tightPractice(40);
    await rest.syncClock();
    // Two requests of weight 20 and one more: the ban is on, and no answer to us has told of it yet.
    for (let i = 0; i < 3; i++) await fetch(`${exchange.restUrl}/api/v3/exchangeInfo`);
    const before = exchange.counters().requests.klines;
    const page = await rest.klinesPage({ symbol: 'BTCUSDT', interval: '1m', from: NOW - HOUR_MS, to: NOW });
    expect(page.candles.rows).toBe(60);
    expect(exchange.counters().requests.klines - before).toBe(2);
    expect(clock.time - NOW).toBeGreaterThanOrEqual(120_000);
  });
});
