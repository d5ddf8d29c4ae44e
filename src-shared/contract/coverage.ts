import type { ExplainedSpan, Interval, Market, Range, SeriesKind, Span, StoredSeries } from '../market';

/** One row of the strips view. */
export interface SeriesSummary {
  key: string;
  table: string;
  nodeId: string;
  market: Market;
  symbol: string;
  kind: SeriesKind;
  /** Null for trades, whose bars are the minutes. */
  interval: Interval | null;
  /** Trades: rows in the table. */
  trades?: number;
  /** Stored candles, or minutes of which every trade is stored, and the opens of the oldest and newest; null while nothing is stored. */
  bars: number;
  first: number | null;
  last: number | null;
  /** Candles: stored ones in which nothing was traded. They are present. */
  flat?: number;
  /** Open of the very first candle the exchange has, once known. */
  listedAt: number | null;
  missing: MissingBars;
  /** Grows with every change of the series' coverage. */
  revision: number;
}

export interface MissingBars {
  explained: number;
  unexplained: number;
}

/** Spans that cover the whole of `range`, sorted and disjoint, neighbours differing in verdict. */
export interface CoverageReport {
  key: string;
  range: Range;
  bars: number;
  spans: Span[];
  missing: MissingBars;
  /** Trades: rows in the whole table. Bars are minutes then. */
  trades?: number;
  revision: number;
}

/** Answer of `evidence.read`: everything the inspector tells about one span. */
export interface SpanDetail {
  span: ExplainedSpan;
  series: StoredSeries;
  /** Position among the missing spans of the series, from 1; null for a present span. */
  gapNumber: number | null;
  gapCount: number;
}
