import { type Range, type Span, VERDICTS, type Verdict } from '@shared/market';

/** Spans of one series in columns, sorted and disjoint; `verdict` holds indices into `VERDICTS`. */
export interface SpanColumns {
  readonly count: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly verdict: Uint8Array;
}

/** Which verdict wins when several meet on one pixel: what needs action before what is explained. */
const WEIGHT: Record<Verdict, number> = {
  unexplained: 9,
  fetch_failed: 8,
  not_asked: 7,
  confirmed_absent: 6,
  symbol_halt: 5,
  exchange_outage: 4,
  not_closed_yet: 3,
  delisted: 2,
  not_listed_yet: 1,
  present: 0,
};

/** Weight of a verdict code, by code. */
export const VERDICT_WEIGHT = Uint8Array.from(VERDICTS, (verdict) => WEIGHT[verdict]);

export function codeOf(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

export const PRESENT = codeOf('present');

export function spanColumns(spans: readonly Span[]): SpanColumns {
  const columns = {
    count: spans.length,
    from: new Float64Array(spans.length),
    to: new Float64Array(spans.length),
    verdict: new Uint8Array(spans.length),
  };
  spans.forEach((span, index) => {
    columns.from[index] = span.from;
    columns.to[index] = span.to;
    columns.verdict[index] = codeOf(span.verdict);
  });
  return columns;
}

/** Index of the first span that ends after `t`: the one that holds `t`, or the next one; `count` behind the last. */
export function firstEndingAfter(spans: SpanColumns, t: number): number {
  let low = 0;
  let high = spans.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans.to[middle]! <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Index of the span that a pointer at `t` means, or -1: within `tolerance` on both sides the heaviest verdict wins, then the
 * nearest span, so that one missing minute can be hit at any zoom.
 */
export function hitSpan(spans: SpanColumns, t: number, tolerance: number): number {
  let best = -1;
  let bestWeight = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let i = firstEndingAfter(spans, t - tolerance); i < spans.count && spans.from[i]! <= t + tolerance; i++) {
    const distance = t < spans.from[i]! ? spans.from[i]! - t : t >= spans.to[i]! ? t - spans.to[i]! : 0;
    const small = spans.to[i]! - spans.from[i]! <= 2 * tolerance;
    if (distance > 0 && !small) continue;
    const weight = small ? VERDICT_WEIGHT[spans.verdict[i]!]! : 0;
    if (weight > bestWeight || (weight === bestWeight && distance < bestDistance)) {
      best = i;
      bestWeight = weight;
      bestDistance = distance;
    }
  }
  return best;
}

/** Whether a span of this verdict is a gap that a person may want to select. */
export function isGapCode(code: number): boolean {
  const verdict = VERDICTS[code]!;
  return (
    verdict !== 'present' && verdict !== 'not_listed_yet' && verdict !== 'delisted' && verdict !== 'not_closed_yet'
  );
}

/** The gap after (`step` 1) or before (`step` -1) the range, or -1. */
export function neighbourGap(spans: SpanColumns, range: Range, step: 1 | -1): number {
  const start = step === 1 ? firstEndingAfter(spans, range.to - 1) : firstEndingAfter(spans, range.from) - 1;
  for (let i = start; i >= 0 && i < spans.count; i += step) {
    if (!isGapCode(spans.verdict[i]!)) continue;
    if (step === 1 ? spans.from[i]! >= range.to : spans.to[i]! <= range.from) return i;
  }
  return -1;
}
