import { DAY_MS } from '@shared/market';
import { hashText, signedNoise } from './random';
import { firstDay, type PracticeSymbol } from './symbols';

/** Rough course of bitcoin, so that the demo's charts have a familiar shape. Between the points it is interpolated. */
const BITCOIN: readonly [string, number][] = [
  ['2017-01-01', 970],
  ['2017-08-17', 4300],
  ['2017-12-17', 19000],
  ['2018-02-06', 7700],
  ['2018-07-25', 8100],
  ['2018-12-15', 3250],
  ['2019-06-26', 12500],
  ['2020-01-02', 7000],
  ['2020-03-13', 5200],
  ['2020-10-20', 11900],
  ['2021-04-14', 63000],
  ['2021-07-20', 30000],
  ['2021-11-10', 67000],
  ['2022-06-18', 19500],
  ['2022-11-21', 16000],
  ['2023-07-13', 31000],
  ['2023-10-13', 26900],
  ['2024-03-14', 72000],
  ['2024-09-06', 54500],
  ['2025-01-20', 104000],
  ['2025-04-08', 77000],
  ['2025-10-06', 124000],
  ['2026-05-08', 80000],
  ['2036-01-01', 150000],
];

const FIRST_DAY = Date.UTC(2017, 0, 1) / DAY_MS;
const LAST_DAY = Date.UTC(2036, 0, 1) / DAY_MS;

const bitcoinLog = (() => {
  const logs = new Float64Array(LAST_DAY - FIRST_DAY + 2);
  for (let leg = 0; leg + 1 < BITCOIN.length; leg++) {
    const from = Date.parse(BITCOIN[leg]![0]) / DAY_MS - FIRST_DAY;
    const to = Date.parse(BITCOIN[leg + 1]![0]) / DAY_MS - FIRST_DAY;
    const start = Math.log(BITCOIN[leg]![1]);
    const end = Math.log(BITCOIN[leg + 1]![1]);
    for (let day = from; day <= to; day++) logs[day] = start + ((end - start) * (day - from)) / (to - from);
  }
  logs[LAST_DAY - FIRST_DAY + 1] = logs[LAST_DAY - FIRST_DAY]!;
  return logs;
})();

/** Prices at midnight of a symbol, in ticks. */
export interface MidnightPrices {
  /** Price at the start of `day` (days since 1970). */
  at(day: number): number;
}

/** Fewer ticks than this would make every candle flat. */
const FEWEST_TICKS = 20;
/** What a future that ends costs more for every day that is left: about eight per cent a year. */
const CARRY_PER_DAY = 0.00022;
const WIDEST_PREMIUM = 0.0006;

export function midnightPrices(symbol: PracticeSymbol, seed: number): MidnightPrices {
  return symbol.future?.spot ? new PremiumPath(symbol, symbol.future.spot, seed) : new PricePath(symbol, seed);
}

/** The spot symbol's prices, a little above or below. */
class PremiumPath implements MidnightPrices {
  private readonly spot: PricePath;
  private readonly scale: number;
  private readonly noise: number;
  private readonly lastDay: number;

  constructor(symbol: PracticeSymbol, spot: PracticeSymbol, seed: number) {
    this.spot = new PricePath(spot, seed);
    this.scale = 10 ** (symbol.priceDecimals - spot.priceDecimals);
    this.noise = hashText(`${symbol.id}/premium`, seed);
    const ends = symbol.future?.contractType === 'PERPETUAL' ? null : symbol.future?.deliveredAt;
    this.lastDay = ends ? ends / DAY_MS : 0;
  }

  at(day: number): number {
    const premium = signedNoise(this.noise, day) * WIDEST_PREMIUM + Math.max(0, this.lastDay - day) * CARRY_PER_DAY;
    return Math.max(FEWEST_TICKS, Math.round(this.spot.at(day) * this.scale * (1 + premium)));
  }
}

/** Prices of a symbol of its own, for any day of 2017 to 2035. */
class PricePath implements MidnightPrices {
  private readonly ticks: Float64Array;
  private readonly firstDay: number;

  constructor(symbol: PracticeSymbol, seed: number) {
    this.firstDay = Math.max(FIRST_DAY, firstDay(symbol));
    const days = LAST_DAY - this.firstDay + 2;
    this.ticks = new Float64Array(days);
    const noise = hashText(`${symbol.id}/path`, seed);
    const stable = symbol.startPrice > 0.9 && symbol.startPrice < 1.1 && /^(USD|TUSD)/.test(symbol.baseAsset);
    const isBitcoin = symbol.baseAsset === 'BTC';
    const follows = stable ? 0 : symbol.quoteAsset === 'BTC' ? 0.05 : isBitcoin ? 1 : 0.75;
    const step = stable ? 0.0004 : isBitcoin ? 0.018 : 0.045;
    const unit = 10 ** symbol.priceDecimals;
    const base = this.firstDay - FIRST_DAY;
    let own = 0;
    for (let day = 0; day < days; day++) {
      // Pulled back to the market a little every day, so that no symbol runs away over the years.
      if (day > 0) own = own * 0.985 + signedNoise(noise, day) * step;
      const log = Math.log(symbol.startPrice) + follows * (bitcoinLog[base + day]! - bitcoinLog[base]!) + own;
      this.ticks[day] = Math.max(FEWEST_TICKS, Math.round(Math.exp(log) * unit));
    }
  }

  at(day: number): number {
    return this.ticks[Math.min(this.ticks.length - 1, Math.max(0, day - this.firstDay))]!;
  }
}
