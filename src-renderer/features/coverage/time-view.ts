import { DAY_MS, EXCHANGE_EPOCH_MS, type Range } from '@shared/market';

/** What a strip of `width` CSS pixels shows: `t = from + x * msPerPx`. */
export interface TimeView {
  readonly from: number;
  readonly msPerPx: number;
  readonly width: number;
}

/** Sixteen pixels for one second: nothing finer than a 1s candle exists. */
export const MIN_MS_PER_PX = 1_000 / 16;
/** Room left and right of everything when all of it is shown, as a share of the width. */
const MARGIN = 0.02;

export function viewOf(range: Range, width: number): TimeView {
  const safe = Math.max(1, width);
  return { from: range.from, msPerPx: Math.max(MIN_MS_PER_PX, (range.to - range.from) / safe), width: safe };
}

export function rangeOf(view: TimeView): Range {
  return { from: view.from, to: view.from + view.msPerPx * view.width };
}

export function xOf(view: TimeView, t: number): number {
  return (t - view.from) / view.msPerPx;
}

export function timeAt(view: TimeView, x: number): number {
  return view.from + x * view.msPerPx;
}

/** The widest range there is to look at: from the exchange's first day to a little after now. */
export function wholeRange(now: number, first: number = EXCHANGE_EPOCH_MS): Range {
  const margin = Math.max((now - first) * MARGIN, DAY_MS / 24);
  return { from: first - margin, to: now + margin };
}

/** The `length` up to now, and a little behind it, where the newest candle grows. */
export function lastRange(now: number, length: number): Range {
  return { from: now - length, to: now + length * MARGIN };
}

/** Scales by `factor` (over 1: closer) and keeps the moment under `x` where it is. */
export function zoomView(view: TimeView, x: number, factor: number, limits: Range): TimeView {
  const widest = (limits.to - limits.from) / view.width;
  const msPerPx = Math.min(widest, Math.max(MIN_MS_PER_PX, view.msPerPx / factor));
  return clampView({ from: timeAt(view, x) - x * msPerPx, msPerPx, width: view.width }, limits);
}

/** Moves the content by `dx` pixels to the right. */
export function panView(view: TimeView, dx: number, limits: Range): TimeView {
  return clampView({ ...view, from: view.from - dx * view.msPerPx }, limits);
}

/** Keeps the view inside the limits; one wider than them is narrowed to them. */
export function clampView(view: TimeView, limits: Range): TimeView {
  const widest = (limits.to - limits.from) / view.width;
  if (view.msPerPx >= widest) return { from: limits.from, msPerPx: widest, width: view.width };
  const last = limits.to - view.msPerPx * view.width;
  return { ...view, from: Math.min(Math.max(view.from, limits.from), last) };
}

/** Same moments, other width: the left edge stays. */
export function resizeView(view: TimeView, width: number, limits: Range): TimeView {
  const safe = Math.max(1, width);
  return clampView({ from: view.from, msPerPx: (view.msPerPx * view.width) / safe, width: safe }, limits);
}

/** A view that shows `range` with air around it, at least `minPx` wide on screen. */
export function viewAround(range: Range, width: number, limits: Range, air = 0.35): TimeView {
  const length = Math.max(range.to - range.from, 1);
  const pad = length * air;
  return clampView(viewOf({ from: range.from - pad, to: range.to + pad }, width), limits);
}
