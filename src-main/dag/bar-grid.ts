import { DAY_MS, gridOf, SECOND_MS } from '@shared/market';

/** Buckets of a bar length, in seconds. */
export interface BarGrid {
  /** Open of the bar that `ts` falls into. */
  floor(ts: number): number;
  /** Open of the bar behind the one that opens at `bucket`. */
  next(bucket: number): number;
}

const DAY = DAY_MS / SECOND_MS;

/**
 * Multiples of the interval, as in QMTL; the candles it does not know follow the exchange's calendar: weeks open on Mondays,
 * months (nominal 30 days) on the first, and 3-day bars where their symbol has them, so those are not floored at all.
 */
export function barGridOf(interval: number): BarGrid {
  if (interval === 3 * DAY) return { floor: (ts) => ts, next: (bucket) => bucket + interval };
  if (interval === 7 * DAY || interval === 30 * DAY) {
    const grid = gridOf(interval === 7 * DAY ? '1w' : '1M');
    return {
      floor: (ts) => grid.openAt(grid.indexOf(ts * SECOND_MS)) / SECOND_MS,
      next: (bucket) => grid.openAt(grid.indexOf(bucket * SECOND_MS) + 1) / SECOND_MS,
    };
  }
  return { floor: (ts) => Math.floor(ts / interval) * interval, next: (bucket) => bucket + interval };
}
