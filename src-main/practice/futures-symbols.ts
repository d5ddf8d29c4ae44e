import { DAY_MS, threeDayPhaseOf } from '@shared/market';
import { FUTURES_FEWEST_TRADES, type PracticeSymbol, SPOT_SYMBOLS } from './symbols';

/** symbol, first candle, price decimals, quantity decimals, value per minute in thousands, quiet share, [end] */
type UsdRow = [string, string, number, number, number, number, string?];

/** Decimals and turnover are such that the value of a month still fits a double's fifteen digits. */
const USD_ROWS: readonly UsdRow[] = [
  ['BTCUSDT', '2019-09-08 17:57', 1, 3, 1_500, 0.001],
  ['ETHUSDT', '2019-11-27 07:45', 2, 2, 800, 0.002],
  ['BCHUSDT', '2019-12-11 07:15', 2, 3, 40, 0.05],
  ['XRPUSDT', '2020-01-06 08:00', 4, 1, 90, 0.02],
  ['EOSUSDT', '2020-01-08 08:00', 3, 1, 12, 0.1, '2025-05-21 09:00'],
  ['LTCUSDT', '2020-01-09 08:00', 2, 3, 60, 0.03],
  ['TRXUSDT', '2020-01-15 08:00', 5, 0, 20, 0.06],
  ['ETCUSDT', '2020-01-16 08:00', 3, 2, 20, 0.06],
  ['LINKUSDT', '2020-01-17 08:00', 3, 2, 50, 0.04],
  ['ADAUSDT', '2020-01-31 08:00', 4, 0, 60, 0.03],
  ['BNBUSDT', '2020-02-10 08:00', 2, 2, 100, 0.02],
  ['DOGEUSDT', '2020-07-10 09:00', 5, 0, 60, 0.03],
  ['SOLUSDT', '2020-09-14 07:00', 3, 0, 200, 0.01],
];

/** symbol, spot symbol, first candle, price decimals, contract size, decimals of base volume, thousands a minute, quiet, [end], [gone] */
type CoinRow = [string, string, string, number, number, number, number, number, string?, 'gone'?];

const COIN_ROWS: readonly CoinRow[] = [
  ['BTCUSD_PERP', 'BTCUSDT', '2020-08-10 06:00', 1, 100, 8, 400, 0.01],
  ['ETHUSD_PERP', 'ETHUSDT', '2020-08-11 06:00', 2, 10, 6, 200, 0.02],
  ['LINKUSD_PERP', 'LINKUSDT', '2020-08-19 06:00', 3, 10, 5, 8, 0.2],
  ['ADAUSD_PERP', 'ADAUSDT', '2020-08-25 06:00', 5, 10, 3, 15, 0.1],
  ['XRPUSD_PERP', 'XRPUSDT', '2020-09-01 06:00', 4, 10, 3, 20, 0.1],
  ['DOTUSD_PERP', 'DOTUSDT', '2020-09-02 06:00', 3, 10, 5, 3, 0.97],
  ['BTCUSD_240628', 'BTCUSDT', '2023-12-29 08:00', 1, 100, 8, 30, 0.15, '2024-06-28 08:00'],
  ['BTCUSD_200925', 'BTCUSDT', '2020-08-12 06:00', 1, 100, 8, 12, 0.3, '2020-09-25 08:00', 'gone'],
];

function at(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

function spotSymbol(name: string): PracticeSymbol {
  const found = SPOT_SYMBOLS.find(({ symbol }) => symbol === name);
  if (!found) throw new RangeError(`A future follows ${name}, which the practice exchange does not have.`);
  return found;
}

function usdMargined([symbol, first, priceDecimals, volumeDecimals, thousands, quiet, end]: UsdRow): PracticeSymbol {
  const spot = spotSymbol(symbol);
  const from = at(first);
  return {
    ...spot,
    id: `um/${symbol}`,
    market: 'um',
    status: end ? 'SETTLING' : 'TRADING',
    lives: [{ from, to: end ? at(end) : Number.POSITIVE_INFINITY }],
    priceDecimals,
    volumeDecimals,
    quoteDecimals: priceDecimals + volumeDecimals,
    turnover: thousands * 1_000,
    quiet,
    threeDayPhase: threeDayPhaseOf(from),
    fewestTrades: FUTURES_FEWEST_TRADES,
    future: {
      pair: symbol,
      contractType: 'PERPETUAL',
      contractSize: null,
      // The best-known one was onboarded officially when its candles were weeks old.
      onboardedAt: symbol === 'BTCUSDT' ? at('2019-09-25 08:00') : from,
      deliveredAt: end ? at(end) : null,
      spot,
      trimmedUntil: symbol === 'BTCUSDT' ? from + 30 * DAY_MS : 0,
    },
  };
}

function coinMargined([
  symbol,
  spotName,
  first,
  priceDecimals,
  contractSize,
  quoteDecimals,
  thousands,
  quiet,
  end,
  gone,
]: CoinRow): PracticeSymbol {
  const spot = spotSymbol(spotName);
  const from = at(first);
  return {
    ...spot,
    id: `cm/${symbol}`,
    market: 'cm',
    symbol,
    quoteAsset: 'USD',
    status: end ? 'DELIVERED' : 'TRADING',
    gone: gone === 'gone',
    lives: [{ from, to: end ? at(end) : Number.POSITIVE_INFINITY }],
    priceDecimals,
    volumeDecimals: 0,
    quoteDecimals,
    turnover: thousands * 1_000,
    quiet,
    threeDayPhase: threeDayPhaseOf(from),
    fewestTrades: FUTURES_FEWEST_TRADES,
    future: {
      pair: `${spot.baseAsset}USD`,
      contractType: symbol.endsWith('_PERP') ? 'PERPETUAL' : 'CURRENT_QUARTER',
      contractSize,
      onboardedAt: from,
      deliveredAt: end ? at(end) : null,
      spot,
      trimmedUntil: 0,
    },
  };
}

/** The built-in symbols of USD-M and COIN-M, in the order in which exchangeInfo lists them. */
export const USD_MARGINED_SYMBOLS: readonly PracticeSymbol[] = USD_ROWS.map(usdMargined);
export const COIN_MARGINED_SYMBOLS: readonly PracticeSymbol[] = COIN_ROWS.map(coinMargined);
