import { type CandleColumns, concatCandles, type Range, sliceCandles } from '@shared/market';
import type { CandleSource } from './candle-source';

/**
 * Reads a range of a source step by step. Reading happens only inside `fill`, so a consumer that stops asking stops the
 * reading; taking what was read is synchronous, so nobody can be interrupted between reading a candle and having it.
 */
export class CandleReader {
  private readonly controller = new AbortController();
  private readonly batches: AsyncGenerator<CandleColumns>;
  private buffer: CandleColumns | null = null;
  private pending: Promise<void> | null = null;
  private ended = false;
  /** Waits that a close ends. */
  private readonly released = new Set<() => void>();

  constructor(source: CandleSource, range: Range) {
    this.batches = source.read(range, { signal: this.controller.signal });
  }

  /** Candles that can be taken without reading. */
  get available(): number {
    return this.buffer?.rows ?? 0;
  }

  /** Whether the range has no candle left. */
  get exhausted(): boolean {
    return this.ended && this.available === 0;
  }

  get closed(): boolean {
    return this.controller.signal.aborted;
  }

  /** Resolves when a candle can be taken, the range is exhausted, or the reader was closed. */
  async fill(): Promise<void> {
    if (this.available > 0 || this.ended || this.closed) return;
    this.pending ??= this.readBatch();
    const { pending } = this;
    await new Promise<void>((resolve, reject) => {
      this.released.add(resolve);
      pending.then(resolve, reject).finally(() => this.released.delete(resolve));
    });
  }

  take(count: number): CandleColumns {
    const { buffer } = this;
    if (!buffer) return concatCandles([]);
    const rows = Math.min(count, buffer.rows);
    this.buffer = rows < buffer.rows ? sliceCandles(buffer, rows, buffer.rows) : null;
    return sliceCandles(buffer, 0, rows);
  }

  /** Lets go of the source. What is still being read is dropped. */
  close(): void {
    if (this.closed) return;
    this.controller.abort();
    for (const release of this.released) release();
    // After an abort the source's own end, good or bad, is of no interest to anybody.
    this.batches.return(undefined).catch(() => {});
  }

  private async readBatch(): Promise<void> {
    try {
      let next = await this.batches.next();
      while (!next.done && next.value.rows === 0) next = await this.batches.next();
      if (next.done) this.ended = true;
      else this.buffer = next.value;
    } catch (error) {
      if (!this.closed) throw error;
    } finally {
      this.pending = null;
    }
  }
}
