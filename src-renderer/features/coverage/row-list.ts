import type { SeriesSummary } from '@shared/contract';
import { gridIntervalOf, type Interval, intervalMs, seriesWord } from '@shared/market';
import type { CoverageBook } from '../../client';
import type { StripRow } from './strips-scene';

export type RowOrder = 'symbol' | 'missing';

export interface RowFilter {
  /** Words that all must occur in symbol, interval or market; case does not matter. */
  readonly text: string;
  /** Empty: all. */
  readonly intervals: readonly Interval[];
  /** Only series with alarming gaps. */
  readonly needsAction: boolean;
}

/** Series that pass the filter, in the order of the view: by symbol and interval, or what alarms most first. */
export function listRows(
  series: readonly SeriesSummary[],
  filter: RowFilter,
  order: RowOrder,
  alarming: (key: string) => number,
): SeriesSummary[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = series.filter((each) => {
    const { interval } = each;
    if (filter.intervals.length > 0 && (interval === null || !filter.intervals.includes(interval))) return false;
    if (filter.needsAction && alarming(each.key) === 0) return false;
    const text = `${each.symbol.toLowerCase()} ${seriesWord(each)} ${each.market}`;
    return words.every((word) => text.includes(word));
  });
  const bySymbol = (a: SeriesSummary, b: SeriesSummary) =>
    a.symbol === b.symbol ? lengthOf(a) - lengthOf(b) : a.symbol < b.symbol ? -1 : 1;
  return kept.sort(
    order === 'symbol'
      ? bySymbol
      : (a, b) => alarming(b.key) - alarming(a.key) || b.missing.unexplained - a.missing.unexplained || bySymbol(a, b),
  );
}

/** Trades stand before all candles. */
function lengthOf({ interval }: SeriesSummary): number {
  return interval === null ? 0 : intervalMs(interval);
}

/** What the strips draw of a series. */
export function stripRow(summary: SeriesSummary, book: CoverageBook): StripRow {
  const page = book.get(summary.key);
  return {
    key: summary.key,
    interval: gridIntervalOf(summary),
    spans: page?.columns ?? null,
    extent: page?.range ?? { from: 0, to: 0 },
    listedAt: summary.listedAt,
  };
}
