import { type Candle, candleColumnsOf, gridOf, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { OutlierCheck } from './outlier-check';
import { quietCandles } from './testing';

const FROM = Date.UTC(2024, 0, 1);

function observe(candles: readonly Candle[], batch = 97) {
  const check = new OutlierCheck(gridOf('1m'));
  for (let i = 0; i < candles.length; i += batch) check.push(candleColumnsOf(candles.slice(i, i + batch)));
  return check.finish();
}

function moved(candle: Candle, factor: number): Candle {
  return {
    ...candle,
    open: candle.open * factor,
    high: candle.high * factor,
    low: candle.low * factor,
    close: candle.close * factor,
  };
}

describe('outliers', () => {
  it('a quiet market is full of them', () => {
    expect(observe(quietCandles(FROM, 2_000))).toEqual([]);
  });

  it.each([
    [1.05, /above/],
    [0.9, /below/],
  ])('a print of %d times the price that nobody followed is not seen', (factor, words) => {
    const candles = quietCandles(FROM, 600);
    candles[500] = moved(candles[500]!, factor);
    const found = observe(candles, 501);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'price_jump',
      range: { from: FROM + 500 * MINUTE_MS, to: FROM + 501 * MINUTE_MS },
    });
    expect(found[0]!.sentence).toMatch(words);
  });

  it('a market that moves and stays is called a bad print', () => {
    const candles = quietCandles(FROM, 600).map((candle, i) => (i >= 500 ? moved(candle, 1.2) : candle));
    expect(observe(candles)).toEqual([]);
  });

  it('candles on both sides of a hole are compared', () => {
    const candles = quietCandles(FROM, 600).map((candle, i) => (i === 500 ? moved(candle, 2) : candle));
    candles.splice(501, 3);
    expect(observe(candles)).toEqual([]);
  });

  it('an absurd volume is not seen, or makes those after it look small', () => {
    const candles = quietCandles(FROM, 600);
    candles[400] = { ...candles[400]!, volume: 50_000 };
    candles[402] = { ...candles[402]!, volume: 40_000 };
    const found = observe(candles);
    expect(found.map(({ kind, range }) => [kind, (range.from - FROM) / MINUTE_MS])).toEqual([
      ['volume_outlier', 400],
      ['volume_outlier', 402],
    ]);
  });

  it('a broken series floods the list with thousands of jumps', () => {
    const candles = quietCandles(FROM, 4_000).map((candle, i) => (i > 300 && i % 4 === 0 ? moved(candle, 3) : candle));
    expect(observe(candles).length).toBeLessThanOrEqual(100);
  });
});
