import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignRange, ceilToGrid, closeOf, countBars, floorToGrid, gridOf, threeDayPhaseOf } from './grid';
import { INTERVALS } from './interval';

const interval = fc.constantFrom(...INTERVALS);
const moment = fc.integer({ min: Date.UTC(2016, 0, 1), max: Date.UTC(2040, 0, 1) });
const phase = fc.integer({ min: 0, max: 2 });

describe('grid', () => {
  it('every moment lies in exactly the bar that floor names, at all intervals and phases', () => {
    fc.assert(
      fc.property(interval, phase, moment, (each, p, t) => {
        const grid = gridOf(each, p);
        const open = floorToGrid(grid, t);
        expect(open).toBeLessThanOrEqual(t);
        expect(closeOf(grid, open)).toBeGreaterThan(t);
        expect(grid.indexOf(open)).toBe(grid.indexOf(t));
        expect(floorToGrid(grid, open)).toBe(open);
      }),
    );
  });

  it('countBars equals walking over the opens', () => {
    fc.assert(
      fc.property(
        interval,
        phase,
        moment,
        fc.integer({ min: -2, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (each, p, t, n, part) => {
          const grid = gridOf(each, p);
          const to = grid.openAt(grid.indexOf(t) + n) + Math.floor(part * 900);
          let walked = 0;
          for (let open = ceilToGrid(grid, t); open < to; open = closeOf(grid, open)) walked++;
          expect(countBars(grid, { from: t, to })).toBe(walked);
          const aligned = alignRange(grid, { from: t, to });
          expect(countBars(grid, aligned)).toBe(walked);
        },
      ),
    );
  });

  it('weeks open on Monday and months on the 1st, February included', () => {
    const week = gridOf('1w');
    expect(new Date(floorToGrid(week, Date.UTC(2026, 10, 25))).toISOString()).toBe('2026-11-23T00:00:00.000Z');
    const month = gridOf('1M');
    expect(closeOf(month, Date.UTC(2024, 1, 1))).toBe(Date.UTC(2024, 2, 1));
    expect(countBars(month, { from: Date.UTC(2017, 7, 1), to: Date.UTC(2018, 7, 1) })).toBe(12);
  });

  it('3d candles follow the phase of a row: BTCUSDT listed on day 17395 has phase 1', () => {
    const listed = Date.UTC(2017, 7, 17);
    expect(threeDayPhaseOf(listed)).toBe(1);
    expect(floorToGrid(gridOf('3d', 1), listed + 1)).toBe(listed);
  });
});
