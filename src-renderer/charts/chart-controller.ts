import {
  type CandleColumns,
  closeOf,
  DAY_MS,
  floorToGrid,
  type Grid,
  HOUR_MS,
  MINUTE_MS,
  type Range,
  SECOND_MS,
  type Span,
} from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import { type Axis, timeAt } from './axis';
import { BrowseView } from './browse-view';
import { CandleChart } from './candle-chart';
import { CandleLegend, type LegendSubject } from './candle-legend';
import type { ChartSeries, ChartStatus } from './chart-status';
import { readChartTheme } from './chart-theme';
import type { ChartFocus } from './focus-range';
import { type ChartGap, gapReason, gapTitle } from './gap';
import { ReplayView } from './replay-view';

/** What is on the chart now. */
export interface ChartPicture {
  readonly bars: number;
  readonly visible: Range | null;
  readonly lastOpen: number | null;
  readonly gaps: number;
}

export interface ChartControllerOptions {
  readonly container: HTMLElement;
  readonly client: RpcClient;
  onStatus(status: ChartStatus): void;
  /** After a change of the picture or of the visible part, at most once per animation frame. */
  onPicture(picture: ChartPicture): void;
}

/** One chart with its two ways of being fed: browsing stored candles, or showing what a replay has let out. */
export class ChartController {
  readonly #options: ChartControllerOptions;
  readonly #chart: CandleChart;
  readonly #legend: CandleLegend;
  readonly #listeners = new AbortController();
  #browse: BrowseView | null = null;
  #replay: ReplayView | null = null;
  #series: ChartSeries | null = null;
  #spans: readonly Span[] = [];
  #hover: number | null = null;
  #frame = 0;

  constructor(options: ChartControllerOptions) {
    this.#options = options;
    const { container } = options;
    this.#chart = new CandleChart(container, readChartTheme(container));
    this.#legend = new CandleLegend(container);
    this.#legend.show({ kind: 'nothing' });
    this.#chart.onVisibleChange(() => this.#schedule());
    this.#chart.onCrosshair((logical) => {
      this.#hover = logical;
      this.#writeLegend();
    });
    const { signal } = this.#listeners;
    container.addEventListener('pointerdown', () => this.#browse?.hold(true), { signal });
    for (const name of ['pointerup', 'pointercancel'] as const)
      window.addEventListener(name, () => this.#browse?.hold(false), { signal });
  }

  destroy(): void {
    this.#browse?.end();
    cancelAnimationFrame(this.#frame);
    this.#listeners.abort();
    this.#legend.remove();
    this.#chart.remove();
  }

  /** Reads the colours again after a change of theme. */
  setTheme(): void {
    this.#chart.setTheme(readChartTheme(this.#options.container));
  }

  /** Shows another series around `focus` or its newest candle; null empties the chart. */
  showSeries(series: ChartSeries | null, spans: readonly Span[], focus: ChartFocus | null): void {
    const { client, onStatus } = this.#options;
    this.#browse?.end();
    this.#browse = null;
    this.#replay = null;
    this.#spans = spans;
    this.#chart.clear();
    this.#legend.setTitle('', '');
    this.#legend.show({ kind: 'nothing' });
    this.#schedule();
    this.#series = series;
    if (!series) {
      onStatus({ kind: 'no-series' });
      return;
    }
    this.#browse = new BrowseView({
      chart: this.#chart,
      client,
      series,
      spans,
      onStatus: (status) => this.#say(status),
    });
    this.#browse.showFocus(focus);
  }

  /** Moves to a moment or range; ignored while a replay holds the chart. */
  showFocus(focus: ChartFocus | null): void {
    if (!this.#replay) this.#browse?.showFocus(focus);
  }

  setSpans(spans: readonly Span[]): void {
    this.#spans = spans;
    this.#replay?.setSpans(spans);
    this.#browse?.setSpans(spans);
  }

  /** Reads what is shown again, after a reconnection or a failure. */
  reload(): void {
    if (!this.#replay) this.#browse?.reload();
  }

  /** From now on frames of a replay are shown; the present picture stays until the first has come. */
  enterReplay(): void {
    if (this.#replay || !this.#browse) return;
    this.#browse.pause();
    this.#replay = new ReplayView(this.#chart, this.#browse.grid, this.#spans, this.#browse.axis);
    this.#options.onStatus({ kind: 'ready' });
  }

  /** Takes the candles of a replay frame; with `reset` they replace all earlier ones. Painting waits for `paintReplay`. */
  feedReplay(candles: CandleColumns, reset: boolean): void {
    this.#replay?.feed(candles, reset);
  }

  /** Paints what was fed; once per animation frame. `resting`: nothing is playing, so show all that is kept. */
  paintReplay(resting: boolean, now: number): void {
    if (!this.#replay?.paint(resting, now)) return;
    this.#schedule();
  }

  /** Back to browsing, at the same place. */
  leaveReplay(): void {
    const visible = this.#replay?.visible ?? null;
    if (!this.#replay || !this.#browse) return;
    this.#replay = null;
    this.#browse.resume(visible);
  }

  /** Close time of the newest candle that the replay has shown. */
  get replayClose(): number | null {
    const open = this.#replay?.lastOpen ?? null;
    return open === null || !this.#replay ? null : closeOf(this.#replay.grid, open);
  }

  get picture(): ChartPicture {
    const view = this.#replay ?? this.#browse;
    return {
      bars: view?.bars ?? 0,
      visible: view?.visible ?? null,
      lastOpen: view?.lastOpen ?? null,
      gaps: view?.gaps.length ?? 0,
    };
  }

  /** Moves the view by a share of its width. */
  pan(share: number): void {
    const visible = this.#chart.visible;
    if (!visible) return;
    const by = (visible.to - visible.from + 1) * share;
    this.#chart.setVisible({ from: visible.from + by, to: visible.to + by });
  }

  /** Shows `factor` times as much, around the middle. */
  zoom(factor: number): void {
    const visible = this.#chart.visible;
    if (!visible) return;
    const middle = (visible.from + visible.to + 1) / 2;
    const half = Math.max(4, ((visible.to - visible.from + 1) / 2) * factor);
    this.#chart.setVisible({ from: middle - half, to: middle + half - 1 });
  }

  #say(status: ChartStatus): void {
    if (this.#replay) return;
    this.#options.onStatus(status);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#replay) this.#browse?.follow();
      this.#writeLegend();
      this.#options.onPicture(this.picture);
    });
  }

  #writeLegend(): void {
    const view = this.#replay ?? this.#browse;
    const [series, step] = [this.#series, this.#replay ? null : (this.#browse?.aggregatedStep ?? null)];
    const drawn = step === null ? '' : ` · drawn as ${stepWords(step)} bars`;
    if (series) this.#legend.setTitle(`${series.symbol} · ${series.interval}`, `${series.market}${drawn}`);
    this.#legend.show(view?.axis ? this.#subjectAt(view.axis, view.grid, view.gaps) : { kind: 'nothing' });
  }

  /** What the legend tells: the place under the pointer, else the newest candle in view. */
  #subjectAt(axis: Axis, grid: Grid, gaps: readonly ChartGap[]): LegendSubject {
    const columns = this.#chart.columns;
    const visible = this.#chart.visible;
    if (!columns || !visible || axis.times.length === 0) return { kind: 'nothing' };
    const last = axis.times.length - 1;
    let index = this.#hover === null ? Math.min(last, Math.floor(visible.to)) : Math.round(this.#hover);
    if (this.#hover !== null && (axis.candle[index] ?? -1) < 0) {
      const at = floorToGrid(grid, timeAt(axis, index));
      const gap = gaps.find((each) => each.from <= at && at < each.to);
      if (gap) return { kind: 'missing', at, words: `no candle: ${gapTitle(gap)}, ${gapReason(gap)}` };
      return { kind: 'nothing' };
    }
    while (index > 0 && (axis.candle[index] ?? -1) < 0) index--;
    const row = axis.candle[index] ?? -1;
    return row < 0 ? { kind: 'nothing' } : { kind: 'candle', columns, row, decimals: this.#chart.decimals };
  }
}

/** `5 m`, `4 h`, `1 d`: the length of an aggregated bar. */
function stepWords(step: number): string {
  const units = [
    [DAY_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'm'],
    [SECOND_MS, 's'],
  ] as const;
  const [length, unit] = units.find(([each]) => step >= each) ?? [SECOND_MS, 's'];
  return `${Math.round(step / length)} ${unit}`;
}
