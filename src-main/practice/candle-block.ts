/**
 * Candles in integer columns: prices, volumes and quote volumes count units of 10^-decimals of their symbol, so that sums
 * and texts are exact. Times are epoch ms; `closeTime` is the last ms of the candle. Only the first `rows` entries count.
 */
export interface CandleBlock {
  rows: number;
  openTime: Float64Array;
  closeTime: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  quote: Float64Array;
  trades: Float64Array;
  takerBase: Float64Array;
  takerQuote: Float64Array;
  /** Candles of real files keep their decimals as text: open, high, low, close, volume, quote, trades, two taker parts. */
  text?: readonly (readonly string[])[];
}

const COLUMNS = [
  'openTime',
  'closeTime',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote',
  'trades',
  'takerBase',
  'takerQuote',
] as const;

export function createBlock(capacity: number): CandleBlock {
  const block = { rows: 0 } as CandleBlock;
  for (const column of COLUMNS) block[column] = new Float64Array(capacity);
  return block;
}

export const EMPTY_BLOCK: CandleBlock = createBlock(0);

/** Appends row `index` of `source`. */
export function appendRow(target: CandleBlock, source: CandleBlock, index: number): void {
  const at = target.rows++;
  target.openTime[at] = source.openTime[index]!;
  target.closeTime[at] = source.closeTime[index]!;
  target.open[at] = source.open[index]!;
  target.high[at] = source.high[index]!;
  target.low[at] = source.low[index]!;
  target.close[at] = source.close[index]!;
  target.volume[at] = source.volume[index]!;
  target.quote[at] = source.quote[index]!;
  target.trades[at] = source.trades[index]!;
  target.takerBase[at] = source.takerBase[index]!;
  target.takerQuote[at] = source.takerQuote[index]!;
}

/** Appends a candle without trades at `price`. */
export function appendFlat(target: CandleBlock, openTime: number, closeTime: number, price: number): void {
  const at = target.rows++;
  target.openTime[at] = openTime;
  target.closeTime[at] = closeTime;
  target.open[at] = price;
  target.high[at] = price;
  target.low[at] = price;
  target.close[at] = price;
}

/**
 * Adds row `index` of `source` to the last row of `target` when it belongs to the same candle (`openTime`), else begins that
 * candle with it. Rows must come in order.
 */
export function rollInto(
  target: CandleBlock,
  openTime: number,
  closeTime: number,
  source: CandleBlock,
  index: number,
): void {
  const at = target.rows - 1;
  if (at < 0 || target.openTime[at] !== openTime) {
    appendRow(target, source, index);
    target.openTime[at + 1] = openTime;
    target.closeTime[at + 1] = closeTime;
    return;
  }
  if (source.high[index]! > target.high[at]!) target.high[at] = source.high[index]!;
  if (source.low[index]! < target.low[at]!) target.low[at] = source.low[index]!;
  target.close[at] = source.close[index]!;
  target.volume[at]! += source.volume[index]!;
  target.quote[at]! += source.quote[index]!;
  target.trades[at]! += source.trades[index]!;
  target.takerBase[at]! += source.takerBase[index]!;
  target.takerQuote[at]! += source.takerQuote[index]!;
}

/** View (no copy) of the rows `[from, to)`. */
export function sliceBlock(block: CandleBlock, from: number, to: number): CandleBlock {
  const slice = { rows: Math.max(0, to - from) } as CandleBlock;
  for (const column of COLUMNS) slice[column] = block[column].subarray(from, to);
  if (block.text) slice.text = block.text.slice(from, to);
  return slice;
}

/** Index of the first row that opens at or after `time`. */
export function firstRowAt(block: CandleBlock, time: number): number {
  let low = 0;
  let high = block.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.openTime[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
