import type { Interval, Market } from '@shared/market';

/** The series that the chart shows. */
export interface ChartSeries {
  readonly key: string;
  readonly symbol: string;
  readonly interval: Interval;
  readonly market: Market;
}

/** What the chart has to say besides candles. */
export type ChartStatus =
  | { kind: 'no-series' }
  | { kind: 'loading' }
  | { kind: 'ready' }
  /** No candle around `at`; `nearest` is where the closest stored one is, null when none is stored at all. */
  | { kind: 'empty'; at: number; nearest: number | null }
  | { kind: 'failed'; message: string };
