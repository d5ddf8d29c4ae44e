import { barAt, type CandleColumns, formatTime, type Grid } from '@shared/market';
import type { CandleCheck, Observation } from './observation';
import { RollingMedian } from './rolling-median';

export interface OutlierOptions {
  /** Bars that tell what is usual. */
  window: number;
  /** A body outside both neighbours is a jump from so many usual moves on … */
  jumpMoves: number;
  /** … and from this share of the price on. */
  jumpShare: number;
  /** A volume is an outlier from so many usual volumes on. */
  volumeTimes: number;
  /** The most extreme of each kind are told. */
  most: number;
}

const DEFAULTS: OutlierOptions = { window: 240, jumpMoves: 25, jumpShare: 0.01, volumeTimes: 200, most: 50 };

interface Bar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

/**
 * Prices and volumes that stand out. A jump is a candle whose open and close both lie outside everything that its two neighbours
 * traded at, farther than `jumpMoves` times the median of |close / previous close − 1|: a print that the market did not
 * follow. A volume outlier exceeds the median of the traded bars before it `volumeTimes` times. Only bars that follow each other are
 * compared, so that a hole is no jump. Both are observations about the market as often as about the data.
 */
export class OutlierCheck implements CandleCheck<CandleColumns> {
  readonly #options: OutlierOptions;
  readonly #grid: Grid;
  readonly #moves: RollingMedian;
  readonly #volumes: RollingMedian;
  readonly #jumps: { score: number; observation: Observation }[] = [];
  readonly #peaks: { score: number; observation: Observation }[] = [];
  #before: Bar | null = null;
  #middle: Bar | null = null;

  constructor(grid: Grid, options: Partial<OutlierOptions> = {}) {
    this.#grid = grid;
    this.#options = { ...DEFAULTS, ...options };
    this.#moves = new RollingMedian(this.#options.window);
    this.#volumes = new RollingMedian(this.#options.window);
  }

  push(batch: CandleColumns): void {
    for (let i = 0; i < batch.rows; i++) {
      const bar: Bar = {
        time: batch.openTime[i]!,
        open: batch.open[i]!,
        high: batch.high[i]!,
        low: batch.low[i]!,
        close: batch.close[i]!,
      };
      this.#volume(bar.time, batch.volume[i]!);
      if (this.#middle && this.#grid.indexOf(bar.time) !== this.#grid.indexOf(this.#middle.time) + 1) {
        this.#before = null;
        this.#middle = null;
      }
      if (this.#before && this.#middle) this.#jump(this.#before, this.#middle, bar);
      if (this.#middle) this.#moves.push(Math.abs(bar.close / this.#middle.close - 1));
      this.#before = this.#middle;
      this.#middle = bar;
    }
  }

  finish(): Observation[] {
    return [...strongest(this.#jumps, this.#options.most), ...strongest(this.#peaks, this.#options.most)];
  }

  #jump(before: Bar, bar: Bar, after: Bar): void {
    const usual = this.#moves.value;
    if (!(usual >= 0)) return;
    const top = Math.max(before.high, after.high);
    const bottom = Math.min(before.low, after.low);
    const above = Math.min(bar.open, bar.close) - top;
    const below = bottom - Math.max(bar.open, bar.close);
    const distance = Math.max(above, below);
    const share = distance / (above > below ? top : bottom);
    if (!(share >= this.#options.jumpShare && share >= usual * this.#options.jumpMoves)) return;
    const percent = (share * 100).toLocaleString('en', { maximumFractionDigits: 1 });
    this.#jumps.push({
      score: share,
      observation: this.#observed(
        'price_jump',
        bar.time,
        `The candle at ${formatTime(bar.time)} UTC lies ${percent} % ${above > below ? 'above' : 'below'} everything that its neighbours traded at.`,
        { before, bar, after, usualMove: usual },
      ),
    });
  }

  #volume(time: number, volume: number): void {
    const usual = this.#volumes.value;
    if (usual > 0 && volume >= usual * this.#options.volumeTimes) {
      const times = Math.round(volume / usual);
      this.#peaks.push({
        score: times,
        observation: this.#observed(
          'volume_outlier',
          time,
          `The volume at ${formatTime(time)} UTC is ${times.toLocaleString('en')} times what was usual before it.`,
          { volume, usual },
        ),
      });
    }
    if (volume > 0) this.#volumes.push(volume);
  }

  #observed(kind: Observation['kind'], time: number, sentence: string, data: unknown): Observation {
    return { kind, range: barAt(this.#grid, time), count: 1, sentence, data };
  }
}

/** The most extreme ones, in order of time. */
function strongest(found: { score: number; observation: Observation }[], most: number): Observation[] {
  return [...found]
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ observation }) => observation)
    .sort((a, b) => a.range.from - b.range.from);
}
