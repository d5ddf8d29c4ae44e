/**
 * Candles in columns: index `i` of every array is one candle. Times are epoch milliseconds, UTC; prices and volumes are the
 * exchange's decimals as doubles. Length of every array is `rows` or more; only the first `rows` entries count.
 */
export interface CandleColumns {
  rows: number;
  openTime: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  quoteVolume: Float64Array;
  trades: Float64Array;
  takerBase: Float64Array;
  takerQuote: Float64Array;
}

/** One candle as an object: only where a person or a strategy looks at one. */
export interface Candle {
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number;
  trades: number;
  takerBase: number;
  takerQuote: number;
}

/** The columns in the order in which frames carry them. */
export const CANDLE_FIELDS = [
  'openTime',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quoteVolume',
  'trades',
  'takerBase',
  'takerQuote',
] as const satisfies readonly (keyof Candle)[];

export function createCandleColumns(capacity: number): CandleColumns {
  const columns = { rows: 0 } as CandleColumns;
  for (const field of CANDLE_FIELDS) columns[field] = new Float64Array(capacity);
  return columns;
}

/** View (no copy) of the candles `[start, end)`. */
export function sliceCandles(columns: CandleColumns, start: number, end: number): CandleColumns {
  const slice = { rows: Math.max(0, end - start) } as CandleColumns;
  for (const field of CANDLE_FIELDS) slice[field] = columns[field].subarray(start, end);
  return slice;
}

export function concatCandles(parts: readonly CandleColumns[]): CandleColumns {
  const result = createCandleColumns(parts.reduce((sum, part) => sum + part.rows, 0));
  for (const part of parts) {
    for (const field of CANDLE_FIELDS) result[field].set(part[field].subarray(0, part.rows), result.rows);
    result.rows += part.rows;
  }
  return result;
}

export function candleAt(columns: CandleColumns, index: number): Candle {
  const candle = {} as Candle;
  for (const field of CANDLE_FIELDS) candle[field] = columns[field][index] ?? Number.NaN;
  return candle;
}

export function candleColumnsOf(candles: readonly Candle[]): CandleColumns {
  const columns = createCandleColumns(candles.length);
  columns.rows = candles.length;
  candles.forEach((candle, index) => {
    for (const field of CANDLE_FIELDS) columns[field][index] = candle[field];
  });
  return columns;
}

/** Index of the first candle (of ascending columns) that opens at or after `t`. */
export function lowerBound(columns: CandleColumns, t: number): number {
  let low = 0;
  let high = columns.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns.openTime[middle]! < t) low = middle + 1;
    else high = middle;
  }
  return low;
}
