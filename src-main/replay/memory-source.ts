import {
  CANDLE_FIELDS,
  type CandleColumns,
  type CandleSeries,
  createCandleColumns,
  gridOf,
  intervalMs,
  lowerBound,
  type Range,
  sliceCandles,
} from '@shared/market';
import type { CandleSource } from './candle-source';
import type { ReplayClock } from './replay-clock';

/** Candles in memory for tests; counts what is read of it. */
export class MemorySource implements CandleSource {
  batchRows = 7;
  /** Batches handed out. */
  reads = 0;
  /** Readings that were begun and ended. */
  opened = 0;
  ended = 0;
  failure: Error | null = null;
  /** When set, reads and counts wait for it. */
  gate: Promise<void> | null = null;

  constructor(readonly candles: CandleColumns) {}

  async *read(range: Range, options: { signal?: AbortSignal }): AsyncGenerator<CandleColumns> {
    this.opened++;
    try {
      const end = lowerBound(this.candles, range.to);
      for (let at = lowerBound(this.candles, range.from); at < end; at += this.batchRows) {
        await this.pass();
        if (options.signal?.aborted) return;
        this.reads++;
        yield sliceCandles(this.candles, at, Math.min(at + this.batchRows, end));
      }
    } finally {
      this.ended++;
    }
  }

  async count(range: Range): Promise<number> {
    await this.pass();
    return lowerBound(this.candles, range.to) - lowerBound(this.candles, range.from);
  }

  async before(t: number, n: number): Promise<CandleColumns> {
    await this.pass();
    const end = lowerBound(this.candles, t);
    return sliceCandles(this.candles, Math.max(0, end - n), end);
  }

  private async pass(): Promise<void> {
    await this.gate;
    if (this.failure) throw this.failure;
  }
}

/** Candles at the given bars of the series' grid, counted from `first`. */
export function candlesAt(series: CandleSeries, first: number, bars: readonly number[]): CandleColumns {
  const grid = gridOf(series.interval);
  const candles = createCandleColumns(bars.length);
  candles.rows = bars.length;
  bars.forEach((bar, index) => {
    for (const field of CANDLE_FIELDS) candles[field][index] = bar + CANDLE_FIELDS.indexOf(field) / 16;
    candles.openTime[index] =
      series.interval === '3d' ? first + bar * intervalMs('3d') : grid.openAt(grid.indexOf(first) + bar);
  });
  return candles;
}

/** A clock that stands still until it is told to go. */
export class FakeClock implements ReplayClock {
  private time = 1_000;
  private readonly timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  wake(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.time + delayMs, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Lets time pass and everything happen that it brings with it. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const next = [...this.timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers.delete(next);
      next.callback();
    }
    this.time = end;
    await settle();
  }
}

/** Lets all that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
