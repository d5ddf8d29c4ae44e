import { candleColumnsOf, gridOf, MINUTE_MS } from '@shared/market';
import { expect, it } from 'vitest';
import { SeamCheck } from './seam-check';
import { quietCandles } from './testing';

const FROM = Date.UTC(2024, 0, 1);
const AT = FROM + 500 * MINUTE_MS;
const seam = { at: AT, before: 'BTCUSDT-1m-2024-01.zip', after: 'REST' };

function observe(factor: number, seams = [seam]) {
  const candles = quietCandles(FROM, 800).map((candle) =>
    candle.openTime < AT
      ? candle
      : {
          ...candle,
          open: candle.open * factor,
          high: candle.high * factor,
          low: candle.low * factor,
          close: candle.close * factor,
        },
  );
  const check = new SeamCheck(gridOf('1m'), seams);
  for (let i = 0; i < candles.length; i += 111) check.push(candleColumnsOf(candles.slice(i, i + 111)));
  return check.finish();
}

it('a step of price where one source ends and the next begins is not seen', () => {
  const found = observe(1.5);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ kind: 'archive_seam', range: { from: AT - MINUTE_MS, to: AT + MINUTE_MS } });
  expect(found[0]!.sentence).toContain('BTCUSDT-1m-2024-01.zip ends and REST begins');
});

it('a seam in a market that goes on is told, or a step where there is no seam', () => {
  expect(observe(1)).toEqual([]);
  expect(observe(1.5, [{ ...seam, at: AT + 60 * MINUTE_MS }])).toEqual([]);
});
