import {
  type CandleColumns,
  type Grid,
  gridOf,
  lowerBound,
  type Range,
  type Span,
  sliceCandles,
  threeDayPhaseOf,
} from '@shared/market';
import { type Axis, gridSpacing, logicalOf, planAxis, timeAt } from './axis';
import type { CandleChart, LogicalRange } from './candle-chart';
import { CandleTail } from './candle-tail';
import { type ChartGap, gapsOfHoles } from './gap';

/** Candles kept of a replay. */
const KEPT = 12_000;
/** Candles on the chart while the replay rests: enough to look back, little enough to be set within a frame or two. */
const RESTING = 5_000;
/** A pause this long is a rest. */
const REST_MS = 150;
/** Candles on the chart while it plays, and while it plays so fast that every frame sets all of them anew. */
const PLAYING = 3_000;
const RUSHING = 600;
/** More new candles than this in one frame are cheaper to set than to append. */
const APPEND_LIMIT = 40;
/** Share of the view that stays free right of the playhead. */
const LEAD = 0.12;
/** Between two paints of candles that are out of sight anyway. */
const UNSEEN_MS = 250;

/** What a replay has let out, painted with one append or one set per animation frame. */
export class ReplayView {
  readonly #chart: CandleChart;
  readonly #tail = new CandleTail(KEPT);
  #grid: Grid;
  #spans: readonly Span[];
  #axis: Axis | null;
  #gaps: readonly ChartGap[] = [];
  #shownRows = 0;
  #paintedTotal = 0;
  #reset = false;
  /** Until the first picture, which shows what came before the range instead of an empty future. */
  #entering = true;
  #paintedAt = 0;

  /** `axis` is the one shown until the first frame, so that the first picture keeps the visible time. */
  constructor(chart: CandleChart, grid: Grid, spans: readonly Span[], axis: Axis | null) {
    this.#chart = chart;
    this.#axis = axis;
    this.#grid = grid;
    this.#spans = spans;
  }

  get bars(): number {
    return this.#shownRows;
  }

  get gaps(): readonly ChartGap[] {
    return this.#gaps;
  }

  get lastOpen(): number | null {
    return this.#tail.lastOpen;
  }

  get axis(): Axis | null {
    return this.#axis;
  }

  get grid(): Grid {
    return this.#grid;
  }

  get visible(): Range | null {
    const visible = this.#chart.visible;
    return visible && this.#axis ? timesOf(this.#axis, visible) : null;
  }

  setSpans(spans: readonly Span[]): void {
    this.#spans = spans;
  }

  feed(candles: CandleColumns, reset: boolean): void {
    if (reset) {
      this.#tail.reset();
      this.#reset = true;
      this.#paintedTotal = 0;
    }
    const last = this.#tail.lastOpen;
    // A chart takes no time twice, so what was let out already is left out.
    const start = last === null ? 0 : lowerBound(candles, last + 1);
    if (candles.rows > 0 && this.#grid.interval === '3d')
      this.#grid = gridOf('3d', threeDayPhaseOf(candles.openTime[0]!));
    if (start < candles.rows) this.#tail.append(sliceCandles(candles, start, candles.rows));
  }

  /** True when something was painted. `resting`: the session does not play, so everything kept is shown. */
  paint(resting: boolean, now: number): boolean {
    const appended = this.#tail.total - this.#paintedTotal;
    const rested = resting && appended === 0 && now - this.#paintedAt > REST_MS;
    const hidesSome = rested && this.#shownRows < Math.min(RESTING, this.#tail.rows);
    if (!this.#reset && appended === 0 && !hidesSome) return false;
    if (this.#tail.rows === 0) {
      this.#finish(null, [], 0);
      this.#chart.clear();
      return true;
    }
    const visible = this.#chart.visible;
    const seen = !this.#entering && visible && this.#axis ? timesOf(this.#axis, visible) : null;
    this.#entering = false;
    const following = this.#reset || this.#isInView(visible);
    if (!following && !resting && now - this.#paintedAt < UNSEEN_MS) return false;
    this.#paintedAt = now;

    const grown = this.#shownRows + appended;
    const anew =
      this.#reset || !this.#axis || hidesSome || appended > APPEND_LIMIT || grown > (resting ? KEPT : PLAYING * 2);
    const wanted = hidesSome || !following ? RESTING : appended > APPEND_LIMIT ? RUSHING : PLAYING;
    const rows = Math.min(this.#tail.rows, anew ? Math.max(wanted, widthOf(visible) * 2) : grown);
    const columns = this.#tail.newest(rows);
    const spacing = gridSpacing(this.#grid);
    const range = { from: columns.openTime[0]!, to: spacing.advance(columns.openTime[rows - 1]!, 1) };
    const axis = planAxis(columns, range, spacing);
    const gaps = gapsOfHoles(axis.holes, this.#spans, this.#grid);
    const next = keepInView(axis, seen, widthOf(visible), following);
    const known = this.#axis?.times.length ?? 0;
    if (!anew && this.#axis && axis.times[known - 1] === this.#axis.times[known - 1]) {
      this.#chart.append(axis, columns, gaps, known);
      if (next) this.#chart.setVisible(next);
    } else this.#chart.show(axis, columns, gaps, next ?? { from: axis.times.length - 160, to: axis.times.length + 8 });
    this.#finish(axis, gaps, rows);
    return true;
  }

  #finish(axis: Axis | null, gaps: readonly ChartGap[], rows: number): void {
    this.#axis = axis;
    this.#gaps = gaps;
    this.#shownRows = rows;
    this.#paintedTotal = this.#tail.total;
    this.#reset = false;
  }

  #isInView(visible: LogicalRange | null): boolean {
    if (!visible || !this.#axis) return true;
    const last = this.#axis.times.length - 1;
    return last >= visible.from && last <= visible.to + 1;
  }
}

function widthOf(visible: LogicalRange | null): number {
  return visible ? Math.max(10, visible.to - visible.from + 1) : 160;
}

function timesOf(axis: Axis, visible: LogicalRange): Range {
  return { from: timeAt(axis, visible.from), to: timeAt(axis, visible.to + 1) };
}

/**
 * Where to look on a new axis: at the same time as before while the newest candle is in it; else, when `following`, with the
 * newest candle near the right edge. The number of places stays.
 */
export function keepInView(axis: Axis, seen: Range | null, width: number, following: boolean): LogicalRange | null {
  const last = axis.times.length - 1;
  const lead = Math.round(width * LEAD);
  const from = seen ? logicalOf(axis, seen.from) : Number.NaN;
  const held = { from, to: from + width - 1 };
  if (seen && (!following || (last >= from - 2 && last <= held.to - lead))) return held;
  const to = last + lead;
  return { from: to - width + 1, to };
}
