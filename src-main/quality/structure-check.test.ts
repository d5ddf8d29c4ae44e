import { type Candle, candleColumnsOf, gridOf, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { StructureCheck } from './structure-check';
import { quietCandles } from './testing';

const FROM = Date.UTC(2024, 0, 1);

function observe(candles: readonly Candle[], batch = 5) {
  const check = new StructureCheck(gridOf('1m'));
  for (let i = 0; i < candles.length; i += batch) check.push(candleColumnsOf(candles.slice(i, i + batch)));
  return check.finish();
}

describe('the structure of stored candles', () => {
  it('sound candles, flat ones without trades among them, are told as faulty', () => {
    const candles = quietCandles(FROM, 100);
    candles[50] = {
      ...candles[50]!,
      open: 5,
      high: 5,
      low: 5,
      close: 5,
      volume: 0,
      quoteVolume: 0,
      trades: 0,
      takerBase: 0,
      takerQuote: 0,
    };
    expect(observe(candles)).toEqual([]);
  });

  it.each<[string, Partial<Candle>, RegExp]>([
    ['a high below the close', { high: 1 }, /contradict/],
    ['a price that is no number', { close: Number.NaN }, /no number/],
    ['a negative price', { low: -1, open: -1 }, /below zero/],
    ['a negative volume', { volume: -2 }, /volume below zero/],
    ['takers that bought more than was traded', { takerBase: 1_000 }, /takers/],
    ['volume without trades', { trades: 0 }, /no trades/],
    ['trades without volume', { volume: 0, takerBase: 0 }, /no volume/],
  ])('%s passes', (_name, wrong, words) => {
    const candles = quietCandles(FROM, 20);
    candles[9] = { ...candles[9]!, ...wrong };
    const found = observe(candles);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'impossible_candle',
      range: { from: FROM + 9 * MINUTE_MS, to: FROM + 10 * MINUTE_MS },
      count: 1,
    });
    expect(found[0]!.sentence).toMatch(words);
  });

  it('columns that another program’s table does not have are taken for wrong ones', () => {
    const candles = quietCandles(FROM, 3).map((candle) => ({
      ...candle,
      quoteVolume: Number.NaN,
      trades: Number.NaN,
      takerBase: Number.NaN,
      takerQuote: Number.NaN,
    }));
    expect(observe(candles)).toEqual([]);
  });

  it('a row that stands twice is not seen, also across batches', () => {
    const candles = quietCandles(FROM, 10);
    candles.splice(5, 0, candles[4]!);
    const found = observe(candles, 5);
    expect(found.map(({ kind, range }) => ({ kind, range }))).toEqual([
      { kind: 'duplicate_rows', range: { from: FROM + 4 * MINUTE_MS, to: FROM + 5 * MINUTE_MS } },
    ]);
    expect(found[0]!.sentence).toContain('the same open time');
  });

  it('off-grid rows are a finding each, instead of one for the run of them', () => {
    const offset = 20_799;
    const candles = [...quietCandles(FROM, 5), ...quietCandles(FROM + 5 * MINUTE_MS + offset, 40)];
    const found = observe(candles);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'off_grid_rows',
      count: 40,
      range: { from: FROM + 5 * MINUTE_MS, to: FROM + 45 * MINUTE_MS },
    });
    expect(found[0]!.sentence).toContain('by 20.799 s');
  });

  it('two rows of one minute with different opens count as one bar without a word', () => {
    const candles = quietCandles(FROM, 3);
    candles.splice(1, 0, { ...candles[0]!, openTime: FROM + 20_799 });
    expect(observe(candles).map(({ kind }) => kind)).toEqual(['duplicate_rows', 'off_grid_rows']);
  });
});
