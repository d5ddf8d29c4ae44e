import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HOUR_MS, MARKETS, type Market, type Range } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AggTradesPage, AggTradesRequest } from './agg-trades';
import { createCounters } from './counters';
import type { HttpGetter } from './http-client';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { sendJson, testServer } from './test-server';
import { TradeTruth, type TradeTruthOptions, type TrueTrade } from './trade-truth';
import { WeightLimiter } from './weight-limiter';

const NOON = Date.UTC(2025, 5, 1, 12);
const NOW = NOON + 10 * HOUR_MS;
const FUTURES = ['um', 'cm'] as const;

function restOf(market: Market, http: HttpGetter | string) {
  const clock = new ManualClock(NOW);
  const limiter = new WeightLimiter({ limitPerMinute: 1e9, share: 1, now: clock.now, sleep: clock.sleep });
  const urls = [typeof http === 'string' ? http : 'http://127.0.0.1:1'];
  return new BinanceRest({
    market,
    urls,
    limiter,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    ...(typeof http === 'string' ? {} : { http }),
  });
}

async function pagesOf(rest: BinanceRest, request: AggTradesRequest): Promise<AggTradesPage[]> {
  const pages: AggTradesPage[] = [];
  for await (const page of rest.aggTrades(request)) pages.push(page);
  return pages;
}

const idsOf = (pages: readonly AggTradesPage[]) =>
  pages.flatMap(({ trades }) => [...trades.aggId.subarray(0, trades.rows)]);

const missingOf = (pages: readonly AggTradesPage[]) =>
  pages.flatMap(({ missingIds }) =>
    missingIds.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
  );

/** Trades from NOON on, each some µs after the one before; ids without holes unless `skips` has some. */
function tradesOf(steps: readonly number[], firstId = 1, unit = 1): TrueTrade[] {
  let us = NOON * 1000;
  return steps.map((step, i) => {
    us += step * unit;
    return { id: firstId + i, us: unit === 1 ? us : Math.floor(us / 1000) * 1000 };
  });
}

const inside = ({ us }: TrueTrade, { from, to }: Range) => us >= from * 1000 && us < to * 1000;

describe.each(MARKETS)('%s', (market) => {
  it('any trades, range and page size: every trade once, and what is settled is true', async () => {
    // Steps in ms: many in one millisecond, seconds, and holes of hours.
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: HOUR_MS / 2, max: 3 * HOUR_MS }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(59), { maxLength: 6 }),
        fc.integer({ min: -HOUR_MS, max: 9 * HOUR_MS }),
        fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 12 * HOUR_MS })),
        fc.integer({ min: 1, max: 9 }),
        async (steps, lost, start, length, limit) => {
          const trades = tradesOf(steps, 1, 1000).filter((_, i) => i === 0 || !lost.includes(i));
          const rest = restOf(market, new TradeTruth(trades, () => NOW));
          const range = { from: NOON + start, to: NOON + start + length };
          // Futures that have no trade at all cannot prove that there was none.
          if (market !== 'spot' && trades.length === 0) return;
          const pages = await pagesOf(rest, { symbol: 'BTCUSDT', range, limit });
          expect(idsOf(pages)).toEqual(trades.filter((trade) => inside(trade, range)).map(({ id }) => id));
          let cursor = range.from;
          let nextId: number | null = null;
          for (const { settled, settledIds, trades: got } of pages) {
            expect(settled.from).toBe(cursor);
            expect(settled.to).toBeGreaterThanOrEqual(cursor);
            cursor = settled.to;
            if (settledIds === null) {
              expect(got.rows).toBe(0);
              continue;
            }
            if (nextId !== null) expect(settledIds.from).toBe(nextId);
            nextId = settledIds.to + 1;
            const known = trades.filter(({ id }) => id >= settledIds.from && id <= settledIds.to);
            expect([...got.aggId.subarray(0, got.rows)]).toEqual(known.map(({ id }) => id));
          }
          expect(cursor).toBe(Math.min(range.to, Math.max(cursor, NOW - 1_000)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('after each page, all trades up to what is settled have come', async () => {
    const trades = tradesOf(
      Array.from({ length: 500 }, (_, i) => (i % 20 === 0 ? 700 : 0)),
      7,
      1000,
    );
    const range = { from: NOON, to: NOON + HOUR_MS };
    const got: number[] = [];
    for await (const page of restOf(
      market,
      new TradeTruth([{ id: 6, us: (NOON - 1) * 1000 }, ...trades], () => NOW),
    ).aggTrades({
      symbol: 'BTCUSDT',
      range,
      limit: 30,
    })) {
      got.push(...idsOf([page]));
      const due = trades.filter(({ us }) => us < page.settled.to * 1000).map(({ id }) => id);
      expect(got).toEqual(expect.arrayContaining(due));
    }
    expect(got).toHaveLength(500);
  });

  it('a millisecond that holds three pages of trades loses none of them', async () => {
    const trades = tradesOf([5, ...Array<number>(2_999).fill(0), 2], 1, 1000);
    const http = new TradeTruth(trades, () => NOW);
    const pages = await pagesOf(restOf(market, http), { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 60_000 } });
    expect(idsOf(pages)).toEqual(trades.map(({ id }) => id));
    expect(pages.map(({ trades: { rows } }) => rows)).toEqual([1000, 1000, 1000, 1]);
  });

  it('lost ids are named once, also where a page ends', async () => {
    const trades = tradesOf(Array<number>(20).fill(1), 50, 1000).filter(({ id }) => ![54, 55, 60, 65].includes(id));
    const http = new TradeTruth([{ id: 49, us: (NOON - 1) * 1000 }, ...trades], () => NOW);
    const range = { from: NOON, to: NOON + 60_000 };
    const pages = await pagesOf(restOf(market, http), { symbol: 'BTCUSDT', range, limit: 4 });
    expect(missingOf(pages)).toEqual([54, 55, 60, 65]);
  });

  it('from an id on: to another one inclusive, or to the newest', async () => {
    const trades = tradesOf(Array<number>(25).fill(1), 100, 1000).filter(({ id }) => id !== 100 && id !== 107);
    const rest = restOf(market, new TradeTruth(trades, () => NOW));
    const some = await pagesOf(rest, { symbol: 'BTCUSDT', fromId: 100, toId: 110, limit: 4 });
    expect(idsOf(some)).toEqual([101, 102, 103, 104, 105, 106, 108, 109, 110]);
    expect(some.map((page) => page.settledIds)).toEqual([
      { from: 100, to: 104 },
      { from: 105, to: 109 },
      { from: 110, to: 110 },
    ]);
    expect(missingOf(some)).toEqual([100, 107]);
    const all = await pagesOf(rest, { symbol: 'BTCUSDT', fromId: 120 });
    expect(idsOf(all)).toEqual([120, 121, 122, 123, 124]);
    expect(await pagesOf(rest, { symbol: 'BTCUSDT', fromId: 999 })).toEqual([]);
  });

  it('a range that has not come yet costs no request, and the newest second is never settled', async () => {
    const http = new TradeTruth(tradesOf([1], 1, 1000), () => NOW);
    const rest = restOf(market, http);
    await rest.syncClock();
    http.requests.length = 0;
    expect(await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOW, to: NOW + HOUR_MS } })).toEqual([]);
    expect(await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOON, to: NOON } })).toEqual([]);
    expect(http.requests).toEqual([]);
    const pages = await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOW - 60_000, to: NOW + HOUR_MS } });
    expect(pages.at(-1)!.settled.to).toBe(NOW - 1_000);
  });

  it('what the answers cost is counted by the market’s weights', async () => {
    const http = new TradeTruth(tradesOf(Array<number>(2_500).fill(1), 1, 1000), () => NOW);
    const rest = restOf(market, http);
    await rest.syncClock();
    const counters = createCounters();
    for await (const _ of rest.aggTrades(
      { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 60_000 } },
      { counters },
    )) {
      // Only the cost matters here.
    }
    expect(counters).toMatchObject({ requests: 3, weight: market === 'spot' ? 12 : 60 });
  });
});

describe('spot', () => {
  it('microseconds are asked for and kept, also in the last millisecond of the range', async () => {
    const trades = [
      { id: 1, us: NOON * 1000 - 1 },
      { id: 2, us: NOON * 1000 },
      { id: 3, us: NOON * 1000 + 999_999 },
      { id: 4, us: NOON * 1000 + 1_000_000 },
    ];
    const rest = restOf('spot', new TradeTruth(trades, () => NOW));
    const [page] = await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 1000 } });
    expect([...page!.trades.time.subarray(0, 2)]).toEqual([NOON * 1000, NOON * 1000 + 999_999]);
    expect(page!.trades.rows).toBe(2);
  });

  it('the header for microseconds really goes over the wire', async () => {
    const units: unknown[] = [];
    const server = await testServer((request, response) => {
      if (request.url!.includes('/time')) return sendJson(response, { serverTime: NOW });
      units.push(request.headers['x-mbx-time-unit']);
      sendJson(response, []);
    });
    await pagesOf(restOf('spot', server.url), { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 1 } });
    expect(units).toEqual(['MICROSECOND']);
  });

  it('rows that Binance marked as no trades are left out and reported, and their ids are not missing', async () => {
    const trades = tradesOf([1, 1, 1, 1], 1, 1000).map((trade) => ({
      ...trade,
      marked: trade.id === 2 || trade.id === 4,
    }));
    const rest = restOf('spot', new TradeTruth(trades, () => NOW));
    const pages = await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 1000 } });
    expect(idsOf(pages)).toEqual([1, 3]);
    expect(missingOf(pages)).toEqual([]);
    expect(pages[0]!.settledIds).toEqual({ from: 1, to: 4 });
    expect(pages[0]!.findings).toEqual([
      { kind: 'marked_rows', sentence: expect.stringContaining('2 rows marked as no trades') },
    ]);
  });

  it('a page of nothing but marked rows does not end the paging', async () => {
    const trades = tradesOf(Array<number>(9).fill(1), 1, 1000).map((trade) => ({
      ...trade,
      marked: trade.id >= 4 && trade.id <= 6,
    }));
    const rest = restOf('spot', new TradeTruth(trades, () => NOW));
    const pages = await pagesOf(rest, { symbol: 'BTCUSDT', range: { from: NOON, to: NOON + 1000 }, limit: 3 });
    expect(idsOf(pages)).toEqual([1, 2, 3, 7, 8, 9]);
  });
});

describe.each(FUTURES)('%s, where old trades are no longer served', (market) => {
  // A trade every ten seconds since an hour before noon; ids far from 1.
  const trades = Array.from({ length: 4_000 }, (_, i) => ({
    id: 5_000_000 + i,
    us: (NOON - HOUR_MS + i * 10_000) * 1000,
  }));
  const ask = (range: Range, options: TradeTruthOptions, limit = 1000) =>
    pagesOf(restOf(market, new TradeTruth(trades, () => NOW, options)), { symbol: 'BTCUSDT', range, limit });

  it.each(['nothing', 'refusal'] as const)(
    'answered with %s: a start before that is exchange.too_old with the oldest moment, never a shorter answer',
    async (tooOld) => {
      const oldest = NOON + HOUR_MS + 1;
      const edge = Math.ceil((oldest - NOON) / 10_000) * 10_000 + NOON;
      for (const from of [NOON, oldest - 30 * 60_000, oldest - 10_001]) {
        const error = await ask({ from, to: NOON + 2 * HOUR_MS }, { oldest, tooOld }).catch(
          (caught: unknown) => caught,
        );
        expect(error).toMatchObject({
          code: 'exchange.too_old',
          message: expect.stringMatching(/only from 2025-06-01 13:00:10 UTC on.*Only the archives/),
          data: { oldest: edge },
        });
      }
    },
  );

  it.each(['nothing', 'refusal'] as const)(
    'answered with %s: a start behind the edge is served in full',
    async (tooOld) => {
      const oldest = NOON + HOUR_MS + 1;
      const range = { from: NOON + HOUR_MS + 15_000, to: NOON + 2 * HOUR_MS };
      const pages = await ask(range, { oldest, tooOld });
      expect(idsOf(pages)).toEqual(trades.filter((trade) => inside(trade, range)).map(({ id }) => id));
    },
  );

  it('a start that the first answer shows to be cut is told after three requests, not after a search', async () => {
    const http = new TradeTruth(trades, () => NOW, { oldest: NOON + 60_000 });
    const range = { from: NOON, to: NOON + HOUR_MS };
    await expect(pagesOf(restOf(market, http), { symbol: 'BTCUSDT', range })).rejects.toMatchObject({
      code: 'exchange.too_old',
    });
    expect(http.requests).toHaveLength(3);
  });

  it('a range all of which is gone says so too', async () => {
    await expect(
      ask({ from: NOON, to: NOON + 60_000 }, { oldest: NOON + HOUR_MS, tooOld: 'nothing' }),
    ).rejects.toMatchObject({ code: 'exchange.too_old' });
  });

  it('a symbol of which nothing is served any more is too old, not empty', async () => {
    await expect(ask({ from: NOON, to: NOON + 60_000 }, { oldest: NOW + 1, tooOld: 'nothing' })).rejects.toMatchObject({
      code: 'exchange.too_old',
      data: { oldest: null },
    });
  });

  it('an unknown symbol is an unknown symbol', async () => {
    const server = await testServer((request, response) =>
      request.url!.includes('/time')
        ? sendJson(response, { serverTime: NOW })
        : sendJson(response, { code: -1121, msg: 'Invalid symbol.' }, 400),
    );
    await expect(
      pagesOf(restOf(market, server.url), { symbol: 'NOPE', range: { from: NOON, to: NOON + 1 } }),
    ).rejects.toMatchObject({ code: 'usage.unknown_symbol' });
  });

  it('a start in a hole of half a day is found by few requests, by ids', async () => {
    const before = Array.from({ length: 200_000 }, (_, i) => ({
      id: 1_000 + i,
      us: (NOON - 50 * HOUR_MS + i * 100) * 1000,
    }));
    const after = Array.from({ length: 20_000 }, (_, i) => ({ id: 201_000 + i, us: (NOON + i * 1000) * 1000 }));
    const http = new TradeTruth([...before, ...after], () => NOW);
    const rest = restOf(market, http);
    const range = { from: NOON - 20 * HOUR_MS, to: NOON + 10_000 };
    expect(idsOf(await pagesOf(rest, { symbol: 'BTCUSDT', range }))).toEqual(after.slice(0, 10).map(({ id }) => id));
    expect(http.requests.length).toBeLessThan(25);
  });

  it('no window of an hour or more is ever asked for', async () => {
    const http = new TradeTruth(trades, () => NOW);
    const range = { from: NOON, to: NOON + 3 * HOUR_MS };
    await pagesOf(restOf(market, http), { symbol: 'BTCUSDT', range });
    for (const request of http.requests) {
      const { searchParams } = new URL(request, 'http://x');
      const start = searchParams.get('startTime');
      if (start !== null) expect(Number(searchParams.get('endTime')) - Number(start)).toBeLessThan(HOUR_MS);
    }
  });
});

describe('answers that cannot be trusted', () => {
  const good = { a: 5, p: '1.5', q: '2', f: 5, l: 6, T: NOON, m: true };
  it.each([
    ['no list', { hello: 1 }, 'no list of trades'],
    ['no row', [1], 'it is no trade'],
    ['an id that is text', [{ ...good, a: '5' }], 'value a'],
    ['a price that is a number', [{ ...good, p: 1.5 }], 'value p'],
    ['a price that is NaN', [{ ...good, p: 'NaN' }], 'value p'],
    ['a flag that is text', [{ ...good, m: 'true' }], 'value m'],
    ['a time that is text', [{ ...good, T: 'x' }], 'time'],
    ['a trade outside of the window', [{ ...good, T: NOON + 60_000 }], 'outside'],
    ['two trades with one id', [good, { ...good, q: '3' }], 'same aggregate id 5'],
  ])('%s is refused, and names what was asked', async (_, answer, reason) => {
    const server = await testServer((request, response) =>
      sendJson(response, request.url!.includes('/time') ? { serverTime: NOW } : answer),
    );
    await expect(
      pagesOf(restOf('spot', server.url), { symbol: 'X', range: { from: NOON, to: NOON + 1000 } }),
    ).rejects.toMatchObject({
      code: 'exchange.bad_row',
      message: expect.stringMatching(new RegExp(`/api/v3/aggTrades.*${reason}`)),
    });
  });

  it('an answer that starts before the id that was asked for does not page for ever', async () => {
    const server = await testServer((request, response) =>
      sendJson(response, request.url!.includes('/time') ? { serverTime: NOW } : [good]),
    );
    await expect(pagesOf(restOf('spot', server.url), { symbol: 'X', fromId: 9, limit: 1 })).rejects.toMatchObject({
      code: 'exchange.bad_row',
    });
  });
});

const RECORDED = resolve('../shared/data/thrasher-corp+gocryptotrader/exchanges/binance/testdata/http.json');

it.skipIf(!existsSync(RECORDED))('a recorded page of spot trades comes through row by row', async () => {
  const { routes } = JSON.parse(readFileSync(RECORDED, 'utf8')) as {
    routes: Record<string, { GET: { queryString: string; data: Record<string, unknown>[] }[] }>;
  };
  const entry = routes['/api/v3/aggTrades']!.GET.find(({ queryString }) =>
    queryString.startsWith('fromId=202790190&'),
  )!;
  const server = await testServer((request, response) =>
    sendJson(
      response,
      request.url!.includes('/time')
        ? { serverTime: NOW }
        : request.url!.includes('fromId=202790190&')
          ? entry.data
          : [],
    ),
  );
  const pages = await pagesOf(restOf('spot', server.url), { symbol: 'BTCUSDT', fromId: 202_790_190 });
  expect(idsOf(pages)).toEqual(entry.data.map((row) => row.a));
  const { trades, missingIds } = pages[0]!;
  expect(missingIds).toEqual([]);
  expect(trades.rows).toBe(1000);
  entry.data.forEach((row, i) => {
    expect([trades.price[i], trades.quantity[i], trades.time[i], trades.buyerMaker[i] === 1]).toEqual([
      Number(row.p),
      Number(row.q),
      (row.T as number) * 1000,
      row.m,
    ]);
  });
});
