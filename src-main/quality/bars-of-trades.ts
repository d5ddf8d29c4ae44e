import { type Candle, floorToGrid, type Grid, type TradeColumns } from '@shared/market';

/**
 * Candles made of aggregate trades (ascending batches): prices of first, highest, lowest and last, sums of quantity and
 * price × quantity, single trades by their ids, and what takers bought (facts: candles equal trades exactly). Bars without trades
 * are left out.
 */
export async function* barsOfTrades(
  trades: AsyncIterable<TradeColumns>,
  grid: Grid,
): AsyncGenerator<{ open: number; candle: Candle }, void, void> {
  let candle: Candle | null = null;
  for await (const batch of trades) {
    for (let i = 0; i < batch.rows; i++) {
      const price = batch.price[i]!;
      const quantity = batch.quantity[i]!;
      const open = floorToGrid(grid, Math.floor(batch.time[i]! / 1_000));
      if (candle === null || candle.openTime !== open) {
        if (candle) yield { open: candle.openTime, candle };
        candle = emptyCandle(open, price);
      }
      candle.high = Math.max(candle.high, price);
      candle.low = Math.min(candle.low, price);
      candle.close = price;
      candle.volume += quantity;
      candle.quoteVolume += price * quantity;
      candle.trades += batch.lastId[i]! - batch.firstId[i]! + 1;
      if (batch.buyerMaker[i] === 1) continue;
      candle.takerBase += quantity;
      candle.takerQuote += price * quantity;
    }
  }
  if (candle) yield { open: candle.openTime, candle };
}

function emptyCandle(openTime: number, price: number): Candle {
  return {
    openTime,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0,
    quoteVolume: 0,
    trades: 0,
    takerBase: 0,
    takerQuote: 0,
  };
}
