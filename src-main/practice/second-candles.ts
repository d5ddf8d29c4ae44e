import { MINUTE_MS, SECOND_MS } from '@shared/market';
import type { CandleBlock } from './candle-block';
import type { MinuteTape } from './minute-tape';

const SECONDS = 60;

/**
 * Appends the 60 seconds of row `index` of `minutes`, rolled up from its trades. They add up to the minute exactly; a unit of
 * quote volume comes with the second in which it is full.
 */
export function secondsOfMinute(minutes: CandleBlock, index: number, tape: MinuteTape, target: CandleBlock): void {
  const start = Math.floor(minutes.openTime[index]! / MINUTE_MS) * MINUTE_MS;
  const trades = tape.trades(minutes, index);
  const quote = running(minutes.quote[index]!);
  const takerQuote = running(minutes.takerQuote[index]!);
  const total = minutes.trades[index]!;
  // Where the tape needs more trades than the candle says, they all come at once.
  const singles = (i: number) => (tape.singles(minutes, index) === total ? trades.singles[i]! : i > 0 ? 0 : total);
  let price = minutes.open[index]!;
  let at = 0;
  for (let second = 0; second < SECONDS; second++) {
    const row = target.rows++;
    const open = start + second * SECOND_MS;
    const end = (open + SECOND_MS) * 1_000;
    const first = at;
    target.openTime[row] = open;
    target.closeTime[row] = open + SECOND_MS - 1;
    // Not the price before: the first trade of a second is its open.
    target.open[row] = at < trades.rows && trades.time[at]! < end ? trades.price[at]! : price;
    let high = target.open[row]!;
    let low = high;
    for (; at < trades.rows && trades.time[at]! < end; at++) {
      price = trades.price[at]!;
      if (price > high) high = price;
      if (price < low) low = price;
      const quantity = trades.quantity[at]!;
      target.volume[row]! += quantity;
      target.trades[row]! += singles(at);
      quote.add(tape.worth(trades, at));
      if (trades.buyerMaker[at] === 0) {
        target.takerBase[row]! += quantity;
        takerQuote.add(tape.worth(trades, at));
      }
    }
    target.close[row] = price;
    target.high[row] = high;
    target.low[row] = low;
    const isLast = at === trades.rows && at > first;
    target.quote[row] = quote.take(isLast);
    target.takerQuote[row] = takerQuote.take(isLast);
  }
}

/** Hands out whole units of a growing sum, and with the last call what makes `total` full. */
function running(total: number) {
  let sum = 0;
  let told = 0;
  return {
    add: (value: number) => {
      sum += value;
    },
    take: (last: boolean): number => {
      const reached = last ? total : Math.max(told, Math.min(total, Math.floor(sum)));
      const part = reached - told;
      told = reached;
      return part;
    },
  };
}
