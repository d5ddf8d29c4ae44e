import { DAY_MS, HOUR_MS, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketFor } from './candle-reader';

it.each([
  [DAY_MS, MINUTE_MS, 1_440, null],
  [DAY_MS, MINUTE_MS, 1_000, '3m'],
  [9 * 365 * DAY_MS, MINUTE_MS, 5_000, '1d'],
  [9 * 365 * DAY_MS, MINUTE_MS, 100, '3M'],
  [60_000, 1_000, 13, '5s'],
  [3_000 * DAY_MS, 3 * DAY_MS, 500, '1w'],
] as const)(
  'would aggregate %d ms of %d ms candles for %d bars too coarse or too fine',
  (length, candleMs, maxBars, bucket) => {
    expect(bucketFor({ from: HOUR_MS, to: HOUR_MS + length }, candleMs, maxBars)).toBe(bucket);
  },
);

it('would be finer than the candles', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(MINUTE_MS, 5 * MINUTE_MS, 4 * HOUR_MS, DAY_MS),
      fc.integer({ min: 100, max: 5_000 }),
      (ms, maxBars) => {
        const bucket = bucketFor({ from: 0, to: 3_650 * DAY_MS }, ms, maxBars);
        const units: Record<string, number> = {
          s: 1_000,
          m: MINUTE_MS,
          h: HOUR_MS,
          d: DAY_MS,
          w: 7 * DAY_MS,
          M: 28 * DAY_MS,
          y: 365 * DAY_MS,
        };
        if (bucket) expect(Number.parseInt(bucket, 10) * units[bucket.slice(-1)]!).toBeGreaterThan(ms);
      },
    ),
  );
});
