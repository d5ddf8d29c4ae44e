import type { CandleColumns, Range } from '@shared/market';

/** Stored candles of one series. */
export interface CandleSource {
  /** Candles that open in the range, ascending, in batches (best some thousand, never reused); ends soon after `signal` aborts. */
  read(range: Range, options: { signal?: AbortSignal }): AsyncGenerator<CandleColumns>;
  count(range: Range): Promise<number>;
  /** The newest `n` candles that open before `t`, ascending. */
  before(t: number, n: number): Promise<CandleColumns>;
}
