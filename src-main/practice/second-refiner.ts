import { MINUTE_MS, SECOND_MS } from '@shared/market';
import type { CandleBlock } from './candle-block';
import { hashPair, randomFrom } from './random';

const SECONDS = 60;

/**
 * Splits row `index` of `minutes` into its 60 seconds, written to rows `at … at + 59` of `target`. The seconds add up to the
 * minute exactly: same open, high, low, close, and integer parts of every sum.
 */
export function refineMinute(
  minutes: CandleBlock,
  index: number,
  symbolHash: number,
  target: CandleBlock,
  at: number,
): void {
  const start = Math.floor(minutes.openTime[index]! / MINUTE_MS) * MINUTE_MS;
  const random = randomFrom(hashPair(symbolHash ^ 0x5ec0, start / MINUTE_MS));
  const total = minutes.trades[index]!;
  const high = minutes.high[index]!;
  const low = minutes.low[index]!;
  const close = minutes.close[index]!;
  const counts = tradesPerSecond(total, random);
  const trading = counts.flatMap((count, second) => (count > 0 ? [second] : []));
  const pick = () => trading[Math.floor(random() * trading.length)] ?? -1;
  const peak = pick();
  const trough = pick();
  const last = trading.at(-1) ?? -1;
  let price = minutes.open[index]!;
  let traded = 0;
  let volume = 0;
  let quote = 0;
  let takerBase = 0;
  let takerQuote = 0;
  for (let second = 0; second < SECONDS; second++) {
    const row = at + second;
    const count = counts[second]!;
    const open = price;
    target.openTime[row] = start + second * SECOND_MS;
    target.closeTime[row] = start + second * SECOND_MS + SECOND_MS - 1;
    if (count > 0) {
      const towards = open + (close - open) / Math.max(1, last - second + 1);
      const stray = (random() - 0.5) * (high - low) * 0.3;
      price = second === last ? close : Math.min(high, Math.max(low, Math.round(towards + stray)));
    }
    target.open[row] = open;
    target.close[row] = price;
    target.high[row] = second === peak ? high : Math.max(open, price);
    target.low[row] = second === trough ? low : Math.min(open, price);
    traded += count;
    const share = total === 0 ? 0 : traded / total;
    volume = writePart(target.volume, row, minutes.volume[index]!, share, volume);
    quote = writePart(target.quote, row, minutes.quote[index]!, share, quote);
    takerBase = writePart(target.takerBase, row, minutes.takerBase[index]!, share, takerBase);
    takerQuote = writePart(target.takerQuote, row, minutes.takerQuote[index]!, share, takerQuote);
    target.trades[row] = count;
  }
}

/** Writes what is new of `whole` once `share` of it is reached; answers the sum so far. */
function writePart(column: Float64Array, row: number, whole: number, share: number, before: number): number {
  const reached = Math.floor(whole * share);
  column[row] = reached - before;
  return reached;
}

function tradesPerSecond(total: number, random: () => number): number[] {
  const weights = Array.from({ length: SECONDS }, () => random() ** 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  let reached = 0;
  let weight = 0;
  return weights.map((each, second) => {
    weight += each;
    const upTo = second === SECONDS - 1 ? total : Math.floor((total * weight) / sum);
    const count = upTo - reached;
    reached = upTo;
    return count;
  });
}
