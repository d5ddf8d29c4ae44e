import { countBars, type Grid, type Range, type Span, type Verdict, verdictClass } from '@shared/market';
import { VERDICT_MARKS } from './verdict-patterns';

/** A missing stretch as the chart draws it. `verdict` is null when no span of the coverage explains the hole. */
export interface ChartGap extends Range {
  readonly bars: number;
  readonly verdict: Verdict | null;
}

/** Whether a span is a hole to draw: missing bars inside the life of the symbol. */
export function isGapVerdict(verdict: Verdict): boolean {
  return (
    verdictClass(verdict) !== 'present' &&
    verdict !== 'not_closed_yet' &&
    verdict !== 'not_listed_yet' &&
    verdict !== 'delisted'
  );
}

/** Index of the first span that ends after `t`. */
export function firstSpanAfter(spans: readonly Span[], t: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.to <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function spanAt(spans: readonly Span[], t: number): Span | null {
  const span = spans[firstSpanAfter(spans, t)];
  return span && span.from <= t ? span : null;
}

/**
 * Cuts holes of the candles along the spans. A gap that goes on beyond a hole tells the whole span's length, so that a
 * window's edge does not shorten it.
 */
export function gapsOfHoles(holes: readonly Range[], spans: readonly Span[], grid: Grid): ChartGap[] {
  const gaps: ChartGap[] = [];
  for (const hole of holes) {
    let from = hole.from;
    for (let i = firstSpanAfter(spans, from); i < spans.length && spans[i]!.from < hole.to; i++) {
      const span = spans[i]!;
      const cut = { from: Math.max(from, span.from), to: Math.min(hole.to, span.to) };
      if (cut.from > from) push(gaps, { from, to: cut.from }, null, grid);
      if (span.verdict === 'present') push(gaps, cut, null, grid);
      else gaps.push({ ...cut, bars: span.bars, verdict: span.verdict });
      from = cut.to;
    }
    if (from < hole.to) push(gaps, { from, to: hole.to }, null, grid);
  }
  return gaps;
}

/** The missing spans that meet `range`: all that aggregated candles can tell, since a bar of them may hide a hole. */
export function gapsOfSpans(spans: readonly Span[], range: Range): ChartGap[] {
  const gaps: ChartGap[] = [];
  for (let i = firstSpanAfter(spans, range.from); i < spans.length && spans[i]!.from < range.to; i++) {
    const span = spans[i]!;
    if (!isGapVerdict(span.verdict)) continue;
    gaps.push({
      from: Math.max(span.from, range.from),
      to: Math.min(span.to, range.to),
      bars: span.bars,
      verdict: span.verdict,
    });
  }
  return gaps;
}

function push(gaps: ChartGap[], range: Range, verdict: Verdict | null, grid: Grid): void {
  const bars = countBars(grid, range);
  if (bars > 0) gaps.push({ ...range, bars, verdict });
}

const COUNT = new Intl.NumberFormat('en-US');

/** `1,440 bars missing`. */
export function gapTitle(gap: ChartGap): string {
  return `${COUNT.format(gap.bars)} ${gap.bars === 1 ? 'bar' : 'bars'} missing`;
}

/** The verdict in words; a hole that the coverage does not know yet says so. */
export function gapReason(gap: ChartGap): string {
  return gap.verdict === null ? 'coverage not read yet' : VERDICT_MARKS[gap.verdict].label;
}
