import { type CandleColumns, countBars, type Grid, intervalMs, type Range } from '@shared/market';

/** How far apart bars are: raw candles follow their interval's grid, aggregated ones a plain step. */
export interface BarSpacing {
  /** Nominal length of one bar in ms. */
  readonly step: number;
  /** Open of the bar `count` places after the one that opens at `open`. */
  advance(open: number, count: number): number;
  /** Missing bars strictly between two opens; `next` may also be the end of a range of whole bars. */
  missingBetween(open: number, next: number): number;
  /** Missing bars from `from` until the bar that opens at `open`. */
  missingBefore(from: number, open: number): number;
}

export function gridSpacing(grid: Grid): BarSpacing {
  return {
    step: intervalMs(grid.interval),
    advance: (open, count) => grid.openAt(grid.indexOf(open) + count),
    missingBetween: (open, next) => grid.indexOf(next) - grid.indexOf(open) - 1,
    missingBefore: (from, open) => countBars(grid, { from, to: open }),
  };
}

export function evenSpacing(step: number): BarSpacing {
  return {
    step,
    advance: (open, count) => open + count * step,
    missingBetween: (open, next) => Math.max(0, Math.round((next - open) / step) - 1),
    missingBefore: (from, open) => Math.max(0, Math.floor((open - from) / step)),
  };
}

/** Step of aggregated candles: the smallest distance of two neighbours; `fallback` when there are fewer than two. */
export function stepOf(candles: CandleColumns, fallback: number): number {
  let step = Number.POSITIVE_INFINITY;
  for (let row = 1; row < candles.rows; row++)
    step = Math.min(step, candles.openTime[row]! - candles.openTime[row - 1]!);
  return Number.isFinite(step) && step > 0 ? Math.max(step, fallback) : fallback;
}

/** A stretch of missing bars, `[from, to)` in opens, drawn with `shown` places of the axis. */
export interface Hole extends Range {
  readonly bars: number;
  readonly shown: number;
}

/** Places of the chart's time axis: `times[i]` is the open at index i, `candle[i]` its row, or -1 where a bar is missing. */
export interface Axis {
  readonly times: Float64Array;
  readonly candle: Int32Array;
  readonly holes: readonly Hole[];
  readonly step: number;
}

/** Up to this many missing bars take their true room; a longer hole takes this many places and says its true length. */
export const HOLE_PLACES = 96;
/** Places that all holes of one axis may take together. */
export const HOLE_BUDGET = 4_000;

/** The largest number of places per hole, at least one, with which all holes together stay within `budget`. */
export function placesPerHole(holes: readonly number[], perHole = HOLE_PLACES, budget = HOLE_BUDGET): number {
  const total = (places: number) => holes.reduce((sum, bars) => sum + Math.min(bars, places), 0);
  let low = 1;
  let high = perHole;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (total(middle) <= budget) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Which of a hole's bars (counted from 1) get the places: all, or evenly spread ones with the first and the last. */
export function barsShown(bars: number, places: number): number[] {
  if (bars <= places) return Array.from({ length: bars }, (_, i) => i + 1);
  if (places === 1) return [1];
  return Array.from({ length: places }, (_, i) => 1 + Math.round((i * (bars - 1)) / (places - 1)));
}

/**
 * Lays candles and the holes between them (and before the first and after the last, inside `range`) on an axis. Every hole
 * keeps at least one place. Empty when there is no candle, since an axis without any has no anchor.
 */
export function planAxis(
  candles: CandleColumns,
  range: Range,
  spacing: BarSpacing,
  perHole = HOLE_PLACES,
  budget = HOLE_BUDGET,
): Axis {
  const { rows, openTime } = candles;
  if (rows === 0) return { times: new Float64Array(0), candle: new Int32Array(0), holes: [], step: spacing.step };
  const first = openTime[0]!;
  const last = openTime[rows - 1]!;
  const head = Math.max(0, spacing.missingBefore(range.from, first));
  const tail = Math.max(0, spacing.missingBetween(last, range.to));
  const missing: { row: number; bars: number }[] = [];
  if (head > 0) missing.push({ row: 0, bars: head });
  for (let row = 1; row < rows; row++) {
    const bars = spacing.missingBetween(openTime[row - 1]!, openTime[row]!);
    if (bars > 0) missing.push({ row, bars });
  }
  if (tail > 0) missing.push({ row: rows, bars: tail });
  const places = placesPerHole(
    missing.map((hole) => hole.bars),
    perHole,
    budget,
  );
  const shown = missing.reduce((sum, hole) => sum + Math.min(hole.bars, places), 0);
  const times = new Float64Array(rows + shown);
  const candle = new Int32Array(rows + shown).fill(-1);
  const holes: Hole[] = [];
  let at = 0;
  let next = 0;
  for (let row = 0; row <= rows; row++) {
    const hole = missing[next];
    if (hole && hole.row === row) {
      next++;
      // A hole before the first candle counts back from it, so that its opens stay on the candles' grid.
      const anchor = row === 0 ? spacing.advance(first, -hole.bars - 1) : openTime[row - 1]!;
      const picks = barsShown(hole.bars, places);
      for (const pick of picks) times[at++] = spacing.advance(anchor, pick);
      holes.push({
        from: spacing.advance(anchor, 1),
        to: row === rows ? spacing.advance(anchor, hole.bars + 1) : openTime[row]!,
        bars: hole.bars,
        shown: picks.length,
      });
    }
    if (row < rows) {
      candle[at] = row;
      times[at++] = openTime[row]!;
    }
  }
  return { times, candle, holes, step: spacing.step };
}

/** Index of the last entry at or before `t`, -1 when `t` is before all. */
export function floorIndex(times: Float64Array, t: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Place of a time on the axis, with a fraction inside a bar; extrapolated by the step beyond both ends. */
export function logicalOf(axis: Axis, t: number): number {
  const { times, step } = axis;
  const last = times.length - 1;
  if (last < 0) return 0;
  const index = floorIndex(times, t);
  if (index < 0) return (t - times[0]!) / step;
  if (index === last) return last + (t - times[last]!) / step;
  return index + (t - times[index]!) / (times[index + 1]! - times[index]!);
}

/** Inverse of `logicalOf`. */
export function timeAt(axis: Axis, logical: number): number {
  const { times, step } = axis;
  const last = times.length - 1;
  if (last < 0) return 0;
  if (logical <= 0) return times[0]! + logical * step;
  if (logical >= last) return times[last]! + (logical - last) * step;
  const index = Math.floor(logical);
  return times[index]! + (logical - index) * (times[index + 1]! - times[index]!);
}
