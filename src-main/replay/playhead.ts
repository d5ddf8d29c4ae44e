import { type CandleColumns, type CandleSeries, concatCandles, type Range, type Span } from '@shared/market';
import { CandleReader } from './candle-reader';
import type { CandleSource } from './candle-source';
import { CandleTimes } from './candle-times';
import { IdentityRun } from './identity-run';

/**
 * Where a replay is: everything that closed at or before `at` went through the DAG or lies before a jump. Moves are
 * synchronous; what they need is read before, so an interrupted read never leaves a half-made move.
 */
export class Playhead {
  at: number;
  /** Candles of the range that closed at or before `at`. */
  position = 0;
  /** Stored candles of the range; null until counted. */
  total: number | null = null;
  atEnd = false;

  private readonly times: CandleTimes;
  private reader: CandleReader | null = null;
  private run: IdentityRun;
  /** Whether the run began at the start of the range. */
  private unbroken = true;
  private hashed: { run: IdentityRun; position: number; value: string } | null = null;

  constructor(
    private readonly series: CandleSeries,
    private readonly range: Range,
    private readonly source: CandleSource,
  ) {
    this.at = range.from;
    this.times = new CandleTimes(series);
    this.run = new IdentityRun(series);
  }

  async count(): Promise<void> {
    this.total ??= await this.source.count(this.range);
  }

  get allShown(): boolean {
    return this.total !== null && this.position >= this.total;
  }

  /** The reader of what comes next. */
  open(): CandleReader {
    if (this.reader) return this.reader;
    const from = Math.max(this.range.from, this.times.openLimit(this.at));
    this.reader = new CandleReader(this.source, { from, to: Math.max(from, this.range.to) });
    return this.reader;
  }

  close(): void {
    this.reader?.close();
    this.reader = null;
  }

  /** Lets read candles through the DAG and moves to the close of the last, or to the end when none is left. */
  advance(reader: CandleReader, count: number): CandleColumns {
    const candles = reader.take(count);
    if (candles.rows > 0) {
      const last = candles.openTime[candles.rows - 1]!;
      this.times.learn(last);
      this.at = Math.max(this.at, this.times.closeOf(last));
      this.position += candles.rows;
    }
    if (reader.exhausted) {
      this.at = Math.max(this.at, this.range.to);
      this.total = this.position;
      this.atEnd = true;
    }
    return candles.rows > 0 ? this.run.feed(candles) : candles;
  }

  /** Candles of the range that closed at or before a moment. */
  async positionAt(moment: number): Promise<number> {
    const limit = Math.min(this.times.openLimit(moment), this.range.to);
    return limit > this.range.from ? this.source.count({ from: this.range.from, to: limit }) : 0;
  }

  /** The newest `count` candles that closed at or before the playhead. */
  async before(count: number): Promise<CandleColumns> {
    if (count <= 0) return concatCandles([]);
    const candles = await this.source.before(this.times.openLimit(this.at), count);
    if (candles.rows > 0) this.times.learn(candles.openTime[0]!);
    return candles;
  }

  closeOf(open: number): number {
    return this.times.closeOf(open);
  }

  jumpTo(at: number, position: number): void {
    this.close();
    this.at = at;
    this.position = position;
    this.run = new IdentityRun(this.series);
    this.unbroken = position === 0;
    this.atEnd = at >= this.range.to && this.allShown;
  }

  missingBars(spans: readonly Span[]): number {
    return this.times.missingBars(spans, this.range, this.at);
  }

  /** Hash of all outputs from the start of the range; null when the run did not begin there. */
  outputHash(): string | null {
    const { run, position } = this;
    if (!this.unbroken) return null;
    if (this.hashed?.run !== run || this.hashed.position !== position)
      this.hashed = { run, position, value: run.outputHash() };
    return this.hashed.value;
  }
}
