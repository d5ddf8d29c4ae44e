import {
  type CandleSeries,
  closeOf,
  countBars,
  DEFAULT_THREE_DAY_PHASE,
  type Grid,
  gridOf,
  intervalMs,
  type Range,
  type Span,
  threeDayPhaseOf,
  verdictClass,
} from '@shared/market';

/** Knows when the candles of a series close, and so which of them a playhead has passed. */
export class CandleTimes {
  private grid: Grid;

  constructor(private readonly series: CandleSeries) {
    this.grid = gridOf(series.interval, DEFAULT_THREE_DAY_PHASE);
  }

  /** Learns the phase of 3-day candles from any of them. */
  learn(open: number): void {
    if (this.series.interval === '3d') this.grid = gridOf('3d', threeDayPhaseOf(open));
  }

  closeOf(open: number): number {
    return this.series.interval === '1M' ? closeOf(this.grid, open) : open + intervalMs(this.series.interval);
  }

  /** A candle has closed at `playhead` exactly when it opens before this moment. */
  openLimit(playhead: number): number {
    if (this.series.interval === '1M') return this.grid.openAt(this.grid.indexOf(playhead));
    return playhead - intervalMs(this.series.interval) + 1;
  }

  /** Bars of the missing spans inside `range` that have closed at `playhead`. */
  missingBars(spans: readonly Span[], range: Range, playhead: number): number {
    const closed = this.grid.openAt(this.grid.indexOf(playhead));
    let bars = 0;
    for (const span of spans) {
      const kind = verdictClass(span.verdict);
      if (kind === 'present' || kind === 'neither') continue;
      bars += countBars(this.grid, {
        from: Math.max(span.from, range.from),
        to: Math.min(span.to, range.to, closed),
      });
    }
    return bars;
  }
}
