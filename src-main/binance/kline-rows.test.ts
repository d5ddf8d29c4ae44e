import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { rowOf, truthCandle } from './candle-truth';
import { parseKlineRows } from './kline-rows';

const T = Date.UTC(2020, 0, 1);
const RANGE = { from: T, to: T + 86_400_000 };
const row = (minute: number) => rowOf(truthCandle(T + minute * 60_000), T + minute * 60_000 + 59_999);
const parse = (rows: unknown) => parseKlineRows(rows, { interval: '1m', range: RANGE, source: '/api/v3/klines' });
const changed = (index: number, value: unknown) => row(0).map((each, i) => (i === index ? value : each));

it.each<[string, unknown]>([
  ['an object instead of a list', { code: 0 }],
  ['a row that is no list', [{}]],
  ['a short row', [row(0).slice(0, 6)]],
  ['a price that is a number, as its digits may be lost already', [changed(1, 7195.24)]],
  ['a price that is no number', [changed(4, 'NaN')]],
  ['trades as text', [changed(8, '5')]],
  ['a time with a fraction', [changed(0, T + 0.5)]],
  ['a high below the low', [changed(2, '0.00000001')]],
  ['two different candles of one minute', [row(0), changed(5, '9.00000000')]],
])('%s is refused', (_, rows) => {
  expect(() => parse(rows)).toThrow(expect.objectContaining({ code: 'exchange.bad_row' }));
});

it('microseconds are read as what they are', () => {
  const micro = row(3).map((each, i) => (i === 0 ? (T + 180_000) * 1000 : each));
  expect(parse([micro]).candles.openTime[0]).toBe(T + 180_000);
});

it('a repeated row comes once, and is said', () => {
  const { candles, findings } = parse([row(0), row(1), row(1)]);
  expect(candles.rows).toBe(2);
  expect(findings).toEqual([{ kind: 'duplicate_rows', sentence: expect.stringContaining('1 exact duplicate') }]);
});

const RECORDED = resolve('../shared/data/thrasher-corp+gocryptotrader/exchanges/binance/testdata/http.json');

it.skipIf(!existsSync(RECORDED))('real answers of the exchange are read whole', () => {
  type Recorded = { routes: Record<string, { GET?: { data: unknown; queryString: string }[] }> };
  const recorded = JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded;
  let rows = 0;
  for (const { data, queryString } of recorded.routes['/api/v3/klines']?.GET ?? []) {
    if (!Array.isArray(data) || data.length === 0) continue;
    const interval = new URLSearchParams(queryString).get('interval') as '1m' | '5m' | '1h' | '1d';
    const { candles, findings } = parseKlineRows(data, {
      interval,
      range: { from: 0, to: Number.MAX_SAFE_INTEGER },
      source: queryString,
    });
    // Daily quote volumes have 16 and more digits; nothing else may be odd.
    for (const { sentence } of findings) expect(sentence).toMatch(/decimals do not fit a double exactly/);
    expect([candles.rows, candles.openTime[0], candles.close[0]]).toEqual([
      data.length,
      data[0][0],
      Number(data[0][4]),
    ]);
    rows += candles.rows;
  }
  expect(rows).toBeGreaterThan(1_644);
});
