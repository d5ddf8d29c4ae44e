import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  concatCandles,
  DAY_MS,
  HOUR_MS,
  type Interval,
  intervalMs,
  MARKETS,
  type Market,
  MINUTE_MS,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleTruth } from './candle-truth';
import { createCounters } from './counters';
import { klinesCost, klinesLimitFor, MARKET_RULES } from './endpoints';
import type { HttpGetter } from './http-client';
import type { KlinesPage } from './klines';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { sendJson, testServer } from './test-server';
import { WeightLimiter } from './weight-limiter';

const NOON = Date.UTC(2024, 5, 1, 12);
const FUTURES = ['um', 'cm'] as const;

function restOf(market: Market, http: HttpGetter | string, now = NOON + 30_000) {
  const clock = new ManualClock(now);
  const limiter = new WeightLimiter({ limitPerMinute: 1e9, share: 1, now: clock.now, sleep: clock.sleep });
  const shared = { market, limiter, now: clock.now, sleep: clock.sleep, random: () => 0.5 };
  return typeof http === 'string'
    ? new BinanceRest({ ...shared, urls: [http] })
    : new BinanceRest({ ...shared, urls: ['http://127.0.0.1:1'], http });
}

async function pagesOf(pages: AsyncIterable<KlinesPage>): Promise<KlinesPage[]> {
  const all: KlinesPage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const opensOf = (pages: readonly KlinesPage[]) => {
  const { rows, openTime } = concatCandles(pages.map((page) => page.candles));
  return [...openTime.subarray(0, rows)];
};

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

describe.each(FUTURES)('paging %s', (market) => {
  it('any range, limit and holes: every closed candle once, and what is settled is true', async () => {
    const first = NOON - 60 * MINUTE_MS;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(64), { maxLength: 65 }),
        fc.array(fc.nat(3_500_000), { maxLength: 3 }),
        fc.integer({ min: -200_000, max: 4_200_000 }),
        fc.integer({ min: 0, max: 4_200_000 }),
        fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
        async (aligned, offGrid, start, length, limit) => {
          const opens = [
            ...new Set([...aligned.map((i) => first + i * MINUTE_MS), ...offGrid.map((ms) => first + ms)]),
          ];
          opens.sort((a, b) => a - b);
          const rest = restOf(market, new CandleTruth(opens, () => NOON + 30_000));
          const range = { from: first + start, to: first + start + length };
          const pages = await pagesOf(rest.klines({ symbol: 'X', interval: '1m', range, ...(limit ? { limit } : {}) }));
          const end = Math.min(range.to, NOON);
          const expected = opens.filter((open) => open >= range.from && open < end);
          expect(opensOf(pages)).toEqual(expected);
          let cursor = range.from;
          for (const page of pages) {
            expect(page.settled.from).toBe(cursor);
            expect(page.settled.to).toBeGreaterThan(cursor);
            expect(opensOf([page])).toEqual(opens.filter((open) => open >= cursor && open < page.settled.to));
            cursor = page.settled.to;
          }
          const last = Math.min(end, NOON - 30_000 + 1);
          if (pages.length > 0) expect([cursor >= last, cursor <= end]).toEqual([true, true]);
          else expect(expected).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a day of minutes costs three requests of the class that gives most rows for their weight', async () => {
    const from = NOON - 2 * DAY_MS;
    const http = new CandleTruth(every(MINUTE_MS, from - DAY_MS, NOON), () => NOON + 30_000, 1500);
    const rest = restOf(market, http);
    await rest.syncClock();
    const counters = createCounters();
    const pages = await pagesOf(
      rest.klines({ symbol: 'X', interval: '1m', range: { from, to: from + DAY_MS } }, { counters }),
    );
    expect(opensOf(pages)).toEqual(every(MINUTE_MS, from, from + DAY_MS));
    expect(counters).toMatchObject({ requests: 3, weight: 6 });
  });

  it('few bars are asked for with the smallest weight', async () => {
    const http = new CandleTruth(every(MINUTE_MS, NOON - DAY_MS, NOON), () => NOON + 30_000, 1500);
    const rest = restOf(market, http);
    await rest.syncClock();
    const counters = createCounters();
    const range = { from: NOON - 90 * MINUTE_MS, to: NOON };
    expect(opensOf(await pagesOf(rest.klines({ symbol: 'X', interval: '1m', range }, { counters })))).toHaveLength(90);
    expect(counters).toMatchObject({ requests: 1, weight: 1 });
  });

  it('1s is refused in one sentence before anything is sent', async () => {
    const http = new CandleTruth([], () => NOON);
    const rest = restOf(market, http);
    const failure = {
      code: 'usage.interval_not_offered',
      message: expect.stringMatching(/no 1s candles of .* futures/),
    };
    await expect(rest.klinesPage({ symbol: 'X', interval: '1s', from: NOON, to: NOON + 1 })).rejects.toMatchObject(
      failure,
    );
    await expect(rest.firstCandle('X', '1s')).rejects.toMatchObject(failure);
    await expect(rest.lastCandle('X', '1s')).rejects.toMatchObject(failure);
    expect(http.requests).toEqual([]);
  });
});

it('the limit is the cheapest that covers the rows, and else the best value', () => {
  const of = (market: Market) =>
    [1, 99, 100, 499, 500, 5_000].map((rows) => klinesLimitFor(MARKET_RULES[market], rows));
  expect(of('um')).toEqual([99, 99, 499, 499, 499, 499]);
  expect(of('cm')).toEqual([99, 99, 499, 499, 499, 499]);
  expect(of('spot')).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  const { weight } = MARKET_RULES.um;
  expect([99, 100, 499, 500, 1000, 1001].map((limit) => weight.klines(limit))).toEqual([1, 2, 2, 5, 5, 10]);
});

it('what a plan expects paging to cost is what it costs', async () => {
  for (const market of MARKETS) {
    for (const bars of [1, 98, 99, 100, 498, 499, 500, 996, 997, 998, 999, 1000, 1001, 1996, 2500]) {
      const http = new CandleTruth(every(MINUTE_MS, NOON - 4_000 * MINUTE_MS, NOON), () => NOON + 30_000, 1500);
      const rest = restOf(market, http);
      await rest.syncClock();
      const counters = createCounters();
      const from = NOON - 3_500 * MINUTE_MS;
      const range = { from, to: from + bars * MINUTE_MS };
      await pagesOf(rest.klines({ symbol: 'X', interval: '1m', range }, { counters }));
      const { requests, weight } = counters;
      expect({ market, bars, requests, weight }).toEqual({ market, bars, ...klinesCost(market, bars) });
    }
  }
});

describe('COIN-M windows', () => {
  it('no window is longer than 200 days, whatever the interval', async () => {
    const from = Date.UTC(2021, 0, 1);
    for (const interval of ['12h', '1d', '3d', '1w', '1M'] as const) {
      const http = new CandleTruth(every(intervalMs(interval), from, NOON), () => NOON, 1500, interval);
      const rest = restOf('cm', http);
      const pages = await pagesOf(rest.klines({ symbol: 'X', interval, range: { from, to: NOON } }));
      // The truth answers -4088 to longer windows, which would have thrown.
      expect(pages.length).toBeGreaterThan(5);
      expect(pages[0]!.settled.from).toBe(from);
    }
  });

  it('years before the listing are passed over by weeks, not by windows of minutes', async () => {
    const listed = Date.UTC(2024, 4, 29, 8);
    const http = new CandleTruth(every(MINUTE_MS, listed, NOON), () => NOON + 30_000, 1500);
    const rest = restOf('cm', http);
    const range = { from: Date.UTC(2020, 0, 1), to: NOON };
    const pages = await pagesOf(rest.klines({ symbol: 'X', interval: '1m', range }));
    expect(opensOf(pages)).toEqual(every(MINUTE_MS, listed, NOON));
    let cursor = range.from;
    for (const { settled } of pages) {
      expect(settled.from).toBe(cursor);
      cursor = settled.to;
    }
    expect(cursor).toBe(NOON);
    // 3 days and 4 hours of minutes are ten pages.
    expect(http.requests.length).toBeLessThan(40);
  });

  it('more rows in a window than it has bars (off the grid) are found by halving it', async () => {
    const opens = every(MINUTE_MS / 4, NOON - HOUR_MS, NOON - MINUTE_MS);
    const rest = restOf('cm', new CandleTruth(opens, () => NOON + 30_000));
    const range = { from: NOON - HOUR_MS, to: NOON };
    expect(opensOf(await pagesOf(rest.klines({ symbol: 'X', interval: '1m', range })))).toEqual(opens);
  });
});

describe('first and last candle of COIN-M', () => {
  const intervals: Interval[] = ['1m', '5m', '15m', '1h', '4h', '8h', '1d', '3d', '1w', '1M'];
  const listings = [
    Date.UTC(2020, 7, 10, 8, 17),
    Date.UTC(2024, 4, 29, 23, 59),
    Date.UTC(2023, 0, 1),
    Date.UTC(2021, 11, 31, 23, 31),
  ];

  it.each([true, false])(
    'is found at every interval (answers without bounds cut to the last window: %s)',
    async (cut) => {
      for (const listed of listings) {
        const opens = [listed, listed + MINUTE_MS, ...every(6 * HOUR_MS, listed + DAY_MS, NOON)];
        const http = new CandleTruth(opens, () => NOON, 1500, '1m', cut);
        const rest = restOf('cm', http);
        for (const interval of intervals) {
          const counters = createCounters();
          const asked = await rest.firstCandle('X', interval, { counters });
          // By the longer candles of the truth: what USD-M would answer to startTime=0.
          const expected = await restOf('um', http).firstCandle('X', interval);
          expect(asked, `${interval} of ${new Date(listed).toISOString()}`).toBe(expected);
          expect(counters.weight).toBeLessThanOrEqual(cut || NOON - listed < 300 * DAY_MS ? 20 : 4);
        }
      }
    },
  );

  it.each([true, false])('of a contract that ended years ago too (cut: %s)', async (cut) => {
    const opens = every(HOUR_MS, Date.UTC(2021, 2, 3, 4), Date.UTC(2021, 5, 25, 8));
    const rest = restOf('cm', new CandleTruth(opens, () => NOON, 1500, '1h', cut));
    expect(await rest.firstCandle('X', '1h')).toBe(opens[0]);
    expect(await rest.lastCandle('X', '1h')).toBe(opens.at(-1));
  });

  it('of a symbol without candles is null', async () => {
    const rest = restOf('cm', new CandleTruth([], () => NOON));
    expect(await rest.firstCandle('X', '1m')).toBeNull();
    expect(await rest.lastCandle('X', '1m')).toBeNull();
  });
});

describe('exchangeInfo of futures', () => {
  it('contractStatus is the status, a delivery date is told, and the request limit is taken', async () => {
    const server = await testServer((_, response) =>
      sendJson(response, {
        serverTime: NOON,
        rateLimits: [
          { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
          { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 6100 },
        ],
        symbols: [
          {
            symbol: 'BTCUSD_PERP',
            contractStatus: 'TRADING',
            baseAsset: 'BTC',
            quoteAsset: 'USD',
            contractType: 'PERPETUAL',
            deliveryDate: 4_133_404_800_000,
            onboardDate: 1,
          },
          {
            symbol: 'BTCUSD_240628',
            contractStatus: 'DELIVERING',
            baseAsset: 'BTC',
            quoteAsset: 'USD',
            contractType: 'CURRENT_QUARTER',
            deliveryDate: 1_719_561_600_000,
            onboardDate: 1,
          },
        ],
      }),
    );
    const { symbols, weightLimit } = await restOf('cm', server.url).exchangeInfo();
    expect(weightLimit).toBe(2400);
    expect(symbols).toEqual([
      {
        market: 'cm',
        symbol: 'BTCUSD_PERP',
        baseAsset: 'BTC',
        quoteAsset: 'USD',
        status: 'TRADING',
        contractType: 'PERPETUAL',
      },
      {
        market: 'cm',
        symbol: 'BTCUSD_240628',
        baseAsset: 'BTC',
        quoteAsset: 'USD',
        status: 'DELIVERING',
        contractType: 'CURRENT_QUARTER',
        deliveryDate: 1_719_561_600_000,
      },
    ]);
  });
});

const RECORDED = resolve('../shared/data/thrasher-corp+gocryptotrader/exchanges/binance/testdata/http.json');

describe.skipIf(!existsSync(RECORDED))('recorded answers', () => {
  const entry = (path: string, part: string) => {
    const { routes } = JSON.parse(readFileSync(RECORDED, 'utf8')) as {
      routes: Record<string, { GET: { queryString: string; data: unknown }[] }>;
    };
    return routes[path]!.GET.find(({ queryString }) => queryString.includes(part))!.data;
  };
  const served = (answers: Record<string, unknown>) =>
    testServer((request, response) => {
      const path = request.url!.split('?')[0]!;
      sendJson(response, path.endsWith('/time') ? { serverTime: NOON } : answers[path]);
    });

  it.each([
    ['um', '/fapi/v1/klines', 16_610.3, 105_502.965],
    ['cm', '/dapi/v1/klines', 16_607.9, 2_067_959],
  ] as const)('days of %s, in the decimals of the symbol', async (market, path, close, volume) => {
    const server = await served({ [path]: entry(path, 'startTime=1672531200000') });
    const range = { from: 1_672_531_200_000, to: 1_673_136_000_000 };
    const pages = await pagesOf(restOf(market, server.url).klines({ symbol: 'X', interval: '1d', range }));
    expect(opensOf(pages)).toEqual(every(DAY_MS, range.from, range.from + 6 * DAY_MS));
    expect([pages[0]!.candles.close[0], pages[0]!.candles.volume[0]]).toEqual([close, volume]);
  });

  it.each([
    ['spot', '/api/v3/exchangeInfo', 25, 6000],
    ['um', '/fapi/v1/exchangeInfo', 25, 2400],
    ['cm', '/dapi/v1/exchangeInfo', 25, 2400],
  ] as const)('symbols of %s, each with assets and a status', async (market, path, count, limit) => {
    const server = await served({ [path]: entry(path, '') });
    const { symbols, weightLimit } = await restOf(market, server.url).exchangeInfo();
    expect([symbols.length, weightLimit]).toEqual([count, limit]);
    for (const symbol of symbols) expect(symbol.status && symbol.baseAsset && symbol.quoteAsset).toBeTruthy();
  });
});
