import type { TimeView } from './time-view';

/**
 * The view on the way from one to another, `part` 0 to 1. The scale moves geometrically; the moment that stands at the same pixel
 * in both views stays there all the way, so that a zoom around the pointer never wanders.
 */
export function betweenViews(from: TimeView, to: TimeView, part: number): TimeView {
  if (part >= 1) return to;
  const ratio = to.msPerPx / from.msPerPx;
  if (Math.abs(ratio - 1) < 1e-6) return { ...to, from: from.from + (to.from - from.from) * part };
  const msPerPx = from.msPerPx * ratio ** part;
  const moved = (msPerPx - from.msPerPx) / (to.msPerPx - from.msPerPx);
  return { from: from.from + (to.from - from.from) * moved, msPerPx, width: to.width };
}
