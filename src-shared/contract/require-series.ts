import { type CandleSeries, parseCandleSeriesKey } from '../market';
import { AppError } from './errors';

/** The series that a key names; throws `usage.bad_series` for text that names no series of candles. */
export function requireCandleSeries(key: string): CandleSeries {
  const series = parseCandleSeriesKey(key);
  if (series) return series;
  throw new AppError('usage.bad_series', `"${key}" is no series of candles; write it like binance:spot:BTCUSDT:1m.`);
}
