import { alignRange, countBars, type Grid, intervalMs, type Range, type Span } from '@shared/market';
import { HOLE_PLACES } from './axis';
import { firstSpanAfter } from './gap';

/** Candles that the chart holds at a time, raw. */
export const WINDOW_BARS = 4_000;
export const WINDOW_BARS_MAX = 20_000;
/** Bars narrower than this (CSS px) are worth aggregating, wider than that (and aggregated) worth refining. */
export const COARSEN_BELOW_PX = 0.8;
export const REFINE_ABOVE_PX = 10;
/** Width that aggregated bars are asked to have. */
const AGGREGATED_BAR_PX = 3;
/** Longest single read; between pieces lie gaps that need no reading. */
const MAX_PIECES = 16;

/** What to read: `pieces` in order, each with at most `maxBars` candles. */
export interface WindowPlan {
  readonly range: Range;
  readonly pieces: readonly Range[];
  readonly maxBars: number;
  readonly aggregated: boolean;
}

export interface WindowSubject {
  readonly grid: Grid;
  readonly spans: readonly Span[];
  /** From the first to the last bar that can have a candle; windows stay inside. */
  readonly extent: Range;
}

/** First and last time that a candle may be at: the spans without what lies before listing, after delisting or now. */
export function extentOf(spans: readonly Span[]): Range | null {
  const inside = spans.filter(
    (span) => span.verdict !== 'not_listed_yet' && span.verdict !== 'delisted' && span.verdict !== 'not_closed_yet',
  );
  const first = inside[0];
  const last = inside[inside.length - 1];
  return first && last ? { from: first.from, to: last.to } : null;
}

/** Places that `range` takes on the axis: every present bar one, a gap as many as it is drawn with. */
export function axisBars(subject: WindowSubject, range: Range): number {
  const { spans, grid } = subject;
  if (spans.length === 0) return countBars(grid, range);
  let bars = 0;
  for (let i = firstSpanAfter(spans, range.from); i < spans.length && spans[i]!.from < range.to; i++)
    bars += placesIn(subject, i, range);
  return bars;
}

/** The time `places` of the axis after `t` (before it when negative), inside the extent. */
export function walkAxis(subject: WindowSubject, t: number, places: number): number {
  const { spans, grid, extent } = subject;
  const clamp = (time: number) => Math.min(extent.to, Math.max(extent.from, time));
  if (spans.length === 0) return clamp(grid.openAt(grid.indexOf(t) + places));
  const forward = places >= 0;
  let left = Math.abs(places);
  let at = clamp(t);
  let index = firstSpanAfter(spans, forward ? at : at - 1);
  while (index >= 0 && index < spans.length) {
    const span = spans[index]!;
    const rest = forward
      ? { from: Math.max(at, span.from), to: span.to }
      : { from: span.from, to: Math.min(at, span.to) };
    const bars = countBars(grid, rest);
    const taken = placesIn(subject, index, rest);
    if (taken >= left && taken > 0) {
      const step = Math.round((left * bars) / taken);
      const edge = grid.indexOf(forward ? rest.from : rest.to);
      return clamp(grid.openAt(forward ? edge + step : edge - step));
    }
    left -= taken;
    at = forward ? span.to : span.from;
    index += forward ? 1 : -1;
  }
  return forward ? extent.to : extent.from;
}

function placesIn(subject: WindowSubject, index: number, range: Range): number {
  const span = subject.spans[index]!;
  const bars = countBars(subject.grid, { from: Math.max(range.from, span.from), to: Math.min(range.to, span.to) });
  return span.verdict === 'present' ? bars : Math.min(bars, HOLE_PLACES);
}

/** The window to hold for a visible range on a chart `width` CSS pixels wide. */
export function planWindow(subject: WindowSubject, visible: Range, width: number): WindowPlan {
  const { grid, extent } = subject;
  const bars = axisBars(subject, visible);
  const seen = clampRange(visible, extent);
  if (bars <= Math.max(width, 1) / COARSEN_BELOW_PX) {
    const room = Math.min(WINDOW_BARS_MAX, Math.max(WINDOW_BARS, bars * 3));
    const margin = Math.ceil((room - bars) / 2);
    const range = alignRange(grid, {
      from: walkAxis(subject, seen.from, -margin),
      to: walkAxis(subject, seen.to, margin),
    });
    const pieces = readablePieces(subject, range);
    if (pieces) return { range, pieces, maxBars: WINDOW_BARS_MAX, aggregated: false };
  }
  const length = Math.max(intervalMs(grid.interval), visible.to - visible.from);
  const range = alignRange(grid, clampRange({ from: visible.from - length, to: visible.to + length }, extent));
  const wanted = ((range.to - range.from) / length) * (width / AGGREGATED_BAR_PX);
  const maxBars = Math.round(Math.min(WINDOW_BARS_MAX, Math.max(100, wanted)));
  return { range, pieces: [range], maxBars, aggregated: countBars(grid, range) > maxBars };
}

/** Splits a window at its long gaps, so that a read never spans more bars than it may answer; null when it still would. */
function readablePieces(subject: WindowSubject, range: Range): Range[] | null {
  const { grid, spans } = subject;
  if (countBars(grid, range) <= WINDOW_BARS_MAX) return [range];
  const pieces: Range[] = [];
  let from = range.from;
  for (let i = firstSpanAfter(spans, from); i < spans.length && spans[i]!.from < range.to; i++) {
    const span = spans[i]!;
    if (span.verdict === 'present' || span.bars <= HOLE_PLACES) continue;
    if (span.from > from) pieces.push({ from, to: Math.min(span.from, range.to) });
    from = Math.min(range.to, span.to);
  }
  if (from < range.to) pieces.push({ from, to: range.to });
  const fits = pieces.length <= MAX_PIECES && pieces.every((piece) => countBars(grid, piece) <= WINDOW_BARS_MAX);
  return fits && pieces.length > 0 ? pieces : null;
}

export function clampRange(range: Range, extent: Range): Range {
  const from = Math.min(extent.to, Math.max(extent.from, range.from));
  return { from, to: Math.max(from, Math.min(extent.to, range.to)) };
}

/** What is loaded now: the plan, how wide its bars are drawn at present, on a chart of what width. */
export interface LoadedWindow {
  readonly plan: WindowPlan;
  readonly barPx: number;
  readonly width: number;
}

/** Asking for bars at least this many times denser is worth a load: the core's calendar buckets come in coarse steps. */
const DENSER = 1.6;

/** Whether the loaded window no longer serves what is visible: an edge is near, or bars are too narrow or too wide. */
export function needsWindow(subject: WindowSubject, loaded: LoadedWindow, visible: Range): boolean {
  const { extent } = subject;
  const { plan, barPx, width } = loaded;
  if (plan.aggregated && barPx > REFINE_ABOVE_PX) {
    const wanted = width / AGGREGATED_BAR_PX / (visible.to - visible.from);
    if (wanted > (DENSER * plan.maxBars) / (plan.range.to - plan.range.from)) return true;
  }
  const atWholeExtent = plan.range.from <= extent.from && plan.range.to >= extent.to;
  if (barPx < COARSEN_BELOW_PX && !(plan.aggregated && atWholeExtent)) return true;
  const near = plan.aggregated ? null : Math.ceil(axisBars(subject, visible) * 0.4);
  const length = (visible.to - visible.from) * 0.4;
  const from = near === null ? visible.from - length : walkAxis(subject, visible.from, -near);
  const to = near === null ? visible.to + length : walkAxis(subject, visible.to, near);
  return (from < plan.range.from && plan.range.from > extent.from) || (to > plan.range.to && plan.range.to < extent.to);
}
