import { failureOf } from '@shared/contract';
import {
  type CandleColumns,
  createCandleColumns,
  EXCHANGE_EPOCH_MS,
  type Grid,
  gridOf,
  intervalMs,
  type Range,
  type Span,
  threeDayPhaseOf,
} from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import { type Axis, evenSpacing, gridSpacing, logicalOf, planAxis, stepOf, timeAt } from './axis';
import type { CandleChart } from './candle-chart';
import { readCandles } from './candle-reader';
import { extentOf, needsWindow, planWindow, type WindowPlan, type WindowSubject } from './candle-window';
import type { ChartSeries, ChartStatus } from './chart-status';
import { type ChartFocus, focusRange } from './focus-range';
import { type ChartGap, gapsOfHoles, gapsOfSpans } from './gap';

interface LoadedWindow {
  readonly plan: WindowPlan;
  readonly axis: Axis;
  readonly columns: CandleColumns;
  readonly gaps: readonly ChartGap[];
}

export interface BrowseViewOptions {
  readonly chart: CandleChart;
  readonly client: RpcClient;
  readonly series: ChartSeries;
  readonly spans: readonly Span[];
  onStatus(status: ChartStatus): void;
}

/**
 * Stored candles around what is visible: holds one window, replaces it when the view nears its edge or its bars become too
 * narrow or too wide, and keeps the visible time over every replacement. A newer load ends an older one.
 */
export class BrowseView {
  readonly #options: BrowseViewOptions;
  readonly #chart: CandleChart;
  #grid: Grid;
  #spans: readonly Span[];
  #loaded: LoadedWindow | null = null;
  #loading: { abort: AbortController; plan: WindowPlan } | null = null;
  /** A window that came while the chart was being dragged, and waits for the hand to let go. */
  #waiting: (() => void) | null = null;
  #held = false;
  #paused = false;
  #over = false;

  constructor(options: BrowseViewOptions) {
    this.#options = options;
    this.#chart = options.chart;
    this.#grid = gridOf(options.series.interval);
    this.#spans = options.spans;
  }

  get bars(): number {
    return this.#loaded?.columns.rows ?? 0;
  }

  get gaps(): readonly ChartGap[] {
    return this.#loaded?.gaps ?? [];
  }

  get lastOpen(): number | null {
    const columns = this.#loaded?.columns;
    return columns && columns.rows > 0 ? columns.openTime[columns.rows - 1]! : null;
  }

  get axis(): Axis | null {
    return this.#loaded?.axis ?? null;
  }

  get grid(): Grid {
    return this.#grid;
  }

  /** Length of a bar when bars are aggregates of several candles, else null. */
  get aggregatedStep(): number | null {
    const loaded = this.#loaded;
    return loaded?.plan.aggregated && loaded.axis.step > intervalMs(this.#grid.interval) ? loaded.axis.step : null;
  }

  /** Time between the pane's edges, null while nothing is shown. */
  get visible(): Range | null {
    const [axis, visible] = [this.#loaded?.axis, this.#chart.visible];
    if (!axis || axis.times.length === 0 || !visible) return null;
    return { from: timeAt(axis, visible.from), to: timeAt(axis, visible.to + 1) };
  }

  /** Moves to a moment or a range; null means the newest candle. */
  showFocus(focus: ChartFocus | null): void {
    const subject = this.#subject();
    const keep = focus && !focus.range ? this.visible : null;
    const target = focus ?? { at: this.#newest() };
    const range = focusRange(subject, target, this.#chart.width, keep);
    const loaded = this.#loaded;
    if (loaded && loaded.axis.times.length > 0) {
      const places = logicalOf(loaded.axis, range.to) - logicalOf(loaded.axis, range.from);
      const barPx = this.#chart.width / Math.max(1, places);
      if (!needsWindow(subject, { plan: loaded.plan, barPx, width: this.#chart.width }, range)) {
        this.#stopLoading();
        this.#look(range);
        return;
      }
    }
    void this.#load(range);
  }

  /** Leaves the chart to a replay. */
  pause(): void {
    this.#paused = true;
    this.#stopLoading();
  }

  /** Takes the chart back, at the time that was visible last. */
  resume(visible: Range | null): void {
    this.#paused = false;
    this.#loaded = null;
    if (visible) void this.#load(visible);
    else this.showFocus(null);
  }

  /** New coverage: the window is read again when something in it changed. */
  setSpans(spans: readonly Span[]): void {
    const before = this.#spans;
    this.#spans = spans;
    if (this.#paused) return;
    const around = this.#loaded?.plan.range ?? this.#loading?.plan.range ?? null;
    if (around && sameSpans(before, spans, around)) {
      this.follow();
      return;
    }
    if (this.visible) void this.#load(null);
    else this.showFocus(null);
  }

  /** Reads the window again, after a reconnection or a failure. */
  reload(): void {
    if (this.visible) void this.#load(null);
    else this.showFocus(null);
  }

  /** The view has moved: fetches what comes next, if it is time. */
  follow(): void {
    const [visible, loaded] = [this.visible, this.#loaded];
    if (!visible || !loaded || this.#waiting) return;
    const subject = this.#subject();
    if (!needsWindow(subject, { plan: loaded.plan, barPx: this.#chart.barPx, width: this.#chart.width }, visible))
      return;
    const plan = planWindow(subject, visible, this.#chart.width);
    const underWay = this.#loading?.plan;
    // While one load runs, another starts only when the view has left what the first will bring.
    if (
      samePlan(plan, loaded.plan) ||
      (underWay && holds(underWay, visible) && underWay.aggregated === plan.aggregated)
    )
      return;
    void this.#load(null);
  }

  /** Between pointer down and up the axis stays, since replacing it would tear the chart from the hand. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  end(): void {
    this.#over = true;
    this.#stopLoading();
  }

  /** Loads a window for `target`, or for what is visible when it arrives. */
  async #load(target: Range | null): Promise<void> {
    const visible = target ?? this.visible;
    if (!visible || this.#over) return;
    this.#stopLoading();
    const plan = planWindow(this.#subject(), visible, this.#chart.width);
    const abort = new AbortController();
    const loading = { abort, plan };
    this.#loading = loading;
    this.#options.onStatus({ kind: 'loading' });
    try {
      const { client, series } = this.#options;
      const empty = plan.range.to <= plan.range.from;
      const columns = empty ? createCandleColumns(0) : await readCandles(client, series.key, plan, abort.signal);
      if (abort.signal.aborted) return;
      const apply = () => this.#apply(plan, columns, target ?? this.visible ?? visible);
      if (this.#held && !target) this.#waiting = apply;
      else apply();
    } catch (error) {
      if (!abort.signal.aborted) this.#options.onStatus({ kind: 'failed', message: failureOf(error).message });
    } finally {
      if (this.#loading === loading) this.#loading = null;
    }
  }

  #apply(plan: WindowPlan, columns: CandleColumns, visible: Range): void {
    const { interval } = this.#options.series;
    if (interval === '3d' && columns.rows > 0) this.#grid = gridOf('3d', threeDayPhaseOf(columns.openTime[0]!));
    const spacing = plan.aggregated ? evenSpacing(stepOf(columns, intervalMs(interval))) : gridSpacing(this.#grid);
    const axis = planAxis(columns, plan.range, spacing);
    const gaps = plan.aggregated
      ? gapsOfSpans(this.#spans, plan.range)
      : gapsOfHoles(axis.holes, this.#spans, this.#grid);
    this.#loaded = { plan, axis, columns, gaps };
    if (columns.rows === 0) {
      this.#chart.clear();
      const at = (visible.from + visible.to) / 2;
      this.#options.onStatus({ kind: 'empty', at, nearest: this.#nearest(at, plan.range) });
      return;
    }
    const [from, to] = [logicalOf(axis, visible.from), logicalOf(axis, visible.to) - 1];
    this.#chart.show(axis, columns, gaps, { from, to: Math.max(from + 4, to) });
    this.#options.onStatus({ kind: 'ready' });
  }

  #look(range: Range): void {
    const axis = this.#loaded?.axis;
    if (!axis) return;
    const from = logicalOf(axis, range.from);
    this.#chart.setVisible({ from, to: Math.max(from + 4, logicalOf(axis, range.to) - 1) });
    this.#options.onStatus({ kind: 'ready' });
  }

  #stopLoading(): void {
    this.#loading?.abort.abort();
    this.#loading = null;
    this.#waiting = null;
  }

  #subject(): WindowSubject {
    const extent = extentOf(this.#spans) ?? { from: EXCHANGE_EPOCH_MS, to: Date.now() };
    return { grid: this.#grid, spans: this.#spans, extent };
  }

  #newest(): number {
    for (let i = this.#spans.length - 1; i >= 0; i--) {
      const span = this.#spans[i]!;
      if (span.verdict === 'present') return span.to;
    }
    return extentOf(this.#spans)?.to ?? Date.now();
  }

  /** A stored moment outside `range`, closest to `at`. */
  #nearest(at: number, range: Range): number | null {
    let best: number | null = null;
    for (const span of this.#spans) {
      if (span.verdict !== 'present') continue;
      const near = span.from >= range.to ? span.from : span.to <= range.from ? span.to - 1 : null;
      if (near !== null && (best === null || Math.abs(near - at) < Math.abs(best - at))) best = near;
    }
    return best;
  }
}

function samePlan(a: WindowPlan, b: WindowPlan): boolean {
  return a.range.from === b.range.from && a.range.to === b.range.to && a.maxBars === b.maxBars;
}

function holds(plan: WindowPlan, visible: Range): boolean {
  return plan.range.from <= visible.from && plan.range.to >= visible.to;
}

/** Whether two coverages say the same about `range`. */
function sameSpans(a: readonly Span[], b: readonly Span[], range: Range): boolean {
  if (a === b) return true;
  const [left, right] = [clipped(a, range), clipped(b, range)];
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

function clipped(spans: readonly Span[], range: Range): string[] {
  return spans
    .filter((span) => span.from < range.to && span.to > range.from)
    .map((span) => `${Math.max(span.from, range.from)} ${Math.min(span.to, range.to)} ${span.verdict}`);
}
