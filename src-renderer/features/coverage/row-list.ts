import type { SeriesSummary } from '@shared/contract';
import { type Interval, intervalMs } from '@shared/market';
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
    if (filter.intervals.length > 0 && !filter.intervals.includes(each.interval)) return false;
    if (filter.needsAction && alarming(each.key) === 0) return false;
    const text = `${each.symbol.toLowerCase()} ${each.interval} ${each.market}`;
    return words.every((word) => text.includes(word));
  });
  const bySymbol = (a: SeriesSummary, b: SeriesSummary) =>
    a.symbol === b.symbol ? intervalMs(a.interval) - intervalMs(b.interval) : a.symbol < b.symbol ? -1 : 1;
  return kept.sort(
    order === 'symbol'
      ? bySymbol
      : (a, b) => alarming(b.key) - alarming(a.key) || b.missing.unexplained - a.missing.unexplained || bySymbol(a, b),
  );
}

/** What the strips draw of a series. */
export function stripRow(summary: SeriesSummary, book: CoverageBook): StripRow {
  const page = book.get(summary.key);
  return {
    key: summary.key,
    interval: summary.interval,
    spans: page?.columns ?? null,
    extent: page?.range ?? { from: 0, to: 0 },
    listedAt: summary.listedAt,
  };
}
