import { DAY_MS, MINUTE_MS } from '@shared/market';
import { type CandleBlock, createBlock } from './candle-block';
import { OFF_GRID_RUNS, OUTAGES } from './outages';
import { type MidnightPrices, midnightPrices } from './price-path';
import { hashPair, hashText, randomFrom } from './random';
import type { PracticeSymbol } from './symbols';

const MINUTES = 1440;

/** Ranges in which no spot symbol traded although candles exist. */
const QUIET = [
  ...OUTAGES.flatMap((outage) => (outage.quiet ? [outage.quiet] : [])),
  ...OFF_GRID_RUNS.filter((run) => run.quietMinutes > 0).map((run) => ({
    from: run.minutes.from,
    to: run.minutes.from + run.quietMinutes * MINUTE_MS,
  })),
];

/**
 * Makes the 1,440 minutes of any day of one symbol, the same ones every time. The price walks from one midnight's price of
 * the path to the next; every minute opens where the one before closed. Nothing is cut here.
 */
export class MinuteGenerator {
  private readonly path: MidnightPrices;
  private readonly hash: number;
  private readonly quoteScale: number;
  private readonly volumeUnit: number;
  private readonly walk = new Float64Array(MINUTES);

  constructor(
    private readonly symbol: PracticeSymbol,
    seed: number,
  ) {
    this.path = midnightPrices(symbol, seed);
    this.hash = hashText(symbol.id, seed);
    this.quoteScale = 10 ** (symbol.quoteDecimals - symbol.priceDecimals - symbol.volumeDecimals);
    this.volumeUnit = 10 ** symbol.volumeDecimals;
  }

  /** Minutes of `day` (days since 1970), on the memory of `scratch` when it is given. */
  day(day: number, scratch?: CandleBlock): CandleBlock {
    const block = scratch ?? createBlock(MINUTES);
    block.rows = MINUTES;
    const start = day * DAY_MS;
    const random = randomFrom(hashPair(this.hash, day));
    const from = this.path.at(day);
    const to = this.path.at(day + 1);
    const dayVolatility = 0.5 + random() * 1.3;
    const sigma = Math.max(0.2, from * 0.0004 * dayVolatility * (this.symbol.quiet > 0.1 ? 2 : 1));
    const walk = this.closes(start, from, to, sigma, random, block);
    const unit = 10 ** this.symbol.priceDecimals;
    const perMinute = this.symbol.turnover * (0.4 + 1.2 * random());
    let previous = from;
    for (let i = 0; i < MINUTES; i++) {
      block.openTime[i] = start + i * MINUTE_MS;
      block.closeTime[i] = start + i * MINUTE_MS + MINUTE_MS - 1;
      const close = walk[i]!;
      block.open[i] = previous;
      block.close[i] = close;
      const top = Math.max(previous, close);
      const bottom = Math.min(previous, close);
      if (block.trades[i] === 0) {
        block.high[i] = top;
        block.low[i] = bottom;
        block.volume[i] = 0;
        block.quote[i] = 0;
        block.takerBase[i] = 0;
        block.takerQuote[i] = 0;
      } else {
        const upper = random();
        const lower = random();
        block.high[i] = top + Math.floor(upper * upper * sigma * 1.6);
        block.low[i] = Math.max(1, bottom - Math.floor(lower * lower * sigma * 1.6));
        this.trade(block, i, perMinute, unit, sigma, random);
      }
      previous = close;
    }
    return block;
  }

  /** The day's closes in ticks; marks minutes that trade with 1 in `trades`. */
  private closes(
    start: number,
    from: number,
    to: number,
    sigma: number,
    random: () => number,
    block: CandleBlock,
  ): Float64Array {
    const walk = this.walk;
    const born = this.symbol.lives[0]!.from;
    const quiet = start < born + 40 * DAY_MS ? Math.max(this.symbol.quiet, 0.08) : this.symbol.quiet;
    const quietRanges =
      this.symbol.market === 'spot' ? QUIET.filter((range) => range.from < start + DAY_MS && range.to > start) : [];
    let sum = 0;
    let active = 0;
    for (let i = 0; i < MINUTES; i++) {
      const time = start + i * MINUTE_MS;
      const chance = random();
      const trades =
        time >= born &&
        (chance >= quiet || i === MINUTES - 1 || time === born) &&
        !quietRanges.some((range) => time >= range.from && time < range.to);
      if (trades) {
        // The sum of three uniforms is near enough to a normal; now and then a larger move.
        const move = random() + random() + random() - 1.5;
        sum += move * sigma * (chance > 0.985 ? 6 : 1.6);
        active++;
      }
      walk[i] = sum;
      block.trades[i] = trades ? 1 : 0;
    }
    const drift = (to - from - sum) / Math.max(1, active);
    let done = 0;
    for (let i = 0; i < MINUTES; i++) {
      if (block.trades[i] === 1) done++;
      walk[i] = Math.max(1, Math.round(from + walk[i]! + drift * done));
    }
    walk[MINUTES - 1] = to;
    return walk;
  }

  private trade(
    block: CandleBlock,
    i: number,
    perMinute: number,
    unit: number,
    sigma: number,
    random: () => number,
  ): void {
    const move = Math.abs(block.close[i]! - block.open[i]!) / sigma;
    const burst = random();
    const value = perMinute * (0.15 + 1.6 * burst * burst + 0.5 * move);
    const count = Math.max(
      this.symbol.fewestTrades,
      1 + Math.floor(random() * Math.min(2_500, value / 500 + (this.symbol.quoteAsset === 'BTC' ? 40 : 2))),
    );
    const middle = (block.high[i]! + block.low[i]! + block.open[i]! + block.close[i]!) / 4;
    const buyers = 0.25 + 0.5 * random();
    block.trades[i] = count;
    const size = this.symbol.future?.contractSize ?? null;
    if (size !== null) {
      // What the contracts were worth in the base asset follows from the tape.
      const contracts = Math.max(count, Math.round(value / size));
      block.volume[i] = contracts;
      block.takerBase[i] = Math.round(contracts * buyers);
      return;
    }
    const volume = Math.max(count, Math.round((value * unit * this.volumeUnit) / middle));
    const quote = Math.round(volume * middle * this.quoteScale);
    const taker = Math.round(volume * buyers);
    block.volume[i] = volume;
    block.quote[i] = quote;
    block.takerBase[i] = taker;
    block.takerQuote[i] = Math.min(quote, Math.round(taker * middle * this.quoteScale));
  }
}
