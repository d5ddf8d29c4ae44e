import { HOUR_MS } from '@shared/market';
import { describe, expect, it, vi } from 'vitest';
import type { PracticeOptions } from './options';
import { at, exchangeAt, getJson } from './testing';

// Trades of years are counted here, which takes a while on busy cores.
vi.setConfig({ testTimeout: 90_000 });

interface TradeRow {
  a: number;
  p: string;
  q: string;
  f: number;
  l: number;
  T: number;
  m: boolean;
  M?: boolean;
}

const EXTRA = { symbol: 'FOOUSDT', listedAt: at('2026-09-20 10:00'), price: 12, quiet: 0.3 };
const NOW = '2026-10-15 12:00:30';

async function open(options: PracticeOptions = {}, moment = NOW) {
  const { exchange, clock } = await exchangeAt(moment, {
    weightLimit: 1e9,
    futuresWeightLimit: 1e9,
    extraSymbols: [EXTRA, { ...EXTRA, market: 'um' }, { ...EXTRA, symbol: 'FOOUSD_PERP', market: 'cm' }],
    ...options,
  });
  const roots = { spot: '/api/v3', um: '/fapi/v1', cm: '/dapi/v1' };
  const url = (query: string, market: keyof typeof roots = 'spot') =>
    `${exchange.restUrl}${roots[market]}/aggTrades?symbol=${market === 'cm' ? 'FOOUSD_PERP' : 'FOOUSDT'}${query}`;
  const rows = async (query: string, market: keyof typeof roots = 'spot', headers = {}) =>
    (await getJson<TradeRow[]>(url(query, market), headers)).body;
  const error = async (query: string, market: keyof typeof roots = 'spot') => {
    const { status, body } = await getJson<{ code: number; msg: string }>(url(query, market));
    return [status, body.code, body.msg];
  };
  return { exchange, clock, url, rows, error };
}

const ids = (rows: readonly TradeRow[]) => rows.map(({ a }) => a);

describe('practice aggTrades', () => {
  it('a row has other keys, texts or types than the real one', async () => {
    const { rows } = await open();
    const [spot] = await rows('&fromId=100&limit=1');
    expect(Object.keys(spot!).join()).toBe('a,p,q,f,l,T,m,M');
    expect(spot).toMatchObject({ a: 100, M: true });
    expect([spot!.p, spot!.q].every((text) => /^\d+\.\d{8}$/.test(text))).toBe(true);
    expect([typeof spot!.m, String(spot!.T).length]).toEqual(['boolean', 13]);
    const [um] = await rows('&fromId=100&limit=1', 'um');
    expect(Object.keys(um!).join()).toBe('a,p,q,f,l,T,m');
    expect([um!.p, um!.q].map((text) => text.split('.')[1]?.length ?? 0)).toEqual([3, 3]);
    const [cm] = await rows('&fromId=100&limit=1', 'cm');
    expect([cm!.p.split('.')[1]?.length, /^\d+$/.test(cm!.q)]).toEqual([3, true]);
  });

  it('one of the combinations of bounds pages from the wrong end', async () => {
    const { rows } = await open();
    const day = at('2026-10-01');
    const all = await rows(`&startTime=${day}&limit=1000`);
    expect(all).toHaveLength(1_000);
    expect(all[0]!.T).toBeGreaterThanOrEqual(day);
    const [before] = await rows(`&fromId=${all[0]!.a - 1}&limit=1`);
    expect(before!.T).toBeLessThan(day);
    const tenth = all[9]!;
    expect(await rows(`&fromId=${tenth.a}&limit=5`)).toEqual(all.slice(9, 14));
    const end = all[20]!.T;
    const until = all.filter(({ T }) => T <= end);
    expect(await rows(`&startTime=${day}&endTime=${end}&limit=1000`)).toEqual(until);
    expect(await rows(`&startTime=${day}&endTime=${end}&limit=3`)).toEqual(until.slice(0, 3));
    expect(ids(await rows(`&endTime=${end}&limit=3`))).toEqual(ids(until.slice(-3)));
    expect(await rows(`&startTime=${end}&endTime=${day}`)).toEqual([]);
    const newest = await rows('');
    expect(newest).toHaveLength(500);
    expect(newest.at(-1)!.T).toBeLessThanOrEqual(at(NOW));
    expect(await rows(`&fromId=${newest.at(-1)!.a + 1}`)).toEqual([]);
    expect(await rows('&fromId=0&limit=2')).toMatchObject([{ a: 0, f: 0 }, { a: 1 }]);
    expect((await rows('&startTime=0&limit=1'))[0]!.a).toBe(0);
    expect(await rows(`&startTime=${at(NOW) + HOUR_MS}`)).toEqual([]);
    expect(await rows(`&endTime=${EXTRA.listedAt - 1}`)).toEqual([]);
    expect(await rows('&fromId=0&limit=5000')).toHaveLength(1_000);
  });

  it('pages by id skip or repeat a trade, or the newest are not there when the clock goes on', async () => {
    const { rows, clock } = await open();
    const start = (await rows(`&startTime=${at('2026-10-14 18:00')}&limit=1`))[0]!.a;
    const seen: TradeRow[] = [];
    for (let next = start; ; next = seen.at(-1)!.a + 1) {
      const page = await rows(`&fromId=${next}&limit=700`);
      seen.push(...page);
      if (page.length < 700) break;
    }
    expect(ids(seen)).toEqual(Array.from({ length: seen.length }, (_, i) => start + i));
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.f).toBe(seen[i - 1]!.l + 1);
    const last = seen.at(-1)!;
    expect((await rows('&limit=1'))[0]).toEqual(last);
    clock.now += 10 * 60_000;
    const later = await rows(`&fromId=${last.a}&limit=1000`);
    expect([later[0], later[1]!.a]).toEqual([last, last.a + 1]);
    expect(later[1]!.T).toBeGreaterThan(at(NOW));
  });

  it('an hour of trades makes other candles than REST serves, in one of the markets', async () => {
    const { rows, exchange } = await open();
    for (const [market, root, symbol] of [
      ['spot', '/api/v3', 'FOOUSDT'],
      ['um', '/fapi/v1', 'FOOUSDT'],
      ['cm', '/dapi/v1', 'FOOUSD_PERP'],
    ] as const) {
      const from = at('2026-10-14 12:00');
      const bounds = `&startTime=${from}&endTime=${from + HOUR_MS - 1}`;
      const trades = await rows(`${bounds}&limit=1000`, market);
      expect(trades.length).toBeLessThan(1_000);
      const made = new Map<number, { o: string; h: number; l: number; c: string; v: number; n: number }>();
      for (const { p, q, f, l, T } of trades) {
        const minute = Math.floor(T / 60_000) * 60_000;
        const candle = made.get(minute) ?? { o: p, h: 0, l: Number.MAX_VALUE, c: p, v: 0, n: 0 };
        made.set(minute, {
          o: candle.o,
          h: Math.max(candle.h, Number(p)),
          l: Math.min(candle.l, Number(p)),
          c: p,
          v: candle.v + Number(q),
          n: candle.n + l - f + 1,
        });
      }
      const url = `${exchange.restUrl}${root}/klines?symbol=${symbol}&interval=1m&limit=1000${bounds}`;
      const candles = (await getJson<[number, string, string, string, string, string, number, string, number][]>(url))
        .body;
      expect(candles).toHaveLength(60);
      for (const [open, o, h, l, c, v, , , n] of candles) {
        const own = made.get(open);
        if (!own) {
          expect([market, open, v, n]).toEqual([market, open, expect.stringMatching(/^0(\.0+)?$/), 0]);
          continue;
        }
        expect([own.o, own.h, own.l, own.c]).toEqual([o, Number(h), Number(l), c]);
        expect(own.v).toBeCloseTo(Number(v), 6);
        if (n >= 4) expect(own.n).toBe(n);
      }
    }
  });

  it('microseconds are not told, not understood in bounds, or differ from the milliseconds', async () => {
    const { rows } = await open();
    const plain = await rows(`&startTime=${at('2026-10-01')}&limit=50`);
    const micro = await rows(`&startTime=${at('2026-10-01')}&limit=50`, 'spot', { 'X-MBX-TIME-UNIT': 'MICROSECOND' });
    expect(micro.map(({ T }) => Math.floor(T / 1_000))).toEqual(plain.map(({ T }) => T));
    expect(micro.some(({ T }) => T % 1_000 !== 0)).toBe(true);
    const from = micro[10]!.T;
    const first = micro.findIndex(({ T }) => T >= from);
    expect((await rows(`&startTime=${from}&limit=1`))[0]!.a).toBe(micro[first]!.a);
    const upTo = micro.filter(({ T }) => T <= micro[20]!.T);
    expect((await rows(`&endTime=${micro[20]!.T}&limit=1`))[0]!.a).toBe(upTo.at(-1)!.a);
  });

  it('a wrong question is answered', async () => {
    const { error, rows } = await open();
    const day = at('2026-10-01');
    expect((await error('&fromId=1&startTime=1'))[1]).toBe(-1128);
    expect((await error('&fromId=1&endTime=1', 'um'))[1]).toBe(-1128);
    expect(await error(`&startTime=${day}&endTime=${day + HOUR_MS}`, 'um')).toEqual([
      400,
      -1127,
      'More than 1 hours between startTime and endTime.',
    ]);
    expect((await error(`&startTime=${day}&endTime=${day + HOUR_MS}`, 'cm'))[1]).toBe(-1127);
    expect((await rows(`&startTime=${day}&endTime=${day + HOUR_MS - 1}`, 'um')).length).toBeGreaterThan(0);
    expect((await rows(`&startTime=${day}&endTime=${day + 5 * HOUR_MS}`)).length).toBeGreaterThan(0);
    expect((await error(`&startTime=${day + 1}&endTime=${day}`, 'um'))[1]).toBe(-1023);
    expect((await error('&limit=1001', 'um'))[1]).toBe(-1130);
    expect((await error('&limit=0'))[1]).toBe(-1130);
    expect((await error('&limit=x'))[1]).toBe(-1100);
    expect((await error('&interval=1m'))[1]).toBe(-1104);
    expect((await error('XX'))[1]).toBe(-1121);
  });

  it('a page cannot end inside a crowded millisecond, or the rest of it is out of reach by id', async () => {
    const { exchange } = await exchangeAt('2020-03-20 12:00', { weightLimit: 1e9, tradeCrowds: true });
    const page = async (query: string) =>
      (await getJson<TradeRow[]>(`${exchange.restUrl}/api/v3/aggTrades?symbol=BTCUSDT&limit=1000&${query}`)).body;
    const end = at('2020-03-20 10:00');
    const seen: TradeRow[] = [];
    for (let rows = await page(`startTime=${at('2020-03-18')}`); rows.length > 0; ) {
      seen.push(...rows);
      const last = rows.at(-1)!;
      if (last.T > end) break;
      rows = await page(`fromId=${last.a + 1}`);
    }
    expect(ids(seen)).toEqual(Array.from({ length: seen.length }, (_, i) => seen[0]!.a + i));
    const perMs = new Map<number, number>();
    for (const { T } of seen) perMs.set(T, (perMs.get(T) ?? 0) + 1);
    const [crowded, count] = [...perMs].reduce((most, each) => (each[1] > most[1] ? each : most));
    expect(count).toBeGreaterThan(1_000);
    // Whoever goes on by the time of a page's last row would never get out of it.
    const stuck = await page(`startTime=${crowded}`);
    expect([stuck.length, stuck.every(({ T }) => T === crowded)]).toEqual([1_000, true]);
  });

  it('a call costs another weight, or futures reach further back than they are said to', async () => {
    const { exchange, rows } = await open({ futuresTradesDepthMs: 24 * HOUR_MS });
    const used = async (path: string) =>
      Number((await getJson(`${exchange.restUrl}${path}`)).headers.get('x-mbx-used-weight-1m'));
    expect(await used('/api/v3/aggTrades?symbol=FOOUSDT')).toBe(4);
    expect(await used('/fapi/v1/aggTrades?symbol=FOOUSDT')).toBe(20);
    expect(await used('/dapi/v1/aggTrades?symbol=FOOUSD_PERP')).toBe(20);
    expect(exchange.counters()).toMatchObject({
      requests: { aggTrades: 3 },
      candleRequests: 3,
      weight: { spot: 4, um: 20, cm: 20 },
    });
    const oldest = (await rows('&fromId=0&limit=1', 'um'))[0]!;
    expect(oldest.T).toBeGreaterThanOrEqual(at(NOW) - 24 * HOUR_MS);
    expect(oldest.a).toBeGreaterThan(1_000);
    expect((await rows('&fromId=0&limit=1'))[0]!.a).toBe(0);
  });
});
