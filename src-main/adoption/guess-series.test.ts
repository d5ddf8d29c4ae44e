import { candleSeries, type Interval, seriesKey } from '@shared/market';
import { expect, it } from 'vitest';
import { streamNodeId } from '../dag';
import { guessSeries, nodeIdsOf } from './guess-series';

const known = nodeIdsOf([candleSeries('BTCUSDT', '1m'), candleSeries('BTCUSDT', '1h')]);

function guess(table: string, nodeId: string | null = null, interval: Interval | null = null): string | null {
  const series = guessSeries({ table, nodeId, interval }, known);
  return series && seriesKey(series);
}

it.each([
  ['btcusdt_1h', 'binance:spot:BTCUSDT:1h'],
  ['BTC_USDT_1h', 'binance:spot:BTCUSDT:1h'],
  ['binance_spot_ethbtc_15m', 'binance:spot:ETHBTC:15m'],
  ['binance_cm_btcusd_perp_1mo', 'binance:cm:BTCUSD_PERP:1M'],
  ['my_futures_klines_1000pepe_usdt_5m', 'binance:um:1000PEPEUSDT:5m'],
  ['backtest fdusd.btcfdusd 4H', 'binance:spot:BTCFDUSD:4h'],
  ['BTCUSDT-1m-2024-01', 'binance:spot:BTCUSDT:1m'],
  ['cm BTCUSD_240628 1h 2024', 'binance:cm:BTCUSD_240628:1h'],
])('%s is taken for another series', (table, key) => {
  expect(guess(table)).toBe(key);
});

it.each(['candles', 'usdt_1h', 'weather_1h', 'btcusdt'])('%s is guessed at, although it does not tell', (table) => {
  expect(guess(table)).toBeNull();
});

it('a node id that says whose rows they are counts less than the name of the table', () => {
  const id = streamNodeId(candleSeries('BTCUSDT', '1h'));
  expect(guess('ethusdt_1m', id, '1h')).toBe('binance:spot:BTCUSDT:1h');
  expect(guess('ethusdt_1m', 'binance:um:SOLUSDT:5m')).toBe('binance:um:SOLUSDT:5m');
  expect(guess('recorded', 'sol-usdt', '1d')).toBe('binance:spot:SOLUSDT:1d');
  expect(guess('ethusdt_1m', 'f4'.repeat(32))).toBe('binance:spot:ETHUSDT:1m');
});

it('the interval of the rows counts less than a word in the name', () => {
  expect(guess('btcusdt_1h', null, '5m')).toBe('binance:spot:BTCUSDT:5m');
});

it('a column that names the symbol counts less than the name of the table, or what it says need not be a symbol', () => {
  const of = (symbol: string) =>
    guessSeries({ table: 'ethusdt_1m', nodeId: null, interval: null, symbol }, known)?.symbol;
  expect(of('sol/usdt')).toBe('SOLUSDT');
  expect(of('my portfolio')).toBe('ETHUSDT');
});
