import { describe, expect, it } from 'vitest';
import { createCounters } from './counters';
import { ExchangeRequests, type RequestOptions } from './exchange-requests';
import { AxiosHttpClient } from './http-client';
import { ManualClock } from './manual-clock';
import { DEFAULT_PATIENCE } from './patience';
import { DEFAULT_RETRY } from './retry';
import { deadUrl, type Respond, sendJson, testServer } from './test-server';
import { WeightLimiter } from './weight-limiter';

const START = Date.UTC(2024, 5, 1, 12, 0, 30);

function requestsOf(urls: string[], random = () => 0.5) {
  const clock = new ManualClock(START);
  const limiter = new WeightLimiter({ limitPerMinute: 1e6, share: 1, now: clock.now, sleep: clock.sleep });
  const requests = new ExchangeRequests({
    urls,
    setting: 'binance.spot.restUrl',
    limiter,
    http: new AxiosHttpClient(),
    patience: DEFAULT_PATIENCE,
    retry: DEFAULT_RETRY,
    now: clock.now,
    sleep: clock.sleep,
    random,
    logger: null,
  });
  const get = (options: RequestOptions = {}) => requests.get('/api/v3/time', 1, options);
  return { get, clock, limiter };
}

const firewall: Respond = (_, response) => {
  response.writeHead(403, { 'content-type': 'text/html', server: 'CloudFront' });
  response.end('<html><body>403 ERROR The request could not be satisfied.</body></html>');
};
const good: Respond = (_, response) => sendJson(response, { fine: true });

describe('a firewall', () => {
  it('is waited out, twice as long each time', async () => {
    const server = await testServer((request, response, n) => (n <= 3 ? firewall : good)(request, response, n));
    const { get, clock } = requestsOf([server.url]);
    await get();
    expect(clock.sleeps).toEqual([30_000, 60_000, 120_000]);
    expect(server.requests).toHaveLength(4);
  });

  it('stops others meanwhile, and shows in the gauge', async () => {
    const server = await testServer((request, response, n) => (n === 1 ? firewall : good)(request, response, n));
    const { get, clock, limiter } = requestsOf([server.url]);
    let blocked: number | null = null;
    let other: Promise<void> | null = null;
    limiter.onChange(({ blockedUntil }) => {
      blocked ??= blockedUntil;
      if (blockedUntil !== null) other ??= limiter.acquire(1).then(() => expect(clock.time).toBe(START + 30_000));
    });
    await get();
    await other;
    expect(blocked).toBe(START + 30_000);
  });

  it('refusing several requests at once counts as one refusal', async () => {
    const held: (() => void)[] = [];
    const server = await testServer((request, response, n) => {
      if (n > 4) return good(request, response, n);
      held.push(() => firewall(request, response, n));
      if (n === 4) for (const answer of held) answer();
    });
    const { get, clock } = requestsOf([server.url]);
    await Promise.all([get(), get(), get(), get()]);
    expect(clock.sleeps.filter((ms) => ms >= 10_000)).toEqual([30_000]);
    expect(server.requests).toHaveLength(8);
  });

  it('that opened again is asked without patience left over from last time', async () => {
    const plan = [firewall, firewall, good, firewall];
    const server = await testServer((request, response, n) => (plan[n - 1] ?? good)(request, response, n));
    const { get, clock } = requestsOf([server.url]);
    await get();
    expect(clock.sleeps).toEqual([30_000, 60_000]);
    await get();
    expect(clock.sleeps).toEqual([30_000, 60_000, 30_000]);
  });

  it('that stays closed ends in one sentence after a bounded number of requests', async () => {
    const server = await testServer(firewall);
    const { get } = requestsOf([server.url]);
    await expect(get()).rejects.toMatchObject({
      code: 'exchange.blocked',
      message: expect.stringMatching(/firewall.*Wait some minutes/),
    });
    expect(server.requests).toHaveLength(DEFAULT_RETRY.attempts);
  });

  it('is an error at once where a person waits, but others still keep away', async () => {
    const server = await testServer(firewall);
    const { get, limiter, clock } = requestsOf([server.url]);
    await expect(get({ waitOutBlocks: false })).rejects.toMatchObject({ code: 'exchange.blocked' });
    expect(server.requests).toHaveLength(1);
    expect(limiter.snapshot().blockedUntil).toBe(clock.time + 30_000);
    await expect(get({ waitOutBlocks: false })).rejects.toMatchObject({ code: 'exchange.blocked' });
    expect([server.requests.length, clock.time]).toEqual([1, START]);
    clock.time += 30_000;
    await expect(get({ waitOutBlocks: false })).rejects.toMatchObject({ code: 'exchange.blocked' });
    expect(server.requests).toHaveLength(2);
  });

  it('at one address does not stop the other, and is left alone while it rests', async () => {
    const closed = await testServer(firewall);
    const open = await testServer((request, response, n) =>
      (n === 2 ? (((_, res) => void res.writeHead(503).end()) as Respond) : good)(request, response, n),
    );
    const { get, limiter, clock } = requestsOf([closed.url, open.url]);
    await get();
    expect(limiter.snapshot().blockedUntil).toBeNull();
    await get();
    expect([closed.requests.length, open.requests.length]).toEqual([1, 3]);
    expect(clock.time - START).toBe(250);
  });
});

describe('try later', () => {
  const later: [string, Respond][] = [
    ...[-1000, -1001, -1006, -1007, -1008].flatMap((code): [string, Respond][] => [
      [`${code} with 500`, (_, response) => sendJson(response, { code, msg: 'x' }, 500)],
      [`${code} with 400`, (_, response) => sendJson(response, { code, msg: 'x' }, 400)],
    ]),
    ['502 with HTML', (_, response) => void response.writeHead(502).end('<html>Bad Gateway</html>')],
    ['an empty body', (_, response) => void response.writeHead(200).end()],
    ['JSON that is cut', (_, response) => void response.end('[[1,"2"')],
    ['a reset', (request) => void request.socket.destroy()],
  ];
  it.each(later)('%s passes, with jitter between the tries', async (_, trouble) => {
    const server = await testServer((request, response, n) => (n <= 3 ? trouble : good)(request, response, n));
    const draws = [0.1, 0.9, 0.4];
    const { get, clock } = requestsOf([server.url], () => draws.shift()!);
    const counters = createCounters();
    expect((await get({ counters })).json).toEqual({ fine: true });
    expect(clock.sleeps).toEqual([50, 900, 800]);
    expect(counters).toMatchObject({ requests: 4, retries: 3 });
  });
});

describe('the request is wrong', () => {
  it.each([
    [-1100, 'usage.bad_parameter'],
    [-1101, 'usage.bad_parameter'],
    [-1102, 'usage.bad_parameter'],
    [-1104, 'usage.bad_parameter'],
    [-1120, 'usage.unknown_interval'],
    [-1121, 'usage.unknown_symbol'],
    [-1127, 'usage.bad_parameter'],
    [-1130, 'usage.bad_parameter'],
    [-1194, 'usage.bad_parameter'],
    [-1023, 'usage.bad_parameter'],
    [-4088, 'usage.bad_parameter'],
    [-1016, 'exchange.refused'],
    [-2014, 'exchange.refused'],
  ])('%s is told at once as %s', async (code, expected) => {
    const server = await testServer((_, response) => sendJson(response, { code, msg: 'why' }, 400));
    const { get, clock } = requestsOf([server.url, await deadUrl()]);
    await expect(get()).rejects.toMatchObject({ code: expected, message: expect.stringContaining(`why (${code})`) });
    expect(server.requests).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
  });
});

describe('too many requests', () => {
  it.each([
    ['429', 429],
    ['418', 418],
    ['-1003 with 400', 400],
    ['-1003 with 503', 503],
    ['-1003 with 403', 403],
  ])('%s waits for Retry-After, without a retry in between', async (_, status) => {
    const server = await testServer((request, response, n) =>
      n === 1
        ? sendJson(response, { code: -1003, msg: 'Too many requests.' }, status, { 'retry-after': '17' })
        : good(request, response, n),
    );
    const { get, clock } = requestsOf([server.url]);
    await get();
    expect(clock.sleeps).toEqual([17_000]);
    expect(server.requests).toHaveLength(2);
  });
});
