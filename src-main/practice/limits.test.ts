import { describe, expect, it } from 'vitest';
import { exchangeAt, getJson } from './testing';

interface ErrorBody {
  code: number;
  msg: string;
}

describe('practice limits and symbols', () => {
  it('a call costs another weight than the table says, or the counter does not start again with the minute', async () => {
    const { exchange, clock } = await exchangeAt('2026-10-15 12:00:10');
    const used = async (path: string) => {
      const { headers } = await getJson(`${exchange.restUrl}/api/v3/${path}`);
      expect(headers.get('x-mbx-used-weight')).toBe(headers.get('x-mbx-used-weight-1m'));
      return Number(headers.get('x-mbx-used-weight-1m'));
    };
    expect(await used('ping')).toBe(1);
    expect(await used('time')).toBe(2);
    expect(await used('exchangeInfo?symbol=BTCUSDT')).toBe(22);
    expect(await used('klines?symbol=BTCUSDT&interval=1m&limit=1000')).toBe(24);
    expect(await used('klines?symbol=NOPE&interval=1m')).toBe(26);
    clock.now += 50_000;
    expect(await used('ping')).toBe(1);
    expect(exchange.counters()).toMatchObject({
      requests: { ping: 2, time: 1, exchangeInfo: 1, klines: 2 },
      candleRequests: 2,
      weightUsed: 27,
    });
  });

  it('too much weight is not refused with 429, or going on is not banned for longer each time', async () => {
    const { exchange, clock } = await exchangeAt('2026-10-15 12:00:10', { weightLimit: 40, strikesBeforeBan: 3 });
    const call = () => getJson<ErrorBody>(`${exchange.restUrl}/api/v3/exchangeInfo?symbol=BTCUSDT`);
    const bans: number[] = [];
    for (let round = 0; round < 2; round++) {
      expect((await call()).status).toBe(200);
      expect((await call()).status).toBe(200);
      for (let strike = 0; strike < 3; strike++) {
        const refused = await call();
        expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([429, -1003, '50']);
        expect(refused.body.msg).toContain('current limit is 40 request weight per 1 MINUTE');
      }
      const banned = await call();
      expect([banned.status, banned.body.code]).toEqual([418, -1003]);
      const until = Number(/IP banned until (\d{13})\./.exec(banned.body.msg)?.[1]);
      bans.push(Number(banned.headers.get('retry-after')));
      expect(until - clock.now).toBe(bans[round]! * 1_000);
      clock.now = until - 1;
      expect((await call()).status).toBe(418);
      clock.now = Math.ceil((until + 1) / 60_000) * 60_000 + 10_000;
    }
    expect(bans).toEqual([120, 360]);
  });

  it('exchangeInfo hides symbols or limits, or lets a wrong question pass', async () => {
    const { exchange } = await exchangeAt('2026-10-15 12:00:10', { weightLimit: 4_321 });
    const info = (query: string) =>
      getJson<
        ErrorBody & {
          serverTime: number;
          rateLimits: { rateLimitType: string; limit: number }[];
          symbols: { symbol: string; status: string; baseAsset: string; quoteAsset: string }[];
        }
      >(`${exchange.restUrl}/api/v3/exchangeInfo${query}`);
    const { body } = await info('');
    expect(body.symbols.length).toBeGreaterThanOrEqual(60);
    expect(body.rateLimits.find(({ rateLimitType }) => rateLimitType === 'REQUEST_WEIGHT')?.limit).toBe(4_321);
    expect(body.symbols.find(({ symbol }) => symbol === 'XMRUSDT')?.status).toBe('BREAK');
    expect(body.symbols.find(({ symbol }) => symbol === 'ETHBTC')).toMatchObject({
      baseAsset: 'ETH',
      quoteAsset: 'BTC',
    });
    for (const { symbol, baseAsset, quoteAsset } of body.symbols) expect(baseAsset + quoteAsset).toBe(symbol);
    expect((await info('?symbols=["BTCUSDT","ETHUSDT"]')).body.symbols.map(({ symbol }) => symbol)).toEqual([
      'BTCUSDT',
      'ETHUSDT',
    ]);
    expect((await info('?symbolStatus=BREAK')).body.symbols.every(({ status }) => status === 'BREAK')).toBe(true);
    expect((await info('?symbols=["BTCUSDT","NOPE"]')).body.code).toBe(-1121);
    expect((await info('?symbols=["BTCUSDT","BTCUSDT"]')).body.code).toBe(-1151);
    expect((await info('?symbols=BTCUSDT')).body.code).toBe(-1100);
    expect((await info('?symbol=BTCUSDT&symbols=["BTCUSDT"]')).body.code).toBe(-1128);
    expect((await info('?symbolStatus=GONE')).body.code).toBe(-1122);
  });

  it('ping, time or an unknown path answers in another way', async () => {
    const { exchange, clock } = await exchangeAt('2026-10-15 12:00:10', { clockSkewMs: 120_000 });
    expect((await getJson(`${exchange.restUrl}/api/v3/ping`)).body).toEqual({});
    expect((await getJson(`${exchange.restUrl}/api/v3/time`)).body).toEqual({ serverTime: clock.now + 120_000 });
    const unknown = await fetch(`${exchange.restUrl}/api/v3/avgPrice`);
    expect([unknown.status, await unknown.text()]).toEqual([404, '']);
    const html = await fetch(`${exchange.restUrl}/nowhere`, { headers: { accept: 'text/html' } });
    expect([html.status, html.headers.get('content-type')]).toEqual([404, 'text/html']);
  });

  it('a port that is taken ends in a riddle', async () => {
    const { exchange } = await exchangeAt('2026-10-15');
    const port = Number(new URL(exchange.restUrl).port);
    await expect(exchangeAt('2026-10-15', { port })).rejects.toMatchObject({
      code: 'exchange.practice_port',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});
