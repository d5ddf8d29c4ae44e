import {
  alignRange,
  DAY_MS,
  EXCHANGE_EPOCH_MS,
  gridOf,
  type Interval,
  intervalMs,
  parseTime,
  type Range,
} from '@shared/market';
import type { RepairItem } from './use-plan';

const DEFAULT_DAYS = 30;
/** The contract's limit of one backfill. */
export const ITEMS_AT_ONCE = 5_000;

/** A series that a range is fetched of. */
export interface FetchSeries {
  readonly key: string;
  readonly interval: Interval;
  /** Open of the first candle that the exchange has, where it is known. */
  readonly listedAt: number | null;
}

/** Range to fetch by default: the last thirty days, or a hundred bars of the longest interval where that is longer. */
export function defaultFetchRange(series: readonly FetchSeries[], now: number): Range {
  const longest = series.reduce<Interval>(
    (found, { interval }) => (intervalMs(interval) > intervalMs(found) ? interval : found),
    '1s',
  );
  const grid = gridOf(longest);
  const to = grid.openAt(grid.indexOf(now));
  const from = to - Math.max(DEFAULT_DAYS * DAY_MS, 100 * intervalMs(longest));
  return alignRange(grid, { from: Math.max(EXCHANGE_EPOCH_MS, from), to });
}

/** Whole bars of each series between two typed times, or the sentence that says what is wrong with them. */
export function readFetchItems(
  from: string,
  to: string,
  series: readonly FetchSeries[],
  now: number,
): RepairItem[] | string {
  const start = parseTime(from);
  const end = parseTime(to);
  if (start === null) return `"${from}" is no time. Write 2024-03-01 or 2024-03-01 08:30, in UTC.`;
  if (end === null) return `"${to}" is no time. Write 2024-03-01 or 2024-03-01 08:30, in UTC.`;
  if (start >= end) return 'The range ends before it starts.';
  if (start >= now) return 'The range lies in the future.';
  const items = series
    .map(({ key, interval }) => ({ key, range: alignRange(gridOf(interval), { from: start, to: end }) }))
    .filter(({ range }) => range.to > range.from);
  if (items.length === 0) return `No ${series[0]?.interval ?? ''} candle opens in this range.`;
  if (items.length > ITEMS_AT_ONCE)
    return `At most ${ITEMS_AT_ONCE.toLocaleString('en')} series can be fetched at once; choose fewer.`;
  return items;
}
