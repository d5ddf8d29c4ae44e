import { type Candle, type CandleColumns, candleColumnsOf, MINUTE_MS } from '@shared/market';

/** A quiet market: each minute moves a little, always the same for the same place. */
export function quietCandles(from: number, count: number, stepMs = MINUTE_MS): Candle[] {
  let price = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = price;
    const close = Math.round((open + Math.sin(i * 1.7) * 0.02) * 100) / 100;
    price = close;
    return {
      openTime: from + i * stepMs,
      open,
      high: Math.max(open, close) + 0.01,
      low: Math.min(open, close) - 0.01,
      close,
      volume: 10 + (i % 7),
      quoteVolume: 1_000 + (i % 7),
      trades: 20 + (i % 5),
      takerBase: 4,
      takerQuote: 400,
    };
  });
}

/** The candles in batches of odd sizes, as a reader hands them out. */
export async function* batchesOf(candles: readonly Candle[], size = 7): AsyncGenerator<CandleColumns> {
  for (let start = 0; start < candles.length; start += size)
    yield candleColumnsOf(candles.slice(start, Math.min(candles.length, start + size)));
}
