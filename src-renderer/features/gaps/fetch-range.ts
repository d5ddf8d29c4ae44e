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

const DEFAULT_DAYS = 30;

/** Range to fetch by default: the last thirty days, or a hundred bars where that is longer. */
export function defaultFetchRange(interval: Interval, now: number): Range {
  const grid = gridOf(interval);
  const to = grid.openAt(grid.indexOf(now));
  const from = to - Math.max(DEFAULT_DAYS * DAY_MS, 100 * intervalMs(interval));
  return alignRange(grid, { from: Math.max(EXCHANGE_EPOCH_MS, from), to });
}

/** The range of two typed times, or the sentence that says what is wrong with them. */
export function readFetchRange(from: string, to: string, interval: Interval, now: number): Range | string {
  const start = parseTime(from);
  const end = parseTime(to);
  if (start === null) return `"${from}" is no time. Write 2024-03-01 or 2024-03-01 08:30, in UTC.`;
  if (end === null) return `"${to}" is no time. Write 2024-03-01 or 2024-03-01 08:30, in UTC.`;
  if (start >= end) return 'The range ends before it starts.';
  if (start >= now) return 'The range lies in the future.';
  const range = alignRange(gridOf(interval), { from: start, to: end });
  return range.to > range.from ? range : `No ${interval} candle opens in this range.`;
}
