import { parseStoredSeriesKey, type StoredSeries, type Verdict } from '@shared/market';
import { type CoveragePage, codeOf, type SeriesGap, VERDICT_WEIGHT } from '../../client';

/** One line of the list of all gaps. */
export interface GapRow extends SeriesGap {
  /** The same for the same gap, whatever else changes in its series. */
  readonly id: string;
  readonly series: StoredSeries;
}

export type GapOrderBy = 'series' | 'from' | 'bars' | 'verdict';

export interface GapOrder {
  readonly by: GapOrderBy;
  readonly reversed: boolean;
}

/** Verdicts that a gap can have, those that need action first. */
export const GAP_VERDICTS = [
  'unexplained',
  'fetch_failed',
  'not_asked',
  'exchange_outage',
  'symbol_halt',
  'confirmed_absent',
] as const satisfies readonly Verdict[];

export type GapVerdict = (typeof GAP_VERDICTS)[number];

export const NEEDS_ACTION: readonly GapVerdict[] = ['unexplained', 'fetch_failed', 'not_asked'];

/** Pages are replaced and never changed, so that a page's rows are made once. */
const rowsOf = new WeakMap<CoveragePage, readonly GapRow[]>();

function rowsOfPage(page: CoveragePage): readonly GapRow[] {
  const known = rowsOf.get(page);
  if (known) return known;
  const series = parseStoredSeriesKey(page.key);
  const rows = series
    ? page.gaps.map((span) => ({
        id: `${page.key} ${span.from} ${span.to} ${span.verdict}`,
        key: page.key,
        series,
        span,
      }))
    : [];
  rowsOf.set(page, rows);
  return rows;
}

/** Gaps of the pages that have one of the verdicts. The pages' order is the order by series; others keep it where they are equal. */
export function listGaps(
  pages: readonly CoveragePage[],
  verdicts: readonly Verdict[],
  { by, reversed }: GapOrder,
): readonly GapRow[] {
  const wanted = new Set(verdicts);
  const rows: GapRow[] = [];
  for (const page of pages) for (const row of rowsOfPage(page)) if (wanted.has(row.span.verdict)) rows.push(row);
  if (by === 'series') return reversed ? rows.reverse() : rows;
  const value = VALUES[by];
  const sign = reversed ? -1 : 1;
  const values = Float64Array.from(rows, (row) => sign * value(row));
  const order = Uint32Array.from(rows, (_, index) => index).sort((a, b) => values[a]! - values[b]! || a - b);
  return Array.from(order, (index) => rows[index]!);
}

/** What the order by a column goes by: the oldest, the largest, and what alarms most first. */
const VALUES: Record<Exclude<GapOrderBy, 'series'>, (row: GapRow) => number> = {
  from: ({ span }) => span.from,
  bars: ({ span }) => -span.bars,
  verdict: ({ span }) => -VERDICT_WEIGHT[codeOf(span.verdict)]!,
};

export interface GapTotals {
  readonly gaps: number;
  readonly bars: number;
}

export function totalsOf(gaps: readonly SeriesGap[]): GapTotals {
  return { gaps: gaps.length, bars: gaps.reduce((sum, { span }) => sum + span.bars, 0) };
}

/** Gaps by verdict, for the filter's numbers. */
export function countGaps(pages: readonly CoveragePage[]): Record<GapVerdict, number> {
  const counts = Object.fromEntries(GAP_VERDICTS.map((verdict) => [verdict, 0])) as Record<GapVerdict, number>;
  for (const page of pages) for (const { verdict } of page.gaps) counts[verdict as GapVerdict]++;
  return counts;
}
