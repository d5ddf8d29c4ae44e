import { intervalMs, type Range } from '@shared/market';
import { axisBars, clampRange, type WindowSubject, walkAxis } from './candle-window';

export interface ChartFocus {
  readonly at: number;
  readonly range?: Range;
}

/** Comfortable width of a candle, CSS px. */
const COMFORTABLE_PX = 8;
/** Bars of context beside a range that is looked at, at least. */
const CONTEXT_BARS = 40;
/** Empty places right of the newest candle. */
const MARGIN_BARS = 4;

/**
 * The time to show for a focus: a range gets context on both sides, a moment gets the middle of `keep` places (those visible
 * now), or of a view with comfortable candles.
 */
export function focusRange(subject: WindowSubject, focus: ChartFocus, width: number, keep: Range | null): Range {
  const { extent } = subject;
  if (focus.range && focus.range.to > focus.range.from) {
    const range = clampRange(focus.range, extent);
    const places = axisBars(subject, range);
    if (places > width / 2) {
      const margin = (range.to - range.from) * 0.04;
      return { from: range.from - margin, to: range.to + margin };
    }
    const context = Math.max(CONTEXT_BARS, places);
    return { from: walkAxis(subject, range.from, -context), to: walkAxis(subject, range.to, context) };
  }
  const kept = keep ? axisBars(subject, keep) : 0;
  const places = Math.max(20, kept || Math.round(width / COMFORTABLE_PX));
  const to = walkAxis(subject, focus.at, Math.ceil(places / 2));
  if (to < extent.to) return { from: walkAxis(subject, focus.at, -Math.floor(places / 2)), to };
  const margin = MARGIN_BARS * intervalMs(subject.grid.interval);
  return { from: walkAxis(subject, extent.to, MARGIN_BARS - places), to: extent.to + margin };
}
