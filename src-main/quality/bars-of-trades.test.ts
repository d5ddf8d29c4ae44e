import { createTradeColumns, gridOf, MINUTE_MS, type TradeColumns } from '@shared/market';
import { expect, it } from 'vitest';
import { barsOfTrades } from './bars-of-trades';

const FROM = Date.UTC(2024, 0, 1);

function tradesOf(
  rows: readonly { at: number; price: number; quantity: number; ids: [number, number]; maker: boolean }[],
): TradeColumns {
  const trades = createTradeColumns(rows.length);
  trades.rows = rows.length;
  rows.forEach(({ at, price, quantity, ids, maker }, i) => {
    trades.time[i] = at * 1_000 + 7;
    trades.aggId[i] = i;
    trades.price[i] = price;
    trades.quantity[i] = quantity;
    trades.firstId[i] = ids[0];
    trades.lastId[i] = ids[1];
    trades.buyerMaker[i] = maker ? 1 : 0;
  });
  return trades;
}

it('trades make candles with the wrong side for takers, the wrong count, or torn at the end of a batch', async () => {
  async function* batches() {
    yield tradesOf([
      { at: FROM, price: 10, quantity: 2, ids: [1, 3], maker: false },
      { at: FROM + 1_000, price: 12, quantity: 1, ids: [4, 4], maker: true },
    ]);
    yield tradesOf([
      { at: FROM + MINUTE_MS - 1, price: 9, quantity: 1, ids: [5, 6], maker: false },
      { at: FROM + 3 * MINUTE_MS, price: 11, quantity: 1, ids: [7, 7], maker: true },
    ]);
  }
  const bars = [];
  for await (const bar of barsOfTrades(batches(), gridOf('1m'))) bars.push(bar.candle);
  expect(bars).toEqual([
    {
      openTime: FROM,
      open: 10,
      high: 12,
      low: 9,
      close: 9,
      volume: 4,
      quoteVolume: 41,
      trades: 6,
      takerBase: 3,
      takerQuote: 29,
    },
    {
      openTime: FROM + 3 * MINUTE_MS,
      open: 11,
      high: 11,
      low: 11,
      close: 11,
      volume: 1,
      quoteVolume: 11,
      trades: 1,
      takerBase: 0,
      takerQuote: 0,
    },
  ]);
});
