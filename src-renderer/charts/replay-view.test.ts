import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Axis } from './axis';
import { keepInView } from './replay-view';

function minutes(from: number, count: number): Axis {
  const times = Float64Array.from({ length: count }, (_, i) => (from + i) * 60_000);
  return { times, candle: new Int32Array(count), holes: [], step: 60_000 };
}

describe('keepInView', () => {
  it('keeps the visible time while the newest candle is inside, so that a seek does not jump', () => {
    const seen = { from: 100 * 60_000, to: 200 * 60_000 };
    expect(keepInView(minutes(50, 100), seen, 100, true)).toEqual({ from: 50, to: 149 });
  });

  it('brings the newest candle into view when it would be outside, with room to the right', () => {
    const seen = { from: 100 * 60_000, to: 200 * 60_000 };
    for (const count of [20, 145, 400]) {
      const range = keepInView(minutes(50, count), seen, 100, true)!;
      expect(count - 1).toBeLessThan(range.to);
      expect(count - 1).toBeGreaterThanOrEqual(range.from);
    }
  });

  it('leaves the view of someone who looks elsewhere', () => {
    const seen = { from: 100 * 60_000, to: 200 * 60_000 };
    expect(keepInView(minutes(50, 1_000), seen, 100, false)).toEqual({ from: 50, to: 149 });
  });

  it('never changes the zoom', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 10, max: 2_000 }),
        fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: null }),
        fc.boolean(),
        (count, width, from, following) => {
          const seen = from === null ? null : { from: from * 60_000, to: (from + width) * 60_000 };
          const range = keepInView(minutes(0, count), seen, width, following)!;
          expect(range.to - range.from + 1).toBeCloseTo(width, 6);
        },
      ),
    );
  });
});
