import type { Range } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedWindow, LEAST_WINDOW, movedWindow, windowBox } from './minimap-window';

const WHOLE: Range = { from: 1_000, to: 1_001_000 };
const shown = fc
  .tuple(fc.integer({ min: 1_000, max: 1_000_000 }), fc.integer({ min: 200, max: 1_000_000 }))
  .map(([from, length]): Range => ({ from: Math.min(from, WHOLE.to - 200), to: Math.min(WHOLE.to, from + length) }))
  .filter(({ from, to }) => to - from >= 200);

describe('window of the minimap', () => {
  it('is turned round, emptied or pushed off the map by any drag', () => {
    fc.assert(
      fc.property(
        shown,
        fc.constantFrom('from' as const, 'to' as const, 'all' as const),
        fc.integer({ min: -3_000_000, max: 3_000_000 }),
        (range, part, dt) => {
          const moved = movedWindow(range, part, dt, WHOLE);
          expect(moved.to).toBeGreaterThan(moved.from);
          expect(moved.from).toBeGreaterThanOrEqual(WHOLE.from);
          expect(moved.to).toBeLessThanOrEqual(WHOLE.to);
          if (part === 'all') expect(moved.to - moved.from).toBe(range.to - range.from);
          if (part === 'from') expect(moved.to).toBe(range.to);
          if (part === 'to') expect(moved.from).toBe(range.from);
        },
      ),
    );
  });

  const ratios = fc.constantFrom(1, 1.1, 1.25, 1.5, 2);

  it('vanishes when minutes of years are shown, hangs over the edge, or has edges between pixels', () => {
    fc.assert(
      fc.property(shown, fc.integer({ min: 20, max: 3_000 }), ratios, (range, width, ratio) => {
        const box = windowBox(range, WHOLE, width, ratio);
        expect(box.width).toBeGreaterThanOrEqual(LEAST_WINDOW);
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.left + box.width).toBeLessThanOrEqual(width + 1e-6);
        for (const edge of [box.left, box.width]) expect(edge * ratio).toBeCloseTo(Math.round(edge * ratio), 6);
      }),
    );
  });

  it('changes its width while it is only moved', () => {
    fc.assert(
      fc.property(
        fc.tuple(...[0, 1].map(() => fc.double({ min: 100_000, max: 600_000, noNaN: true }))),
        ratios,
        (froms, ratio) => {
          // Half a pixel away from where the rounding turns.
          const widths = froms.map((from) => windowBox({ from, to: from + 200_000 }, WHOLE, 1_000, ratio).width);
          expect(widths[0]).toBe(widths[1]);
        },
      ),
    );
  });

  it('has no keyboard way for a drag or a resize', () => {
    const range = { from: 101_000, to: 201_000 };
    expect(keyedWindow(range, 'ArrowRight', false, WHOLE)).toEqual({ from: 111_000, to: 211_000 });
    expect(keyedWindow(range, 'ArrowLeft', true, WHOLE)).toEqual({ from: 101_000, to: 191_000 });
    expect(keyedWindow(range, 'PageDown', false, WHOLE)).toEqual({ from: 201_000, to: 301_000 });
    expect(keyedWindow(range, 'Home', false, WHOLE)).toEqual({ from: 1_000, to: 101_000 });
    expect(keyedWindow(range, 'End', false, WHOLE)).toEqual({ from: 901_000, to: 1_001_000 });
    expect(keyedWindow(range, 'Enter', false, WHOLE)).toBeNull();
  });
});
