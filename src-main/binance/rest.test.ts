import {
  CANDLE_FIELDS,
  candleAt,
  ceilToGrid,
  closeOf,
  concatCandles,
  gridOf,
  INTERVALS,
  type Interval,
  intervalMs,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleTruth, rowOf, truthCandle } from './candle-truth';
import { createCounters } from './counters';
import type { HttpGetter } from './http-client';
import type { KlinesPage } from './klines';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { deadUrl, type Respond, sendJson, testServer } from './test-server';
import { WeightLimiter } from './weight-limiter';

const MINUTE = 60_000;
const NOON = Date.UTC(2024, 5, 1, 12);

function restOf(options: { urls?: string[]; http?: HttpGetter; clock?: ManualClock; limit?: number } = {}) {
  const clock = options.clock ?? new ManualClock(NOON + 30_000);
  const limiter = new WeightLimiter({
    limitPerMinute: options.limit ?? 1_000_000,
    share: 1,
    now: clock.now,
    sleep: clock.sleep,
  });
  const rest = new BinanceRest({
    market: 'spot',
    urls: options.urls ?? ['http://127.0.0.1:1'],
    limiter,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    ...(options.http ? { http: options.http } : {}),
  });
  return { rest, limiter, clock };
}

/** A truth of bars of another length than the minutes that it is asked for otherwise. */
const truthOf = (opens: number[], now: () => number, interval: Interval) => new CandleTruth(opens, now, 1000, interval);

async function pagesOf(pages: AsyncIterable<KlinesPage>): Promise<KlinesPage[]> {
  const all: KlinesPage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

const opensOf = (pages: readonly KlinesPage[]) => {
  const { rows, openTime } = concatCandles(pages.map((page) => page.candles));
  return [...openTime.subarray(0, rows)];
};

const minutes = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + i * MINUTE);

describe('paging', () => {
  it('any range, limit and holes: every closed candle once, and what is settled is true', async () => {
    const first = NOON - 60 * MINUTE;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(64), { maxLength: 65 }),
        // Off the grid, and long closed: what opens off the grid beside the running bar belongs to no bar that could be asked for.
        fc.array(fc.nat(3_500_000), { maxLength: 3 }),
        fc.integer({ min: -200_000, max: 4_200_000 }),
        fc.integer({ min: 0, max: 4_200_000 }),
        fc.integer({ min: 1, max: 12 }),
        async (aligned, offGrid, start, length, limit) => {
          const opens = [
            ...new Set([...aligned.map((i) => first + i * MINUTE), ...offGrid.map((ms) => first + ms)]),
          ].sort((a, b) => a - b);
          const { rest, clock } = restOf({ http: new CandleTruth(opens, () => NOON + 30_000) });
          const range = { from: first + start, to: first + start + length };
          const pages = await pagesOf(rest.klines({ symbol: 'BTCUSDT', interval: '1m', range, limit }));
          const closedBefore = Math.floor(clock.time / MINUTE) * MINUTE;
          const end = Math.min(range.to, closedBefore);
          const expected = opens.filter((open) => open >= range.from && open < end);
          expect(opensOf(pages)).toEqual(expected);
          // The settled ranges follow each other from the start to where bars are not closed.
          let cursor = range.from;
          for (const page of pages) {
            expect(page.settled.from).toBe(cursor);
            expect(page.settled.to).toBeGreaterThan(cursor);
            const inside = opens.filter((open) => open >= page.settled.from && open < page.settled.to);
            expect(opensOf([page])).toEqual(inside);
            cursor = page.settled.to;
          }
          // A bar that opens within the last minute is not closed on any grid, so nobody asks for it.
          const last = Math.min(end, clock.time - MINUTE + 1);
          if (pages.length > 0) expect([cursor >= last, cursor <= end]).toEqual([true, true]);
          else expect(expected).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(INTERVALS)('%s: the running candle is left out, the one before is not', async (interval: Interval) => {
    const now = Date.UTC(2024, 5, 5, 13, 47, 31, 500);
    const phase = 2;
    const grid = gridOf(interval, phase);
    const running = grid.openAt(grid.indexOf(now));
    const opens = [-3, -2, -1, 0].map((i) => grid.openAt(grid.indexOf(now) + i));
    const { rest } = restOf({ http: truthOf(opens, () => now, interval), clock: new ManualClock(now + 120_000) });
    const range = { from: opens[0]!, to: now + 10 * intervalMs(interval) };
    const pages = await pagesOf(rest.klines({ symbol: 'BTCUSDT', interval, range }));
    expect(opensOf(pages)).toEqual(opens.slice(0, 3));
    expect(pages[0]!.settled).toEqual({ from: opens[0], to: running });
    expect(closeOf(grid, opens[2]!)).toBeLessThanOrEqual(now);
  });

  it('3d without any row to learn the phase from settles nothing that may be running', async () => {
    const { rest } = restOf({ http: new CandleTruth([], () => NOON), clock: new ManualClock(NOON) });
    const page = await rest.klinesPage({ symbol: 'XUSDT', interval: '3d', from: 0, to: NOON + 1e9 });
    for (const phase of [0, 1, 2]) {
      const grid = gridOf('3d', phase);
      const running = grid.openAt(grid.indexOf(NOON));
      expect(page.settled.to).toBeLessThanOrEqual(running);
      expect(ceilToGrid(grid, page.settled.to)).toBeLessThanOrEqual(running);
    }
  });

  it('a candle that closes while the answer is on its way does not count as closed', async () => {
    const clock = new ManualClock(NOON + 59_900);
    const opens = minutes(3, NOON - MINUTE);
    const truth = new CandleTruth(opens, clock.now);
    const slow: HttpGetter = {
      get: async (url) => {
        clock.time += 50;
        const reply = await truth.get(url);
        clock.time += 150;
        return reply;
      },
    };
    const { rest } = restOf({ http: slow, clock });
    await rest.syncClock();
    clock.time = NOON + 59_900;
    const page = await rest.klinesPage({
      symbol: 'BTCUSDT',
      interval: '1m',
      from: NOON - MINUTE,
      to: NOON + 9 * MINUTE,
    });
    expect(opensOf([page])).toEqual([NOON - MINUTE]);
    expect(page.settled.to).toBe(NOON);
  });

  it('a full answer of a year is asked for page by page and nothing more', async () => {
    const opens = minutes(2_500, NOON - 3_000 * MINUTE);
    const http = new CandleTruth(opens, () => NOON);
    const { rest } = restOf({ http });
    const counters = createCounters();
    const range = { from: opens[0]!, to: opens[2_499]! + MINUTE };
    const pages = await pagesOf(rest.klines({ symbol: 'BTCUSDT', interval: '1m', range }, { counters }));
    expect(pages.map((page) => page.candles.rows)).toEqual([1000, 1000, 500]);
    expect(counters).toMatchObject({ requests: 3, weight: 6, retries: 0 });
    const candle = candleAt(pages[1]!.candles, 7);
    expect(candle).toEqual(truthCandle(opens[1_007]!));
    expect(Object.keys(candle)).toEqual([...CANDLE_FIELDS]);
  });

  it('a range that has not closed yet, or is before 2017, or empty, costs no request', async () => {
    const http = new CandleTruth(minutes(5, NOON - 5 * MINUTE), () => NOON);
    const { rest } = restOf({ http });
    await rest.syncClock();
    const counters = createCounters();
    for (const range of [
      { from: NOON, to: NOON + 10 * MINUTE },
      { from: NOON - MINUTE + 1, to: NOON },
      { from: NOON, to: NOON },
      { from: Date.UTC(2010, 0), to: Date.UTC(2011, 0) },
    ]) {
      expect(opensOf(await pagesOf(rest.klines({ symbol: 'BTCUSDT', interval: '1m', range }, { counters })))).toEqual(
        [],
      );
    }
    expect(counters.requests).toBe(0);
  });

  it('rows outside of what was asked for are not taken for an answer', async () => {
    const server = await testServer((request, response) =>
      request.url!.includes('/time')
        ? sendJson(response, { serverTime: NOON })
        : sendJson(response, [rowOf(truthCandle(NOON - MINUTE), NOON - 1)]),
    );
    const { rest } = restOf({ urls: [server.url] });
    const asked = { symbol: 'BTCUSDT', interval: '1m', from: NOON - 9 * MINUTE, to: NOON - 5 * MINUTE } as const;
    await expect(rest.klinesPage(asked)).rejects.toMatchObject({ code: 'exchange.bad_row' });
  });

  it('the first and the last candle are found, and their absence too', async () => {
    const { rest } = restOf({ http: new CandleTruth(minutes(3, NOON), () => NOON + 9 * MINUTE) });
    expect(await rest.firstCandle('BTCUSDT', '1m')).toBe(NOON);
    expect(await rest.lastCandle('BTCUSDT', '1m')).toBe(NOON + 2 * MINUTE);
    const { rest: empty } = restOf({ http: new CandleTruth([], () => NOON) });
    expect(await empty.firstCandle('BTCUSDT', '1m')).toBeNull();
    expect(await empty.lastCandle('BTCUSDT', '1m')).toBeNull();
  });
});

describe('clock', () => {
  it("closed is judged by the exchange's clock when this machine's is two minutes wrong", async () => {
    for (const wrong of [-120_000, 120_000]) {
      const clock = new ManualClock(NOON + 30_000 + wrong);
      const { rest } = restOf({
        http: new CandleTruth(minutes(10, NOON - 5 * MINUTE), () => clock.time - wrong),
        clock,
      });
      expect(await rest.syncClock()).toBe(NOON + 30_000);
      expect(rest.clockOffsetMs).toBe(-wrong);
      const range = { from: NOON - 5 * MINUTE, to: NOON + 5 * MINUTE };
      expect(opensOf(await pagesOf(rest.klines({ symbol: 'BTCUSDT', interval: '1m', range })))).toEqual(
        minutes(5, NOON - 5 * MINUTE),
      );
    }
  });

  it('half the round trip is taken off', async () => {
    const clock = new ManualClock(NOON);
    const truth = new CandleTruth([], () => NOON + 5_000);
    const http: HttpGetter = {
      get: (url) => {
        clock.time += 400;
        return truth.get(url);
      },
    };
    const { rest } = restOf({ http, clock });
    expect(await rest.syncClock()).toBe(NOON + 5_200);
  });
});

describe('exchangeInfo', () => {
  it("tells the limiter the exchange's own limit, and keeps symbols that do not trade", async () => {
    const server = await testServer((_, response) =>
      sendJson(response, {
        serverTime: NOON,
        rateLimits: [
          { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 50 },
          { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
        ],
        symbols: [
          { symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', filters: [] },
          { symbol: 'BCCBTC', status: 'BREAK', baseAsset: 'BCC', quoteAsset: 'BTC' },
        ],
      }),
    );
    const { rest, limiter } = restOf({ urls: [server.url] });
    expect(await rest.exchangeInfo()).toEqual({
      serverTime: NOON,
      weightLimit: 1200,
      symbols: [
        { market: 'spot', symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT', status: 'TRADING' },
        { market: 'spot', symbol: 'BCCBTC', baseAsset: 'BCC', quoteAsset: 'BTC', status: 'BREAK' },
      ],
    });
    expect(limiter.snapshot()).toMatchObject({ used: 20, limit: 1200 });
  });

  it('an answer of some other service is named, not taken', async () => {
    const server = await testServer((_, response) => sendJson(response, { hello: 'world' }));
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.exchangeInfo()).rejects.toMatchObject({ code: 'exchange.bad_answer' });
    await expect(rest.syncClock()).rejects.toMatchObject({ code: 'exchange.bad_answer' });
  });
});

describe('trouble', () => {
  /** Answers `time` properly after the given trouble. */
  const after =
    (count: number, trouble: Respond): Respond =>
    (request, response, n) =>
      n <= count ? trouble(request, response, n) : sendJson(response, { serverTime: NOON });

  const html: Respond = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><body>Please log in</body></html>');
  };
  const passing: [string, Respond][] = [
    ['a 500 with JSON', (_, response) => sendJson(response, { code: -1001, msg: 'Internal error' }, 500)],
    ['a 503 with HTML', (_, response) => void response.writeHead(503).end('<html>')],
    [
      'a 400 that is a time-out behind the scenes',
      (_, response) => sendJson(response, { code: -1007, msg: 'Timeout' }, 400),
    ],
    ['HTML where JSON is due', html],
    [
      'a body cut in the middle',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"serverTime":');
        setImmediate(() => response.destroy());
      },
    ],
    ['a JSON body that ends too early', (_, response) => void response.end('{"serverTime":17')],
    [
      'a broken gzip body',
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end('not gzip');
      },
    ],
    ['a reset connection', (request) => void request.socket.destroy()],
  ];
  it.each(passing)('%s passes by itself', async (_, trouble) => {
    const server = await testServer(after(2, trouble));
    const { rest, clock } = restOf({ urls: [server.url] });
    expect(await rest.syncClock()).toBeGreaterThanOrEqual(NOON);
    expect(server.requests).toHaveLength(3);
    // Back-off doubles: half of 500, half of 1000.
    expect(clock.sleeps).toEqual([250, 500]);
  });

  it.each(passing)('%s that stays ends in an error with a bounded number of requests', async (_, trouble) => {
    const server = await testServer(trouble);
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.firstCandle('X', '1m')).rejects.toMatchObject({
      code: expect.stringMatching(/^exchange\.(unavailable|bad_answer|unreachable)$/),
      message: expect.stringContaining(new URL(server.url).host),
    });
    expect(server.requests).toHaveLength(5);
  });

  it('retries are counted, and so is what they cost', async () => {
    const server = await testServer((_, response, n) =>
      n <= 2 ? sendJson(response, {}, 500) : sendJson(response, n === 3 ? [] : { serverTime: NOON }),
    );
    const { rest } = restOf({ urls: [server.url] });
    const counters = createCounters();
    await rest.firstCandle('BTCUSDT', '1m', { counters });
    expect(counters).toEqual({ requests: 3, bytes: 6, weight: 6, retries: 2 });
  });

  const refusals: [number, string, string][] = [
    [-1121, 'Invalid symbol.', 'usage.unknown_symbol'],
    [-1120, 'Invalid interval.', 'usage.unknown_interval'],
    [-1100, "Illegal characters found in parameter 'symbol'", 'usage.bad_parameter'],
    [-1102, "Mandatory parameter 'symbol' was not sent", 'usage.bad_parameter'],
    [-2014, 'API-key format invalid.', 'exchange.refused'],
  ];
  it.each(refusals)('%s says that the request is wrong, and is not tried again', async (code, msg, expected) => {
    const server = await testServer((_, response) => sendJson(response, { code, msg }, 400));
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.firstCandle('NOPE', '1m')).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(msg.slice(0, 10)),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('a path that does not exist there points at the setting', async () => {
    const server = await testServer((_, response) => void response.writeHead(404).end('<html>'));
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.syncClock()).rejects.toMatchObject({
      code: 'exchange.refused',
      message: expect.stringContaining('binance.spot.restUrl'),
    });
  });

  it('the second address is used when the first cannot be reached, and stays in use', async () => {
    const server = await testServer((_, response) => sendJson(response, { serverTime: NOON }));
    const { rest, clock } = restOf({ urls: [await deadUrl(), server.url] });
    await rest.syncClock();
    await rest.syncClock();
    expect(server.requests).toHaveLength(2);
    expect(clock.sleeps).toEqual([]);
  });

  it('no address that can be reached: one error that names them and what to do', async () => {
    const urls = [await deadUrl(), await deadUrl()];
    const { rest } = restOf({ urls });
    const error = await rest.syncClock().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'exchange.unreachable' });
    for (const part of [...urls.map((url) => new URL(url).host), 'ECONNREFUSED', 'network', 'binance.spot.restUrl']) {
      expect((error as Error).message).toContain(part);
    }
  });

  it.each([
    [451, 'exchange.restricted'],
    [403, 'exchange.blocked'],
  ])('%s is not hammered, but the other address is tried', async (status, code) => {
    const blocked = await testServer((_, response) => void response.writeHead(status).end('<html>'));
    const good = await testServer((_, response) => sendJson(response, { serverTime: NOON }));
    const { rest } = restOf({ urls: [blocked.url, good.url] });
    await rest.syncClock();
    expect(blocked.requests).toHaveLength(1);
    const { rest: alone } = restOf({ urls: [blocked.url] });
    await expect(alone.syncClock()).rejects.toMatchObject({ code });
    expect(blocked.requests).toHaveLength(2);
  });

  it('a moment of silence at the first address is not blamed on the second, which serves other places only', async () => {
    const first = await testServer((request, response, n) =>
      n === 1 ? void request.socket.destroy() : sendJson(response, { serverTime: NOON }),
    );
    const second = await testServer((_, response) => void response.writeHead(451).end('{}'));
    const { rest } = restOf({ urls: [first.url, second.url] });
    await rest.syncClock();
    expect([first.requests.length, second.requests.length]).toEqual([2, 1]);
  });

  it('requests at the same time that all fail do not switch back to the dead address', async () => {
    const server = await testServer((_, response) => sendJson(response, { serverTime: NOON }));
    const { rest } = restOf({ urls: [await deadUrl(), server.url] });
    await Promise.all([rest.syncClock(), rest.syncClock()]);
    expect(server.requests).toHaveLength(2);
    const counters = createCounters();
    await rest.firstCandle('X', '1m', { counters }).catch(() => null);
    expect(counters.retries).toBe(0);
  });

  it('429 stops everybody who shares the limiter for as long as it says', async () => {
    const clock = new ManualClock(NOON + 30_000);
    const start = clock.time;
    const arrivals: number[] = [];
    const server = await testServer((_, response, n) => {
      arrivals.push(clock.time - start);
      if (n > 1) return sendJson(response, { serverTime: NOON });
      sendJson(response, { code: -1003, msg: 'Too much request weight used' }, 429, { 'retry-after': '20' });
    });
    const { rest, limiter } = restOf({ urls: [server.url], clock });
    let other: Promise<void> | null = null;
    limiter.onChange(({ blockedUntil }) => {
      if (blockedUntil !== null) other ??= limiter.acquire(1).then(() => void arrivals.push(clock.time - start));
    });
    await rest.syncClock();
    await other;
    expect(arrivals).toHaveLength(3);
    expect(arrivals[0]).toBe(0);
    expect(Math.min(...arrivals.slice(1))).toBeGreaterThanOrEqual(20_000);
  });

  it('a long ban ends the work with its end, and asks no more', async () => {
    const until = NOON + 3 * 86_400_000;
    const server = await testServer((_, response) =>
      sendJson(response, { code: -1003, msg: `Way too much request weight used; IP banned until ${until}.` }, 418),
    );
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.syncClock()).rejects.toMatchObject({
      code: 'exchange.banned',
      message: expect.stringContaining('2024-06-04 12:00'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('a used-weight header of others slows us down before the exchange has to', async () => {
    const server = await testServer((_, response) =>
      sendJson(response, { serverTime: NOON }, 200, { 'x-mbx-used-weight-1m': '1200' }),
    );
    const clock = new ManualClock(NOON + 10_000);
    const { rest, limiter } = restOf({ urls: [server.url], limit: 1200, clock });
    const limited = limiter.snapshot().limit;
    await rest.firstCandle('X', '1m').catch(() => null);
    expect(limiter.snapshot()).toMatchObject({ used: 1200, limit: limited });
    await limiter.acquire(1);
    expect(clock.time).toBeGreaterThanOrEqual(NOON + MINUTE);
  });

  it('abort ends a request under way at once, with the reason', async () => {
    const stop = new AbortController();
    const server = await testServer(() => stop.abort(new Error('enough')));
    const { rest } = restOf({ urls: [server.url] });
    await expect(rest.syncClock(stop.signal)).rejects.toThrow('enough');
    expect(server.requests).toHaveLength(1);
  });

  it('a setting that is no address is named before anything is sent', () => {
    for (const url of ['', 'data-api.binance.vision', 'ftp://x', 'http://']) {
      expect(() => restOf({ urls: [url] })).toThrow(expect.objectContaining({ code: 'usage.bad_setting' }));
    }
    expect(() => restOf({ urls: [] })).toThrow(expect.objectContaining({ code: 'usage.bad_setting' }));
  });
});
