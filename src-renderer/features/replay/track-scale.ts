import { countBars, type Grid, type Range, type Span, type Verdict } from '@shared/market';
import { firstSpanAfter } from '../../charts';

/** Time on the track: `[range.from, range.to)` over `width` CSS pixels. */
export interface TrackScale {
  readonly range: Range;
  readonly width: number;
}

export function xOfTime({ range, width }: TrackScale, t: number): number {
  return ((t - range.from) / (range.to - range.from)) * width;
}

/** Time under a pixel, held inside the range. */
export function timeOfX({ range, width }: TrackScale, x: number): number {
  const share = width > 0 ? Math.min(1, Math.max(0, x / width)) : 0;
  return range.from + share * (range.to - range.from);
}

/** Time to seek to for a pixel: the nearest open of the grid in the range, since a playhead stands between bars. */
export function seekTarget(scale: TrackScale, x: number, grid: Grid): number {
  const t = timeOfX(scale, x);
  const open = grid.openAt(grid.indexOf(t));
  const next = grid.openAt(grid.indexOf(t) + 1);
  const nearest = t - open <= next - t ? open : next;
  return Math.min(scale.range.to, Math.max(scale.range.from, nearest));
}

/** A run of the track with one mark. */
export interface TrackMark {
  readonly x: number;
  readonly width: number;
  readonly verdict: Verdict;
}

/** How much a verdict matters when several share a pixel. */
const WEIGHT: Readonly<Record<Verdict, number>> = {
  unexplained: 9,
  fetch_failed: 8,
  not_asked: 7,
  symbol_halt: 6,
  exchange_outage: 5,
  confirmed_absent: 4,
  not_closed_yet: 3,
  not_listed_yet: 2,
  delisted: 1,
  present: 0,
};

/**
 * Marks of the missing spans, at least `minWidth` wide so that one missing minute can be seen. Narrow ones that would overlap
 * are joined, and the one that matters most gives the name. Time without a span counts as not asked.
 */
export function trackMarks(scale: TrackScale, spans: readonly Span[], minWidth = 2): TrackMark[] {
  const { range, width } = scale;
  const marks: { x: number; width: number; verdict: Verdict }[] = [];
  const add = (from: number, to: number, verdict: Verdict) => {
    const x = Math.min(xOfTime(scale, from), width - minWidth);
    const right = Math.max(x + minWidth, xOfTime(scale, to));
    const last = marks[marks.length - 1];
    const end = last ? last.x + last.width : 0;
    if (!last || x >= end - 0.01) marks.push({ x, width: right - x, verdict });
    // A long span gives way to the widened mark before it; two that are both narrow share one mark.
    else if (right >= end + minWidth) marks.push({ x: end, width: right - end, verdict });
    else {
      if (WEIGHT[verdict] > WEIGHT[last.verdict]) last.verdict = verdict;
      last.width = Math.max(last.width, right - last.x);
    }
  };
  let at = range.from;
  for (let i = firstSpanAfter(spans, range.from); i < spans.length && spans[i]!.from < range.to; i++) {
    const span = spans[i]!;
    const from = Math.max(span.from, range.from);
    const to = Math.min(span.to, range.to);
    if (from > at) add(at, from, 'not_asked');
    if (span.verdict !== 'present') add(from, to, span.verdict);
    at = to;
  }
  if (at < range.to) add(at, range.to, 'not_asked');
  return marks;
}

/** Missing bars between the start of the range and the playhead, as the coverage tells, and how many gaps they are in. */
export function crossedGaps(
  spans: readonly Span[],
  range: Range,
  playhead: number,
  grid: Grid,
): { bars: number; gaps: number } {
  let [bars, gaps] = [0, 0];
  for (let i = firstSpanAfter(spans, range.from); i < spans.length && spans[i]!.from < playhead; i++) {
    const span = spans[i]!;
    if (span.verdict === 'present') continue;
    bars += countBars(grid, { from: Math.max(span.from, range.from), to: Math.min(span.to, playhead, range.to) });
    gaps++;
  }
  return { bars, gaps };
}
