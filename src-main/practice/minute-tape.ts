import { MINUTE_MS, SECOND_MS } from '@shared/market';
import type { CandleBlock } from './candle-block';
import { OUTAGES } from './outages';
import { hashPair, hashText, randomFrom } from './random';
import type { PracticeSymbol } from './symbols';
import { createTradeBlock, NO_TRADES, type TradeBlock } from './trade-block';
import { type Fills, fillSide } from './trade-side';

/** Up to here every single trade is an aggregate of its own; of more, the busier the minute the more make one. */
const ONE_BY_ONE = 8;
/** A minute of fewer units has only the trades that it needs. */
const TINY_VOLUME = 64;
/** So many in one millisecond were seen at the real exchange. */
const BURST = 43;
const BURST_FROM = 50;
/** How many of up to seven trades are of the smaller side: the prices that must occur are shared out between both. */
const FEW_OF_SMALL_SIDE = [0, 0, 1, 1, 2, 2, 2, 3];
const CROWD_FROM = 1_100;
/** Spot tells trades to the microsecond from here on. */
const MICRO_FROM = Date.UTC(2025, 0, 1);

/**
 * The trades behind a 1m candle: they reproduce its open, high, low, close, volume and taker-buy volume, its value and
 * taker-buy value to the last decimal when it has eight trades or more, and its number of single trades when that is not less
 * than its prices need. Candles of COIN-M say no value of their own; it is what the trades add up to.
 */
export class MinuteTape {
  readonly #hash: number;
  /** Ticks times units per unit of the candle's quote volume. */
  readonly #fine: number;
  /** COIN-M: units of the candle's base volume that a contract is worth at a price of one tick; else 0. */
  readonly #inverse: number;
  readonly #spot: boolean;
  readonly #crowds: boolean;

  /** `crowds`: now and then all trades of a busy minute come one by one, most of them in one millisecond. */
  constructor(symbol: PracticeSymbol, seed: number, crowds: boolean) {
    const size = symbol.future?.contractSize ?? null;
    this.#hash = hashText(`${symbol.id}/tape`, seed);
    this.#fine = 10 ** (symbol.priceDecimals + symbol.volumeDecimals - symbol.quoteDecimals);
    this.#inverse = size === null ? 0 : size * 10 ** (symbol.priceDecimals + symbol.quoteDecimals);
    this.#spot = symbol.market === 'spot';
    this.#crowds = crowds;
  }

  /** Single trades behind row `i` of 1m candles. */
  singles(block: CandleBlock, i: number): number {
    const count = block.trades[i]!;
    return count === 0 || count >= ONE_BY_ONE ? count : Math.max(count, needed(block, i));
  }

  /** Aggregate trades behind row `i`. */
  aggregates(block: CandleBlock, i: number): number {
    const singles = this.singles(block, i);
    if (singles === 0) return 0;
    if (block.volume[i]! < TINY_VOLUME)
      return Math.min(singles, Math.max(needed(block, i), ONE_BY_ONE), block.volume[i]!);
    if (singles <= ONE_BY_ONE || this.#isCrowded(block, i)) return singles;
    return ONE_BY_ONE + Math.floor(Math.sqrt(singles - ONE_BY_ONE));
  }

  #isCrowded(block: CandleBlock, i: number): boolean {
    return (
      this.#crowds &&
      block.trades[i]! >= CROWD_FROM &&
      hashPair(this.#hash + 1, Math.floor(block.openTime[i]! / MINUTE_MS)) % 256 === 0
    );
  }

  /** The trades behind row `i`, the same ones every time. */
  trades(block: CandleBlock, i: number): TradeBlock {
    const rows = this.aggregates(block, i);
    if (rows === 0) return NO_TRADES;
    const minute = Math.floor(block.openTime[i]! / MINUTE_MS);
    const hash = this.#hashOf(block, i);
    const random = randomFrom(hash);
    const trades = createTradeBlock(rows);
    const { fills, first, last, split, takerFirst } = this.#fill(block, i, rows, random);
    const order = inOrder(fills, first, last, random);
    let volume = 0;
    let told = 0;
    const spare = this.singles(block, i) - rows;
    for (let at = 0; at < rows; at++) {
      const from = order[at]!;
      trades.price[at] = fills.price[from]!;
      trades.quantity[at] = fills.quantity[from]!;
      trades.buyerMaker[at] = from < split === takerFirst ? 0 : 1;
      volume += fills.quantity[from]!;
      const reached = at === rows - 1 ? spare : Math.floor((spare * volume) / block.volume[i]!);
      trades.singles[at] = 1 + reached - told;
      told = reached;
    }
    const crowd = this.#isCrowded(block, i);
    const burst = crowd ? rows - ONE_BY_ONE : rows >= BURST_FROM && hash % 8 === 0 ? BURST : 0;
    const atOnce = this.singles(block, i) > block.trades[i]!;
    this.#clock(trades, minute * MINUTE_MS, burst, atOnce, random);
    return trades;
  }

  /** The larger side's trades come first; `first` and `last` are where the minute opens and closes. */
  #fill(block: CandleBlock, i: number, rows: number, random: () => number) {
    const [open, high, low, close] = [block.open[i]!, block.high[i]!, block.low[i]!, block.close[i]!];
    const volume = block.volume[i]!;
    const taker = block.takerBase[i]!;
    const takerFirst = taker * 2 >= volume;
    const large = Math.max(taker, volume - taker);
    const small = volume - large;
    const wanted = rows < ONE_BY_ONE ? FEW_OF_SMALL_SIDE[rows]! : Math.max(4, Math.round((rows * small) / volume));
    const rowsOfSmall = Math.max(Math.min(wanted, small), rows - large);
    const rowsOfLarge = rows - rowsOfSmall;
    const ends = rows === 1 ? [close] : [open, close];
    const edges = [...(high > Math.max(open, close) ? [high] : []), ...(low < Math.min(open, close) ? [low] : [])];
    const pointsOfLarge = ends.slice(0, rowsOfLarge);
    const pointsOfSmall = ends.slice(rowsOfLarge);
    for (const edge of edges) {
      if (pointsOfSmall.length < rowsOfSmall) pointsOfSmall.push(edge);
      else if (pointsOfLarge.length < rowsOfLarge) pointsOfLarge.push(edge);
    }
    const middle = (open + high + low + close) / 4;
    const takerQuote = block.takerQuote[i]! * this.#fine;
    const makerQuote = block.quote[i]! * this.#fine - takerQuote;
    const goal = (units: number, quote: number, points: number[], count: number) => ({
      volume: units,
      value: this.#inverse > 0 ? (this.#inverse * units) / middle : quote,
      points,
      bodies: count - points.length,
      low,
      high,
      inverse: this.#inverse,
    });
    const fills: Fills = { price: [], quantity: [] };
    fillSide(goal(large, takerFirst ? takerQuote : makerQuote, pointsOfLarge, rowsOfLarge), random, fills);
    const split = fills.price.length;
    if (rowsOfSmall > 0)
      fillSide(goal(small, takerFirst ? makerQuote : takerQuote, pointsOfSmall, rowsOfSmall), random, fills);
    return { fills, first: 0, last: rows === 1 ? 0 : rowsOfLarge > 1 ? 1 : split, split, takerFirst };
  }

  /** Gives the trades their times: ascending, several now and then in one millisecond, `burst` of them in a single one. */
  #clock(trades: TradeBlock, start: number, burst: number, atOnce: boolean, random: () => number): void {
    const { from, to } = this.#spot ? tradingPart(start) : { from: start, to: start + MINUTE_MS };
    const micro = this.#spot && start >= MICRO_FROM;
    const { rows, time } = trades;
    const burstFrom = rows - burst - 4;
    let sum = 0;
    for (let at = 0; at < rows; at++) {
      const together = at > 0 && (atOnce || (at > burstFrom && at < burstFrom + burst) || random() < 0.3);
      if (!together) sum += gap(random);
      time[at] = sum;
    }
    const scale = (to - from) / (sum + gap(random));
    let previous = 0;
    for (let at = 0; at < rows; at++) {
      const exact = from + time[at]! * scale;
      const ms = Math.floor(exact);
      const us = micro ? Math.floor((exact - ms) * 1_000) : 0;
      time[at] = Math.max(previous, ms * 1_000 + us);
      previous = time[at]!;
    }
  }

  /** Value of a trade in units of the candle's quote volume; not always a whole number of them. */
  worth({ price, quantity }: TradeBlock, at: number): number {
    return this.#inverse > 0 ? (this.#inverse * quantity[at]!) / price[at]! : (price[at]! * quantity[at]!) / this.#fine;
  }

  /** Writes what the contracts of COIN-M candles were worth in the base asset. */
  settle(block: CandleBlock): void {
    for (let i = 0; i < block.rows; i++) {
      const rows = this.aggregates(block, i);
      let taker = 0;
      let maker = 0;
      if (rows > 0) {
        const { fills, split, takerFirst } = this.#fill(block, i, rows, randomFrom(this.#hashOf(block, i)));
        for (let at = 0; at < rows; at++) {
          const worth = (this.#inverse * fills.quantity[at]!) / fills.price[at]!;
          if (at < split === takerFirst) taker += worth;
          else maker += worth;
        }
      }
      block.quote[i] = Math.round(taker + maker);
      block.takerQuote[i] = Math.round(taker);
    }
  }

  #hashOf(block: CandleBlock, i: number): number {
    return hashPair(this.#hash, Math.floor(block.openTime[i]! / MINUTE_MS));
  }
}

/** Time between two trades: some of it is always the same, so that a busy minute has no long silence. */
function gap(random: () => number): number {
  return 0.3 - 0.7 * Math.log(1 - random());
}

/** Trades without which the candle's prices, or one of its sides, could not be. */
function needed(block: CandleBlock, i: number): number {
  const [open, high, low, close] = [block.open[i]!, block.high[i]!, block.low[i]!, block.close[i]!];
  const sides = Number(block.takerBase[i]! > 0) + Number(block.takerBase[i]! < block.volume[i]!);
  if (high === low) return sides;
  return 2 + Number(high > Math.max(open, close)) + Number(low < Math.min(open, close));
}

/** The part of a minute in which the exchange was open, to the second; the whole minute where only its seconds were lost. */
function tradingPart(start: number): { from: number; to: number } {
  let from = start;
  let to = start + MINUTE_MS;
  for (const { seconds } of OUTAGES) {
    if (!seconds || seconds.from >= start + MINUTE_MS || seconds.to <= start) continue;
    if (seconds.from >= start) to = Math.min(to, seconds.from + SECOND_MS);
    else from = Math.max(from, seconds.to);
  }
  return to > from ? { from, to } : { from: start, to: start + MINUTE_MS };
}

/** More trades than a minute has, for keys that carry an index in their lowest digits. */
const KEY = 4_096;

/** The fills as a walk from the first price to the last: the others go where a random walk is as high as they are. */
function inOrder({ price }: Fills, first: number, last: number, random: () => number): number[] {
  if (price.length === 1) return [0];
  const inner = price.length - 2;
  const byPrice = new Float64Array(inner);
  const byLevel = new Float64Array(inner);
  const drift = (Math.sign(price[last]! - price[first]!) * 0.5) / Math.sqrt(Math.max(1, inner));
  let level = 0;
  let rank = 0;
  for (let i = 0; i < price.length; i++) {
    if (i === first || i === last) continue;
    level += random() - 0.5 + drift;
    byPrice[rank] = price[i]! * KEY + i;
    byLevel[rank] = Math.floor(level * 1e6) * KEY + rank;
    rank++;
  }
  byPrice.sort();
  byLevel.sort();
  const order = new Array<number>(price.length);
  order[0] = first;
  order[price.length - 1] = last;
  for (let i = 0; i < inner; i++) order[1 + modulo(byLevel[i]!)] = modulo(byPrice[i]!);
  return order;
}

function modulo(key: number): number {
  return key - Math.floor(key / KEY) * KEY;
}
