/**
 * Aggregate trades in columns: prices in ticks, quantities in units of 10^-decimals of their symbol. Times are epoch
 * microseconds, ascending. Only the first `rows` entries count.
 */
export interface TradeBlock {
  rows: number;
  time: Float64Array;
  price: Float64Array;
  quantity: Float64Array;
  /** Single trades that were joined, at least one. */
  singles: Float64Array;
  /** 1 when the buyer was the maker (the taker sold), else 0. */
  buyerMaker: Uint8Array;
}

export function createTradeBlock(rows: number): TradeBlock {
  return {
    rows,
    time: new Float64Array(rows),
    price: new Float64Array(rows),
    quantity: new Float64Array(rows),
    singles: new Float64Array(rows),
    buyerMaker: new Uint8Array(rows),
  };
}

export const NO_TRADES: TradeBlock = createTradeBlock(0);

/** Index of the first trade at or after `time` (epoch microseconds). */
export function firstTradeAt(trades: TradeBlock, time: number): number {
  let low = 0;
  let high = trades.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (trades.time[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
