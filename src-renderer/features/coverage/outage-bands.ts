import { type Interval, intervalMs, normalizeRanges, type Range } from '@shared/market';
import { codeOf, type SpanColumns } from '../../client';

/** What of a row is looked at. */
export interface OutageRow {
  readonly spans: SpanColumns | null;
  readonly interval: Interval;
}

/** A stop of the exchange as the rows show it. */
export interface OutageBand extends Range {
  /** Rows that lack bars because of it. */
  readonly rows: number;
}

const OUTAGE = codeOf('exchange_outage');
/** Columns are replaced and never changed, so that a page's outages are looked for once. */
const outagesOf = new WeakMap<SpanColumns, readonly Range[]>();

function outagesOfSpans(spans: SpanColumns): readonly Range[] {
  const known = outagesOf.get(spans);
  if (known) return known;
  const found: Range[] = [];
  for (let i = 0; i < spans.count; i++)
    if (spans.verdict[i] === OUTAGE) found.push({ from: spans.from[i]!, to: spans.to[i]! });
  outagesOf.set(spans, found);
  return found;
}

/**
 * The stops that any of the rows shows, ascending and disjoint. A longer interval knows them no better than to its own bars, so
 * that it only adds those that no shorter one has.
 */
export function outageBands(rows: readonly OutageRow[]): OutageBand[] {
  const byInterval = new Map<Interval, Range[]>();
  const all: Range[] = [];
  for (const { spans, interval } of rows) {
    if (!spans) continue;
    const own = outagesOfSpans(spans);
    all.push(...own);
    const group = byInterval.get(interval);
    if (group) group.push(...own);
    else byInterval.set(interval, [...own]);
  }
  let bands: Range[] = [];
  for (const interval of [...byInterval.keys()].sort((a, b) => intervalMs(a) - intervalMs(b))) {
    const fresh = normalizeRanges(byInterval.get(interval)!).filter((range) => !overlapping(bands, range));
    bands = [...bands, ...fresh].sort((a, b) => a.from - b.from);
  }
  return bands.map((band) => ({
    ...band,
    rows: all.filter((each) => each.from < band.to && each.to > band.from).length,
  }));
}

function overlapping(bands: readonly Range[], range: Range): boolean {
  return bands.some((band) => band.from < range.to && band.to > range.from);
}

/** The band under a moment, the nearest within `tolerance` milliseconds. */
export function bandAt(bands: readonly OutageBand[], t: number, tolerance: number): OutageBand | null {
  let best: OutageBand | null = null;
  let nearest = tolerance;
  for (const band of bands) {
    const distance = t < band.from ? band.from - t : t >= band.to ? t - band.to : 0;
    if (distance > nearest || (best && distance === nearest)) continue;
    best = band;
    nearest = distance;
  }
  return best;
}
