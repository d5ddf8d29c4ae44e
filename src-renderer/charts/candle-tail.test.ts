import { type Candle, candleColumnsOf } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CandleTail } from './candle-tail';

function candlesFrom(first: number, rows: number) {
  return candleColumnsOf(
    Array.from({ length: rows }, (_, i): Candle => {
      const n = first + i;
      const prices = { open: n, high: n, low: n, close: n, volume: n, quoteVolume: n };
      return { openTime: n, ...prices, trades: n, takerBase: n, takerQuote: n };
    }),
  );
}

it('holds exactly the newest candles, however they were cut into batches', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant('reset' as const)), { maxLength: 40 }),
      (limit, steps) => {
        const tail = new CandleTail(limit);
        let [next, since] = [0, 0];
        for (const step of steps) {
          if (step === 'reset') {
            tail.reset();
            since = next;
            continue;
          }
          tail.append(candlesFrom(next, step));
          next += step;
          const rows = Math.min(limit, next - since);
          const expected = Array.from({ length: rows }, (_, i) => next - rows + i);
          expect(tail.rows).toBe(rows);
          expect(tail.total).toBe(next - since);
          expect([...tail.newest(limit).openTime]).toEqual(expected);
          expect([...tail.newest(limit).takerQuote]).toEqual(expected);
          expect(tail.lastOpen).toBe(rows === 0 ? null : next - 1);
        }
      },
    ),
  );
});
