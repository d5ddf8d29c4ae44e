import { type Candle, candleColumnsOf, gridOf, INTERVALS, intervalMs } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  barsShown,
  evenSpacing,
  gridSpacing,
  HOLE_BUDGET,
  HOLE_PLACES,
  logicalOf,
  placesPerHole,
  planAxis,
  stepOf,
  timeAt,
} from './axis';

const START = Date.UTC(2021, 0, 1);

function candles(opens: readonly number[]) {
  return candleColumnsOf(
    opens.map((openTime): Candle => {
      const price = { open: 1, high: 2, low: 0.5, close: 1.5, volume: 1 };
      return { openTime, ...price, quoteVolume: 0, trades: 0, takerBase: 0, takerQuote: 0 };
    }),
  );
}

/** Opens on a grid with arbitrary holes between them. */
const opensOn = fc.record({
  interval: fc.constantFrom(...INTERVALS),
  holes: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })), { minLength: 1, maxLength: 60 }),
  head: fc.integer({ min: 0, max: 400 }),
  tail: fc.integer({ min: 0, max: 400 }),
});

describe('planAxis', () => {
  it('keeps every candle once, every hole with its true length, strictly ascending and on the grid', () => {
    fc.assert(
      fc.property(opensOn, ({ interval, holes, head, tail }) => {
        const grid = gridOf(interval);
        let index = grid.indexOf(START) + 1;
        const first = index;
        const opens = holes.map((hole) => {
          const open = grid.openAt(index);
          index += hole + 1;
          return open;
        });
        const last = grid.indexOf(opens[opens.length - 1]!);
        const range = { from: grid.openAt(first - head), to: grid.openAt(last + 1 + tail) };
        const axis = planAxis(candles(opens), range, gridSpacing(grid));

        const expected = [head, ...holes.slice(0, -1), tail].filter((bars) => bars > 0);
        expect(axis.holes.map((hole) => hole.bars)).toEqual(expected);
        expect(axis.holes.every((hole) => hole.shown >= 1)).toBe(true);
        expect(axis.times.filter((_, i) => axis.candle[i]! >= 0)).toEqual(Float64Array.from(opens));
        for (let i = 1; i < axis.times.length; i++) expect(axis.times[i]!).toBeGreaterThan(axis.times[i - 1]!);
        for (const time of axis.times) expect(grid.openAt(grid.indexOf(time))).toBe(time);
        const empty = axis.times.length - opens.length;
        expect(empty).toBeLessThanOrEqual(Math.max(HOLE_BUDGET, axis.holes.length));
      }),
      { numRuns: 150 },
    );
  });

  it('gives a short hole its true room and a long one the limit', () => {
    const minute = 60_000;
    const opens = [START, START + 81 * minute, START + 82 * minute + 1_440 * minute];
    const axis = planAxis(candles(opens), { from: START, to: opens[2]! + minute }, gridSpacing(gridOf('1m')));
    expect(axis.holes.map(({ bars, shown }) => [bars, shown])).toEqual([
      [80, 80],
      [1_440, HOLE_PLACES],
    ]);
    expect(axis.holes[1]).toMatchObject({ from: START + 82 * minute, to: opens[2] });
  });

  it('makes no axis without a candle, since there would be nothing to hang it on', () => {
    expect(planAxis(candles([]), { from: 0, to: 60_000 }, gridSpacing(gridOf('1m'))).times).toHaveLength(0);
  });

  it('does not invent holes between calendar months of aggregated candles', () => {
    const months = [0, 1, 2, 3, 4, 5].map((month) => Date.UTC(2021, month, 1));
    const columns = candles(months);
    const axis = planAxis(columns, { from: months[0]!, to: Date.UTC(2021, 6, 1) }, evenSpacing(stepOf(columns, 1)));
    expect(axis.holes).toEqual([]);
  });
});

describe('logicalOf and timeAt', () => {
  it('are inverse to each other, inside the axis and beyond its ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: -50, max: 400, noNaN: true }),
        (holes, logical) => {
          let t = START;
          const opens = holes.map((hole) => {
            t += (hole + 1) * 60_000;
            return t;
          });
          const range = { from: opens[0]!, to: t + 60_000 };
          const axis = planAxis(candles(opens), range, gridSpacing(gridOf('1m')));
          expect(logicalOf(axis, timeAt(axis, logical))).toBeCloseTo(logical, 3);
        },
      ),
    );
  });
});

describe('holes', () => {
  it('always show their first and last bar, so that their edges stay where they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 200 }), (bars, places) => {
        const shown = barsShown(bars, places);
        expect(shown).toHaveLength(Math.min(bars, places));
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown[0]).toBe(1);
        expect(shown[shown.length - 1]).toBe(bars);
      }),
    );
  });

  it('share the budget: the largest equal limit that fits, at least one place each', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 2_000 }),
        (holes, budget) => {
          const total = (places: number) => holes.reduce((sum, bars) => sum + Math.min(bars, places), 0);
          const places = placesPerHole(holes, HOLE_PLACES, budget);
          expect(places).toBeGreaterThanOrEqual(1);
          if (places > 1) expect(total(places)).toBeLessThanOrEqual(budget);
          if (places < HOLE_PLACES) expect(total(places + 1)).toBeGreaterThan(budget);
        },
      ),
    );
  });
});

it('steps are never shorter than the interval', () => {
  expect(stepOf(candles([START]), intervalMs('1h'))).toBe(intervalMs('1h'));
  expect(stepOf(candles([START, START + 7_200_000, START + 10_800_000]), 60_000)).toBe(3_600_000);
});
