import { AppError } from '@shared/contract';
import {
  DAY_MS,
  EXCHANGE_EPOCH_MS,
  isSymbol,
  type Market,
  MINUTE_MS,
  type Range,
  threeDayPhaseOf,
} from '@shared/market';
import type { ExtraSymbol } from './options';

export interface PracticeSymbol {
  /** Its name, behind its market when that is not spot (`um/BTCUSDT`): a name may be in use in two markets. */
  readonly id: string;
  readonly market: Market;
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  /** Spot says BREAK of what was delisted, USD-M SETTLING, COIN-M DELIVERED. */
  readonly status: 'TRADING' | 'BREAK' | 'SETTLING' | 'DELIVERED';
  /** Neither listed nor answered for any more: only the archive still has it. */
  readonly gone: boolean;
  /** When it traded, half-open, sorted; the last range of a living symbol ends at infinity. */
  readonly lives: readonly Range[];
  readonly startPrice: number;
  readonly priceDecimals: number;
  readonly volumeDecimals: number;
  readonly quoteDecimals: number;
  /** Average traded value per minute in the quote asset. */
  readonly turnover: number;
  /** Share of minutes without trades. */
  readonly quiet: number;
  readonly threeDayPhase: number;
  /** A minute that trades has at least as many single trades. */
  readonly fewestTrades: number;
  /** What futures have beside; null on spot. */
  readonly future: FutureTerms | null;
}

export interface FutureTerms {
  readonly pair: string;
  readonly contractType: 'PERPETUAL' | 'CURRENT_QUARTER';
  /** COIN-M: value of a contract in the quote asset. Null where quantities are in the base asset. */
  readonly contractSize: number | null;
  /** What exchangeInfo says; the first candle may be older. */
  readonly onboardedAt: number;
  readonly deliveredAt: number | null;
  /** The spot symbol whose prices it follows; null for a symbol with a path of its own. */
  readonly spot: PracticeSymbol | null;
  /** Until then texts of decimals come without their closing zeros. */
  readonly trimmedUntil: number;
}

/** symbol, base length, first candle, price then, price decimals, value per minute in thousands, quiet share, [end or lives], [gone] */
type Row = [string, number, string, number, number, number, number, string?, 'gone'?];

/** First candles of the ten best-known are the real ones; the others are plausible. */
const ROWS: readonly Row[] = [
  ['BTCUSDT', 3, '2017-08-17 04:00', 4261.48, 2, 900, 0.002],
  ['ETHUSDT', 3, '2017-08-17 04:00', 301.13, 2, 500, 0.004],
  ['BNBUSDT', 3, '2017-11-06 03:00', 1.5, 4, 120, 0.02],
  ['LTCUSDT', 3, '2017-12-13 03:00', 314.1, 2, 60, 0.03],
  ['ADAUSDT', 3, '2018-04-17 04:00', 0.255, 5, 70, 0.03],
  ['XRPUSDT', 3, '2018-05-04 08:00', 0.898, 5, 150, 0.02],
  ['TRXUSDT', 3, '2018-06-11 11:00', 0.0459, 5, 40, 0.05],
  ['LINKUSDT', 4, '2019-01-16 10:00', 0.49, 4, 50, 0.04],
  ['DOGEUSDT', 4, '2019-07-05 12:00', 0.0042, 6, 110, 0.04],
  ['SOLUSDT', 3, '2020-08-11 06:00', 2.85, 3, 220, 0.01],
  ['NEOUSDT', 3, '2017-11-20 06:00', 39.0, 3, 8, 0.1],
  ['QTUMUSDT', 4, '2018-03-28 07:00', 16.0, 3, 5, 0.15],
  ['EOSUSDT', 3, '2018-05-28 03:00', 12.4, 4, 30, 0.05, '2025-05-26 03:00'],
  ['TUSDUSDT', 4, '2018-05-23 03:00', 1.0, 4, 3, 0.3],
  ['IOTAUSDT', 4, '2018-05-31 08:00', 1.6, 4, 5, 0.12],
  ['XLMUSDT', 3, '2018-05-31 09:00', 0.28, 5, 18, 0.06],
  ['ONTUSDT', 3, '2018-06-01 03:00', 6.3, 4, 6, 0.14],
  ['ETCUSDT', 3, '2018-06-12 11:00', 14.2, 3, 20, 0.06],
  ['ICXUSDT', 3, '2018-06-28 07:00', 1.4, 4, 2, 0.3],
  ['VETUSDT', 3, '2018-07-25 08:00', 0.017, 6, 15, 0.08],
  ['USDCUSDT', 4, '2018-12-15 03:00', 1.0, 4, 140, 0.03, '2022-09-27 03:00/2023-03-10 06:00'],
  ['WAVESUSDT', 5, '2019-01-18 10:00', 2.7, 4, 4, 0.2, '2024-06-17 03:00'],
  ['ONGUSDT', 3, '2019-02-21 10:00', 0.3, 4, 2, 0.4],
  ['HOTUSDT', 3, '2019-03-05 10:00', 0.0012, 6, 3, 0.25],
  ['ZILUSDT', 3, '2019-03-15 04:00', 0.02, 5, 4, 0.2],
  ['FETUSDT', 3, '2019-03-20 05:00', 0.16, 4, 12, 0.12],
  ['ZRXUSDT', 3, '2019-03-20 05:00', 0.26, 4, 2, 0.35],
  ['BATUSDT', 3, '2019-03-20 05:00', 0.2, 4, 3, 0.25],
  ['XMRUSDT', 3, '2019-03-18 04:00', 51.0, 2, 8, 0.1, '2024-02-20 03:00'],
  ['ZECUSDT', 3, '2019-03-21 04:00', 55.0, 2, 10, 0.12],
  ['DASHUSDT', 4, '2019-03-28 04:00', 92.0, 2, 6, 0.15],
  ['MATICUSDT', 5, '2019-04-26 14:00', 0.0048, 5, 35, 0.05, '2024-09-10 03:00'],
  ['ATOMUSDT', 4, '2019-04-29 04:00', 4.0, 3, 16, 0.08],
  ['ALGOUSDT', 4, '2019-06-22 00:00', 3.2, 4, 9, 0.12],
  ['CHZUSDT', 3, '2019-08-28 10:00', 0.011, 5, 8, 0.15],
  ['XTZUSDT', 3, '2019-09-24 06:00', 1.02, 4, 5, 0.18],
  ['HBARUSDT', 4, '2019-09-29 12:00', 0.035, 5, 14, 0.1],
  ['STXUSDT', 3, '2019-10-25 08:00', 0.22, 4, 5, 0.2],
  ['BCHUSDT', 3, '2019-11-28 10:00', 208.0, 2, 25, 0.06],
  ['SANDUSDT', 4, '2020-08-14 10:00', 0.06, 4, 8, 0.15],
  ['DOTUSDT', 3, '2020-08-18 23:00', 2.9, 3, 35, 0.05],
  ['LUNAUSDT', 4, '2020-08-21 10:00', 0.5, 4, 12, 0.15, '2022-05-13 00:40/2022-05-31 06:00'],
  ['UNIUSDT', 3, '2020-09-17 03:00', 3.0, 3, 20, 0.07],
  ['AVAXUSDT', 4, '2020-09-22 06:30', 5.2, 3, 40, 0.04],
  ['FILUSDT', 3, '2020-10-15 08:00', 60.0, 3, 15, 0.08],
  ['NEARUSDT', 4, '2020-10-16 07:00', 1.4, 3, 22, 0.07],
  ['AAVEUSDT', 4, '2020-10-16 10:00', 52.0, 2, 18, 0.08],
  ['AXSUSDT', 3, '2020-11-04 12:00', 0.13, 3, 8, 0.2],
  ['1INCHUSDT', 5, '2020-12-25 05:00', 2.5, 4, 4, 0.2],
  ['SHIBUSDT', 4, '2021-05-10 11:00', 0.000031, 8, 45, 0.04],
  ['ICPUSDT', 3, '2021-05-11 01:00', 400.0, 3, 9, 0.12],
  ['APTUSDT', 3, '2022-10-19 01:00', 8.5, 3, 16, 0.08],
  ['ARBUSDT', 3, '2023-03-23 12:50', 1.3, 4, 20, 0.07],
  ['PEPEUSDT', 4, '2023-05-05 16:00', 0.0000021, 8, 12, 0.04],
  ['SUIUSDT', 3, '2023-05-03 12:00', 1.4, 4, 50, 0.04],
  ['ETHUSDC', 3, '2018-12-15 04:00', 84.0, 2, 90, 0.02, '2022-09-29 03:00/2023-03-12 08:00'],
  ['BTCUSDC', 3, '2018-12-15 04:00', 3200.0, 2, 130, 0.02, '2022-09-29 03:00/2023-03-12 08:00'],
  ['ETHBTC', 3, '2017-07-14 04:00', 0.08, 6, 0.004, 0.02],
  ['BNBBTC', 3, '2017-07-14 04:00', 0.00005, 8, 0.001, 0.06],
  ['LTCBTC', 3, '2017-07-14 04:00', 0.0187, 6, 0.0006, 0.15],
  ['NEOBTC', 3, '2017-07-14 04:00', 0.0035, 8, 0.0001, 0.35],
  ['XRPBTC', 3, '2017-10-10 06:00', 0.00005, 8, 0.0008, 0.12],
  ['VENBTC', 3, '2017-09-28 12:00', 0.00006, 8, 0.0001, 0.4, '2018-07-20 03:00'],
  ['BCCBTC', 3, '2017-08-25 06:00', 0.15, 6, 0.0004, 0.3, '2018-11-16 03:00'],
  ['NANOUSDT', 4, '2019-06-28 06:00', 1.2, 4, 3, 0.2, '2022-01-21 03:00', 'gone'],
  ['NANOBTC', 4, '2018-02-15 06:00', 0.00098, 8, 0.0002, 0.35, '2022-01-21 03:00', 'gone'],
];

function at(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

function livesOf(first: string, rest: string | undefined): Range[] {
  if (!rest) return [{ from: at(first), to: Number.POSITIVE_INFINITY }];
  const [end, again] = rest.split('/');
  const lives = [{ from: at(first), to: at(end!) }];
  if (again) lives.push({ from: at(again), to: Number.POSITIVE_INFINITY });
  return lives;
}

function decimalsOfVolume(price: number): number {
  if (price >= 1_000) return 5;
  if (price >= 100) return 4;
  if (price >= 10) return 3;
  if (price >= 1) return 2;
  return price >= 0.05 ? 1 : 0;
}

function builtIn([symbol, baseLength, first, price, decimals, thousands, quiet, rest, gone]: Row): PracticeSymbol {
  const lives = livesOf(first, rest);
  const quoteAsset = symbol.slice(baseLength);
  return {
    id: symbol,
    market: 'spot',
    symbol,
    baseAsset: symbol.slice(0, baseLength),
    quoteAsset,
    status: lives.at(-1)!.to === Number.POSITIVE_INFINITY ? 'TRADING' : 'BREAK',
    gone: gone === 'gone',
    lives,
    startPrice: price,
    priceDecimals: decimals,
    volumeDecimals: quoteAsset === 'BTC' ? 3 : decimalsOfVolume(price),
    // Coarse enough that a month's total still fits a double's fifteen digits.
    quoteDecimals: quoteAsset === 'BTC' ? 8 : 2,
    turnover: thousands * 1_000,
    quiet,
    threeDayPhase: threeDayPhaseOf(lives[0]!.from),
    fewestTrades: 1,
    future: null,
  };
}

/** With fewer trades no tape can tell a candle's four prices, volume and value exactly. */
export const FUTURES_FEWEST_TRADES = 8;

const QUOTE_ASSETS = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY', 'USD'];

/** A symbol that the caller wished for. Throws `AppError` usage.practice_symbol. */
export function extraSymbol(given: string | ExtraSymbol): PracticeSymbol {
  const wish: ExtraSymbol = typeof given === 'string' ? { symbol: given } : given;
  if (!isSymbol(wish.symbol))
    throw new AppError(
      'usage.practice_symbol',
      `The extra symbol "${wish.symbol}" of the practice exchange is not a name like FOOUSDT; use 1 to 20 of A-Z, 0-9, "-", "_" and ".".`,
    );
  const quote =
    wish.quoteAsset ?? QUOTE_ASSETS.find((each) => wish.symbol.endsWith(each) && wish.symbol !== each) ?? 'USDT';
  const base = wish.baseAsset ?? (wish.symbol.endsWith(quote) ? wish.symbol.slice(0, -quote.length) : wish.symbol);
  const listed = Math.max(EXCHANGE_EPOCH_MS, wish.listedAt ?? Date.UTC(2020, 0, 1));
  const from = Math.floor(listed / MINUTE_MS) * MINUTE_MS;
  const to = wish.lastCandleAt === undefined ? Number.POSITIVE_INFINITY : wish.lastCandleAt + MINUTE_MS;
  const price = wish.price ?? 1;
  const market = wish.market ?? 'spot';
  const priceDecimals = Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(price))));
  const volumeDecimals = market === 'cm' ? 0 : decimalsOfVolume(price);
  const ended = to !== Number.POSITIVE_INFINITY;
  return {
    id: market === 'spot' ? wish.symbol : `${market}/${wish.symbol}`,
    market,
    symbol: wish.symbol,
    baseAsset: base,
    quoteAsset: quote,
    status: !ended ? 'TRADING' : market === 'spot' ? 'BREAK' : market === 'um' ? 'SETTLING' : 'DELIVERED',
    gone: wish.gone ?? false,
    lives: [{ from, to }],
    startPrice: price,
    priceDecimals,
    volumeDecimals,
    quoteDecimals: market === 'spot' ? 2 : market === 'um' ? Math.min(8, priceDecimals + volumeDecimals) : 4,
    turnover: 20_000,
    quiet: wish.quiet ?? 0.05,
    threeDayPhase: threeDayPhaseOf(from),
    fewestTrades: market === 'spot' ? 1 : FUTURES_FEWEST_TRADES,
    future:
      market === 'spot'
        ? null
        : {
            pair: base + quote,
            contractType: 'PERPETUAL',
            contractSize: market === 'cm' ? 10 : null,
            onboardedAt: from,
            deliveredAt: null,
            spot: null,
            trimmedUntil: 0,
          },
  };
}

/** The built-in symbols of spot, in the order in which exchangeInfo lists them. */
export const SPOT_SYMBOLS: readonly PracticeSymbol[] = ROWS.map(builtIn);

export function isAlive(symbol: PracticeSymbol, minute: number): boolean {
  return symbol.lives.some((life) => minute >= life.from && minute < life.to);
}

/** First day (days since 1970) on which the symbol traded. */
export function firstDay(symbol: PracticeSymbol): number {
  return Math.floor(symbol.lives[0]!.from / DAY_MS);
}
