import { DAY_MS, HOUR_MS, MINUTE_MS } from '@shared/market';
import { describe, expect, it, vi } from 'vitest';
import { at, exchangeAt, getJson, type Row } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const NOW = '2026-10-15 12:00:30';
const NOON = at('2026-10-15 12:00');

async function open(options = {}, moment = NOW) {
  const { exchange, clock } = await exchangeAt(moment, { futuresWeightLimit: 1e9, weightLimit: 1e9, ...options });
  const url = (root: 'fapi' | 'dapi', query: string) => `${exchange.restUrl}/${root}/v1/klines?${query}`;
  const um = async (query: string) => (await getJson<Row[]>(url('fapi', `symbol=BTCUSDT&${query}`))).body;
  const cm = async (query: string) => (await getJson<Row[]>(url('dapi', `symbol=BTCUSD_PERP&${query}`))).body;
  const spot = async (query: string) =>
    (await getJson<Row[]>(`${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&${query}`)).body;
  const error = async (root: 'fapi' | 'dapi', query: string) => {
    const { status, body } = await getJson<{ code: number; msg: string }>(url(root, query));
    return [status, body.code, body.msg];
  };
  return { exchange, clock, um, cm, spot, error };
}

const opens = (rows: readonly Row[]) => rows.map(([time]) => time);
const minutesFrom = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i * MINUTE_MS);

describe('practice klines of USD-M', () => {
  it('one of the combinations of bounds pages from the wrong end', async () => {
    const { um } = await open();
    const base = 'interval=1m&limit=3';
    const day = at('2024-05-05');
    expect(opens(await um(base))).toEqual(minutesFrom(NOON - 2 * MINUTE_MS, 3));
    expect(opens(await um(`${base}&startTime=${day}`))).toEqual(minutesFrom(day, 3));
    expect(opens(await um(`${base}&endTime=${day}`))).toEqual(minutesFrom(day - 2 * MINUTE_MS, 3));
    expect(opens(await um(`${base}&startTime=${day}&endTime=${day + DAY_MS}`))).toEqual(minutesFrom(day, 3));
    expect(await um(`${base}&startTime=${NOON + DAY_MS}`)).toEqual([]);
    expect(opens(await um('interval=1m&startTime=0&limit=1'))).toEqual([at('2019-09-08 17:57')]);
    const seconds = await um(`interval=1m&startTime=${day / 1_000}&endTime=${(day + DAY_MS) / 1_000}`);
    expect([seconds.length, seconds.at(-1)![0]]).toEqual([500, NOON]);
  });

  it('a page has another size, or costs another weight, than its limit says', async () => {
    const { exchange, um } = await open();
    const from = `interval=1m&startTime=${at('2024-05-05')}`;
    expect(await um(from)).toHaveLength(500);
    expect(await um(`${from}&limit=1500`)).toHaveLength(1_500);
    const spent = async (query: string) => {
      const before = exchange.counters().weight.um;
      await um(`${from}${query}`);
      return exchange.counters().weight.um - before;
    };
    for (const [limit, weight] of [
      [1, 1],
      [99, 1],
      [100, 2],
      [499, 2],
      [500, 5],
      [1_000, 5],
      [1_001, 10],
      [1_500, 10],
    ])
      expect([limit, await spent(`&limit=${limit}`)]).toEqual([limit, weight]);
    expect(await spent('')).toBe(5);
  });

  it('a number has eight decimals as on spot, or zeros at its end in the first weeks', async () => {
    const { um } = await open();
    const [row] = await um(`interval=1m&startTime=${at('2024-05-05')}&limit=1`);
    const decimals = row!.slice(1, 11).map((field) => String(field).split('.')[1]?.length ?? 0);
    expect(decimals).toEqual([1, 1, 1, 1, 3, 0, 4, 0, 3, 4]);
    const early = await um(`interval=1m&startTime=${at('2019-09-12')}&limit=300`);
    const closes = early.map(([, , , , close]) => close);
    expect(closes.some((close) => /^\d+$/.test(close))).toBe(true);
    expect(closes.some((close) => /^\d+\.[1-9]$/.test(close))).toBe(true);
    expect(early.flat().some((field) => /\.\d*0$/.test(String(field)))).toBe(false);
  });

  it('an outage of spot stops it, or its prices are far from those of spot', async () => {
    const { um, spot } = await open();
    const outage = `interval=1m&limit=1000&startTime=${at('2020-02-19 11:30')}&endTime=${at('2020-02-19 17:59')}`;
    expect(await um(outage)).toHaveLength(390);
    expect((await spot(outage)).length).toBe(390 - 354);
    const days = `interval=1d&limit=1000&startTime=${at('2021-01-01')}&endTime=${at('2023-01-01')}`;
    const [own, other] = [await um(days), await spot(days)];
    expect(own).toHaveLength(731);
    for (const [i, row] of own.entries())
      expect(Math.abs(Number(row[4]) / Number(other[i]![4]) - 1)).toBeLessThan(0.002);
    expect(own.map(([, open]) => Number(open))).not.toEqual(other.map(([, open]) => Number(open)));
  });

  it('a wrong question is answered', async () => {
    const { error } = await open();
    const base = 'symbol=BTCUSDT&interval=1m';
    expect(await error('fapi', `${base}&limit=1501`)).toEqual([
      400,
      -1130,
      "Data sent for parameter 'limit' is not valid.",
    ]);
    expect(await error('fapi', `${base}&startTime=2&endTime=1`)).toEqual([
      400,
      -1023,
      'Start time is greater than end time.',
    ]);
    expect((await error('fapi', 'symbol=BTCUSDT&interval=1s'))[1]).toBe(-1120);
    expect((await error('fapi', `${base}&timeZone=8`))[1]).toBe(-1104);
    expect((await error('fapi', 'symbol=BTCUSD_PERP&interval=1m'))[1]).toBe(-1121);
    expect((await error('fapi', 'symbol=btcusdt&interval=1m'))[1]).toBe(-1100);
    expect((await error('fapi', 'interval=1m'))[1]).toBe(-1102);
  });

  it('a delisted symbol has candles after its end, or none before', async () => {
    const { exchange } = await open();
    const { body } = await getJson<Row[]>(`${exchange.restUrl}/fapi/v1/klines?symbol=EOSUSDT&interval=1h&limit=2`);
    expect(opens(body)).toEqual([at('2025-05-21 07:00'), at('2025-05-21 08:00')]);
  });
});

describe('practice klines of COIN-M', () => {
  it('start and end page forward as elsewhere, or a single bound does not reach 200 days', async () => {
    const { cm } = await open();
    const day = at('2024-05-05');
    const base = 'interval=1m&limit=3';
    expect(opens(await cm(base))).toEqual(minutesFrom(NOON - 2 * MINUTE_MS, 3));
    expect(opens(await cm(`${base}&startTime=${day}&endTime=${day + HOUR_MS}`))).toEqual(
      minutesFrom(day + 58 * MINUTE_MS, 3),
    );
    expect(opens(await cm(`${base}&endTime=${day}`))).toEqual(minutesFrom(day - 2 * MINUTE_MS, 3));
    const whole = await cm(`interval=1d&limit=1500&startTime=${day}`);
    expect([whole.length, whole[0]![0], whole.at(-1)![0]]).toEqual([201, day, day + 200 * DAY_MS]);
    const back = await cm(`interval=1d&limit=1500&endTime=${day}`);
    expect([back.length, back[0]![0], back.at(-1)![0]]).toEqual([201, day - 200 * DAY_MS, day]);
    expect(opens(await cm(`${base}&startTime=${NOON - MINUTE_MS}`))).toEqual([NOON - MINUTE_MS, NOON]);
    expect(await cm(`interval=1d&startTime=0&endTime=${day}`)).toMatchObject({ code: -4088 });
  });

  it('a window beyond 200 days is answered', async () => {
    const { error } = await open();
    const window = (days: number) =>
      `symbol=BTCUSD_PERP&interval=1d&startTime=${at('2024-01-01')}&endTime=${at('2024-01-01') + days * DAY_MS}`;
    expect(await error('dapi', `${window(200)}&limit=1501`)).toMatchObject([400, -1130, expect.any(String)]);
    expect(await error('dapi', window(201))).toEqual([400, -4088, 'Maximum time interval is 200 days.']);
  });

  it('volumes are not contracts, or the ninth field not what they were worth in the base asset', async () => {
    const { cm } = await open();
    const rows = await cm(`interval=1m&startTime=${at('2024-05-05')}&endTime=${at('2024-05-06')}&limit=1000`);
    expect(rows).toHaveLength(1_000);
    for (const row of rows.filter(({ 8: trades }) => trades > 0)) {
      const [, , high, low, , contracts, , base, , takerContracts, takerBase] = row;
      expect([contracts, takerContracts].every((text) => /^\d+$/.test(text))).toBe(true);
      expect(base.split('.')[1]).toHaveLength(8);
      const price = (100 * Number(contracts)) / Number(base);
      expect(price).toBeGreaterThanOrEqual(Number(low) * (1 - 1e-6));
      expect(price).toBeLessThanOrEqual(Number(high) * (1 + 1e-6));
      const taker = (100 * Number(takerContracts)) / Number(takerBase);
      expect([taker >= Number(low) * (1 - 1e-4), taker <= Number(high) * (1 + 1e-4)]).toEqual([true, true]);
    }
  });

  it('a delivered quarter goes on after its delivery, or does not end at the price of spot', async () => {
    const { exchange, spot } = await open();
    const { body } = await getJson<Row[]>(
      `${exchange.restUrl}/dapi/v1/klines?symbol=BTCUSD_240628&interval=1h&startTime=${at('2024-06-20')}`,
    );
    expect(body.at(-1)![0]).toBe(at('2024-06-28 07:00'));
    const [same] = await spot(`interval=1h&startTime=${at('2024-06-28 00:00')}&limit=1`);
    const midnight = body.find(([time]) => time === same![0])!;
    expect(Math.abs(Number(midnight[1]) / Number(same![1]) - 1)).toBeLessThan(0.001);
    const months = await getJson<Row[]>(
      `${exchange.restUrl}/dapi/v1/klines?symbol=BTCUSD_240628&interval=1d&startTime=${at('2024-01-02')}&limit=1`,
    );
    expect(months.body).toHaveLength(1);
  });
});

describe('practice futures', () => {
  it('exchangeInfo is that of spot, or lacks what futures have beside', async () => {
    const { exchange, clock } = await open({ futuresWeightLimit: 2_345 });
    type Info = {
      serverTime: number;
      rateLimits: { rateLimitType: string; limit: number }[];
      symbols: Record<string, unknown>[];
    };
    const um = (await getJson<Info>(`${exchange.restUrl}/fapi/v1/exchangeInfo`)).body;
    const cm = (await getJson<Info>(`${exchange.restUrl}/dapi/v1/exchangeInfo`)).body;
    for (const info of [um, cm]) {
      expect(info.serverTime).toBe(clock.now);
      expect(info.rateLimits[0]).toMatchObject({ rateLimitType: 'REQUEST_WEIGHT', limit: 2_345 });
    }
    const of = (info: Info, name: string) => info.symbols.find(({ symbol }) => symbol === name);
    expect(um.symbols.length).toBeGreaterThanOrEqual(12);
    expect(of(um, 'BTCUSDT')).toMatchObject({
      pair: 'BTCUSDT',
      contractType: 'PERPETUAL',
      status: 'TRADING',
      onboardDate: at('2019-09-25 08:00'),
      pricePrecision: 1,
      quantityPrecision: 3,
      marginAsset: 'USDT',
    });
    expect(of(um, 'EOSUSDT')).toMatchObject({ status: 'SETTLING' });
    expect(cm.symbols.length).toBeGreaterThanOrEqual(6);
    expect(of(cm, 'BTCUSD_PERP')).toMatchObject({
      pair: 'BTCUSD',
      contractStatus: 'TRADING',
      contractSize: 100,
      quantityPrecision: 0,
      marginAsset: 'BTC',
    });
    expect(of(cm, 'BTCUSD_PERP')).not.toHaveProperty('status');
    expect(of(cm, 'BTCUSD_240628')).toMatchObject({
      contractType: 'CURRENT_QUARTER',
      contractStatus: 'DELIVERED',
      deliveryDate: at('2024-06-28 08:00'),
    });
  });

  it('one market spends the budget of another, or too much of its own is not refused', async () => {
    const { exchange } = await open({ futuresWeightLimit: 21, strikesBeforeBan: 1, weightLimit: 6_000 });
    const call = (path: string) => getJson<{ code: number; msg: string }>(`${exchange.restUrl}${path}`);
    const trades = '/fapi/v1/aggTrades?symbol=NOPE';
    const first = await call(trades);
    expect([first.body.code, first.headers.get('x-mbx-used-weight-1m')]).toEqual([-1121, '20']);
    expect(first.headers.get('x-mbx-used-weight')).toBeNull();
    const second = await call(trades);
    expect([second.status, second.body.code, second.headers.get('retry-after')]).toEqual([429, -1003, '30']);
    expect(second.body.msg).toContain('current limit is 21 request weight per 1 MINUTE');
    expect((await call(trades)).status).toBe(418);
    expect((await call('/fapi/v1/ping')).status).toBe(418);
    expect((await call('/dapi/v1/ping')).headers.get('x-mbx-used-weight-1m')).toBe('1');
    expect((await call('/api/v3/ping')).headers.get('x-mbx-used-weight-1m')).toBe('1');
    expect(exchange.counters().refused).toEqual({ tooMuch: 1, banned: 2 });
    expect((await call('/fapi/v1/time')).status).toBe(418);
    expect((await fetch(`${exchange.restUrl}/fapi/v1/depth`)).status).toBe(404);
  });
});
