import type { CandleColumns } from '@shared/market';
import { formatTime } from '@shared/market';
import {
  type CandlestickData,
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  type HistogramData,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { Axis } from './axis';
import type { ChartTheme } from './chart-theme';
import type { ChartGap } from './gap';
import { GapPrimitive } from './gap-primitive';
import { formatPrice, priceDecimals } from './price-format';

/** Bars `from` to `to` of the axis, both shown whole; fractions and places beyond the data are fine. */
export interface LogicalRange {
  readonly from: number;
  readonly to: number;
}

type CandleItem = CandlestickData<UTCTimestamp> | WhitespaceData<UTCTimestamp>;

/**
 * Candles, volume and gaps on lightweight-charts. Knows nothing of windows, loading or replay: it shows the axis it is given.
 */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  readonly #gaps: GapPrimitive;
  #theme: ChartTheme;
  /** -1 until the first candles tell. */
  #decimals = -1;
  #axis: Axis | null = null;
  #columns: CandleColumns | null = null;
  #target: LogicalRange | null = null;
  #targetFrame = 0;

  constructor(container: HTMLElement, theme: ChartTheme) {
    this.#theme = theme;
    this.#chart = createChart(container, {
      autoSize: true,
      ...chartColors(theme),
      localization: { locale: 'en-US', timeFormatter: (time: unknown) => `${formatTime(Number(time) * 1_000)} UTC` },
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: {
        ...scaleColors(theme),
        timeVisible: true,
        secondsVisible: false,
        minBarSpacing: 0.5,
        rightOffset: 4,
        // The chart is told where to look; it never moves by itself.
        shiftVisibleRangeOnNewBar: false,
      },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.18, bottom: 0.24 }, minimumWidth: 72 },
      handleScroll: { vertTouchDrag: false },
      kineticScroll: { mouse: false, touch: true },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      ...candleColors(theme),
      lastValueVisible: true,
      priceLineVisible: false,
    });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: '',
      lastValueVisible: false,
      priceLineVisible: false,
      priceFormat: { type: 'volume' },
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#gaps = new GapPrimitive(theme);
    this.#chart.panes()[0]?.attachPrimitive(this.#gaps);
  }

  get axis(): Axis | null {
    return this.#axis;
  }

  /** The candles that the axis now shown points into. */
  get columns(): CandleColumns | null {
    return this.#columns;
  }

  /** Decimals of the prices now shown. */
  get decimals(): number {
    return this.#decimals;
  }

  /** Replaces everything shown and, in the same frame, the visible part. */
  show(axis: Axis, columns: CandleColumns, gaps: readonly ChartGap[], visible: LogicalRange): void {
    this.#setDecimals(priceDecimals(columns));
    const candles: CandleItem[] = new Array(axis.times.length);
    const volumes: HistogramData<UTCTimestamp>[] = [];
    for (let i = 0; i < axis.times.length; i++) {
      candles[i] = this.#item(axis, columns, i);
      const volume = this.#volumeItem(axis, columns, i);
      if (volume) volumes.push(volume);
    }
    this.#axis = axis;
    this.#columns = columns;
    this.#candles.setData(candles);
    this.#volume.setData(volumes);
    this.#gaps.setGaps(axis, gaps);
    this.setVisible(visible);
  }

  /** Adds the places of `axis` from index `from` on; the ones before must be those shown already. */
  append(axis: Axis, columns: CandleColumns, gaps: readonly ChartGap[], from: number): void {
    for (let i = from; i < axis.times.length; i++) {
      this.#candles.update(this.#item(axis, columns, i));
      const volume = this.#volumeItem(axis, columns, i);
      if (volume) this.#volume.update(volume);
    }
    this.#axis = axis;
    this.#columns = columns;
    this.#gaps.setGaps(axis, gaps);
  }

  clear(): void {
    this.#target = null;
    this.#axis = null;
    this.#columns = null;
    this.#candles.setData([]);
    this.#volume.setData([]);
    this.#gaps.setGaps({ times: new Float64Array(0), candle: new Int32Array(0), holes: [], step: 1 }, []);
  }

  /** What is visible, or will be with the next frame. */
  get visible(): LogicalRange | null {
    return this.#target ?? this.#chart.timeScale().getVisibleLogicalRange();
  }

  setVisible(range: LogicalRange): void {
    this.#chart.timeScale().setVisibleLogicalRange(range);
    this.#target = range;
    // The library obeys in its next frame and tells the old range until then; its frame was asked for before this one.
    cancelAnimationFrame(this.#targetFrame);
    this.#targetFrame = requestAnimationFrame(() => {
      this.#target = null;
    });
  }

  /** Width of the pane in CSS pixels. */
  get width(): number {
    return this.#chart.timeScale().width();
  }

  /** Width of one bar in CSS pixels. */
  get barPx(): number {
    const visible = this.visible;
    return visible ? this.width / Math.max(1, visible.to - visible.from + 1) : 0;
  }

  onVisibleChange(listener: () => void): void {
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(listener);
  }

  /** `logical` is null when the pointer has left. */
  onCrosshair(listener: (logical: number | null) => void): void {
    this.#chart.subscribeCrosshairMove((event) => {
      listener(event.point === undefined || event.logical === undefined ? null : event.logical);
    });
  }

  setTheme(theme: ChartTheme): void {
    this.#theme = theme;
    this.#chart.applyOptions({ ...chartColors(theme), timeScale: scaleColors(theme) });
    this.#candles.applyOptions(candleColors(theme));
    this.#gaps.setTheme(theme);
    // Volume bars carry their colours in the data.
    const [axis, columns] = [this.#axis, this.#columns];
    if (!axis || !columns) return;
    const visible = this.visible;
    const volumes: HistogramData<UTCTimestamp>[] = [];
    for (let i = 0; i < axis.times.length; i++) {
      const volume = this.#volumeItem(axis, columns, i);
      if (volume) volumes.push(volume);
    }
    this.#volume.setData(volumes);
    if (visible) this.setVisible(visible);
  }

  remove(): void {
    cancelAnimationFrame(this.#targetFrame);
    this.#chart.remove();
  }

  #item(axis: Axis, columns: CandleColumns, index: number): CandleItem {
    const time = (axis.times[index]! / 1_000) as UTCTimestamp;
    const row = axis.candle[index]!;
    if (row < 0) return { time };
    return {
      time,
      open: columns.open[row]!,
      high: columns.high[row]!,
      low: columns.low[row]!,
      close: columns.close[row]!,
    };
  }

  #volumeItem(axis: Axis, columns: CandleColumns, index: number): HistogramData<UTCTimestamp> | null {
    const row = axis.candle[index]!;
    if (row < 0) return null;
    return {
      time: (axis.times[index]! / 1_000) as UTCTimestamp,
      value: columns.volume[row]!,
      color: columns.close[row]! >= columns.open[row]! ? this.#theme.upVolume : this.#theme.downVolume,
    };
  }

  #setDecimals(decimals: number): void {
    if (decimals === this.#decimals) return;
    this.#decimals = decimals;
    this.#candles.applyOptions({
      priceFormat: {
        type: 'custom',
        formatter: (price: number) => formatPrice(price, decimals),
        // Room for the volume may reach below zero, where no price is.
        tickmarksFormatter: (prices: readonly number[]) =>
          prices.map((price) => (price < 0 ? '' : formatPrice(price, decimals))),
        minMove: 10 ** -decimals,
      },
    });
  }
}

function chartColors(theme: ChartTheme) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: theme.panel },
      textColor: theme.dim,
      fontFamily: theme.mono,
      fontSize: 11,
      attributionLogo: true,
    },
    grid: { vertLines: { color: theme.line, style: 1 as const }, horzLines: { color: theme.line } },
    crosshair: {
      vertLine: { color: theme.faint, labelBackgroundColor: theme.dim },
      horzLine: { color: theme.faint, labelBackgroundColor: theme.dim },
    },
  };
}

function scaleColors(theme: ChartTheme) {
  return { borderColor: theme.line, borderVisible: true };
}

function candleColors(theme: ChartTheme) {
  return {
    upColor: theme.up,
    downColor: theme.down,
    wickUpColor: theme.up,
    wickDownColor: theme.down,
    borderVisible: false,
  };
}
