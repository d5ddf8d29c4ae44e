import { DAY_MS, type Interval, intervalMs } from './interval';
import type { Range } from './range';

/**
 * The open times that an interval can have. A bar is addressed by its index: `openAt(indexOf(t))` is the open of the bar
 * that contains `t`. Times are epoch milliseconds, UTC.
 */
export interface Grid {
  readonly interval: Interval;
  /** Index of the bar whose span contains `t` (mathematical floor, so times before 1970 work too). */
  indexOf(t: number): number;
  /** Open time of bar `index`. */
  openAt(index: number): number;
}

/** 1970-01-05, the first Monday: weekly candles open on Mondays at 00:00. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/**
 * Phase of `3d` candles in days: their opens, counted in days since 1970, are congruent to it modulo 3. It differs by symbol
 * and has to be learned from one row; 1 is BTCUSDT's and the default until it is known.
 */
export const DEFAULT_THREE_DAY_PHASE = 1;

const grids = new Map<string, Grid>();

/** Grid of `interval`, always the same one. `threeDayPhase` (0, 1 or 2) matters for `3d` only. */
export function gridOf(interval: Interval, threeDayPhase: number = DEFAULT_THREE_DAY_PHASE): Grid {
  const name = interval === '3d' ? `3d ${threeDayPhase}` : interval;
  let grid = grids.get(name);
  if (!grid) {
    grid = makeGrid(interval, threeDayPhase);
    grids.set(name, grid);
  }
  return grid;
}

function makeGrid(interval: Interval, threeDayPhase: number): Grid {
  if (interval === '1M') {
    return {
      interval,
      indexOf: (t) => {
        const date = new Date(t);
        return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
      },
      openAt: (index) => Date.UTC(1970, index, 1),
    };
  }
  const step = intervalMs(interval);
  const origin = interval === '1w' ? FIRST_MONDAY_MS : interval === '3d' ? threeDayPhase * DAY_MS : 0;
  return {
    interval,
    indexOf: (t) => Math.floor((t - origin) / step),
    openAt: (index) => origin + index * step,
  };
}

/** Open of the bar that contains `t`. */
export function floorToGrid(grid: Grid, t: number): number {
  return grid.openAt(grid.indexOf(t));
}

/** First open at or after `t`. */
export function ceilToGrid(grid: Grid, t: number): number {
  const index = grid.indexOf(t);
  return grid.openAt(index) === t ? t : grid.openAt(index + 1);
}

/** The moment at which the bar that opens at `open` is over, which is the next bar's open. */
export function closeOf(grid: Grid, open: number): number {
  return grid.openAt(grid.indexOf(open) + 1);
}

/** The bar that contains `t`, as a range. */
export function barAt(grid: Grid, t: number): Range {
  const index = grid.indexOf(t);
  return { from: grid.openAt(index), to: grid.openAt(index + 1) };
}

/** Number of grid opens in the half-open range. */
export function countBars(grid: Grid, range: Range): number {
  if (range.to <= range.from) return 0;
  return grid.indexOf(range.to - 1) - grid.indexOf(range.from - 1);
}

/** The smallest range of whole bars that holds every grid open of `range`; empty (`from === to`) when it has none. */
export function alignRange(grid: Grid, range: Range): Range {
  const from = ceilToGrid(grid, range.from);
  return { from, to: Math.max(from, ceilToGrid(grid, range.to)) };
}

/** Phase of a `3d` grid, learned from the open time of any of its rows. */
export function threeDayPhaseOf(open: number): number {
  const days = Math.floor(open / DAY_MS);
  return ((days % 3) + 3) % 3;
}
