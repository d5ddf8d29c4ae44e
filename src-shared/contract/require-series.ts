import {
  type CandleSeries,
  parseCandleSeriesKey,
  parseSeriesKey,
  parseStoredSeriesKey,
  type StoredSeries,
} from '../market';
import { AppError } from './errors';

/** The series that a key names; throws `usage.bad_series` for text that names no series of candles. */
export function requireCandleSeries(key: string): CandleSeries {
  const series = parseCandleSeriesKey(key);
  if (series) return series;
  const what = parseSeriesKey(key) ? 'has trades and no candles' : 'is no series of candles';
  throw new AppError('usage.bad_series', `"${key}" ${what}; choose one like binance:spot:BTCUSDT:1m.`);
}

/** The series that a key names; throws `usage.bad_series` for text that names none that can be fetched. */
export function requireStoredSeries(key: string): StoredSeries {
  const series = parseStoredSeriesKey(key);
  if (series) return series;
  throw new AppError(
    'usage.bad_series',
    `"${key}" is no series that can be fetched; write it like binance:spot:BTCUSDT:1m or binance:spot:BTCUSDT:aggTrade.`,
  );
}
