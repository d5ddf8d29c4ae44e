import { CANDLE_FIELDS, type CandleColumns, createCandleColumns, sliceCandles } from '@shared/market';

/** Keeps the newest candles of an endless stream, in columns, without growing: appending costs a copy of what is appended. */
export class CandleTail {
  readonly #limit: number;
  readonly #columns: CandleColumns;
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#columns = createCandleColumns(limit * 2);
  }

  /** Candles appended since the last reset, kept or not. */
  get total(): number {
    return this.#total;
  }

  /** Candles kept. */
  get rows(): number {
    return Math.min(this.#columns.rows, this.#limit);
  }

  /** Open of the newest candle, null when there is none. */
  get lastOpen(): number | null {
    return this.#columns.rows === 0 ? null : this.#columns.openTime[this.#columns.rows - 1]!;
  }

  reset(): void {
    this.#columns.rows = 0;
    this.#total = 0;
  }

  append(candles: CandleColumns): void {
    const kept = Math.min(candles.rows, this.#limit);
    const from = candles.rows - kept;
    if (this.#columns.rows + kept > this.#limit * 2) this.#compact(this.#limit - kept);
    for (const field of CANDLE_FIELDS)
      this.#columns[field].set(candles[field].subarray(from, candles.rows), this.#columns.rows);
    this.#columns.rows += kept;
    this.#total += candles.rows;
  }

  /** View (valid until the next append) of the newest `rows` candles. */
  newest(rows: number): CandleColumns {
    const end = this.#columns.rows;
    return sliceCandles(this.#columns, end - Math.min(rows, this.rows), end);
  }

  #compact(keep: number): void {
    const end = this.#columns.rows;
    const start = end - Math.min(end, Math.max(0, keep));
    for (const field of CANDLE_FIELDS) this.#columns[field].copyWithin(0, start, end);
    this.#columns.rows = end - start;
  }
}
