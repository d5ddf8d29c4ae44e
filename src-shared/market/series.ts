import { archiveInterval, type Interval, isInterval } from './interval';

export const MARKETS = ['spot', 'um', 'cm'] as const;
export type Market = (typeof MARKETS)[number];

export type SeriesKind = 'kline' | 'aggTrade' | 'trade';

/** One stream of candles or trades of one symbol; stored in one table. */
export interface Series {
  readonly exchange: 'binance';
  readonly market: Market;
  readonly symbol: string;
  readonly kind: SeriesKind;
  readonly interval: Interval | null;
}

/** A series of candles, whose interval is known. */
export interface CandleSeries extends Series {
  readonly kind: 'kline';
  readonly interval: Interval;
}

/** A series of aggregate trades. */
export interface TradeSeries extends Series {
  readonly kind: 'aggTrade';
  readonly interval: null;
}

/** A series that can be fetched and stored. */
export type StoredSeries = CandleSeries | TradeSeries;

/** Binance's own rule for symbol names. */
const SYMBOL_PATTERN = /^[A-Z0-9_.-]{1,20}$/;

export function isSymbol(text: string): boolean {
  return SYMBOL_PATTERN.test(text);
}

export function candleSeries(symbol: string, interval: Interval, market: Market = 'spot'): CandleSeries {
  return { exchange: 'binance', market, symbol, kind: 'kline', interval };
}

export function tradeSeries(symbol: string, market: Market = 'spot'): TradeSeries {
  return { exchange: 'binance', market, symbol, kind: 'aggTrade', interval: null };
}

export function isTradeSeries(series: Series): series is TradeSeries {
  return series.kind === 'aggTrade';
}

/** The bars by which coverage of a series is counted: its candles, or for trades the minutes. */
export function gridIntervalOf({ interval }: Pick<Series, 'interval'>): Interval {
  return interval ?? '1m';
}

/** What stands behind a symbol in lists and sentences: `1m`, `trades`. */
export function seriesWord({ interval }: Pick<Series, 'interval'>): string {
  return interval ?? 'trades';
}

/** What the bars of a series are called: `bar`, for trades `minute`. */
export function barWord({ interval }: Pick<Series, 'interval'>): 'bar' | 'minute' {
  return interval === null ? 'minute' : 'bar';
}

/** `binance:spot:BTCUSDT:1m`, for trades `binance:spot:BTCUSDT:aggTrade`. */
export function seriesKey(series: Series): string {
  return `${series.exchange}:${series.market}:${series.symbol}:${series.interval ?? series.kind}`;
}

/** Inverse of `seriesKey`; `null` for text that is no key. */
export function parseSeriesKey(key: string): Series | null {
  const [exchange, market, symbol, last, ...rest] = key.split(':');
  if (exchange !== 'binance' || rest.length > 0 || !symbol || !last || !isSymbol(symbol)) return null;
  if (!(MARKETS as readonly string[]).includes(market ?? '')) return null;
  const base = { exchange, market: market as Market, symbol } as const;
  if (isInterval(last)) return { ...base, kind: 'kline', interval: last };
  if (last === 'aggTrade' || last === 'trade') return { ...base, kind: last, interval: null };
  return null;
}

/** Like `parseSeriesKey`, for keys that must name candles. */
export function parseCandleSeriesKey(key: string): CandleSeries | null {
  const series = parseSeriesKey(key);
  return series?.kind === 'kline' && series.interval !== null ? (series as CandleSeries) : null;
}

/** Like `parseSeriesKey`, for keys of what can be fetched and stored. */
export function parseStoredSeriesKey(key: string): StoredSeries | null {
  const series = parseSeriesKey(key);
  return series === null || series.kind === 'trade' ? null : (series as StoredSeries);
}

/**
 * Table of a series, `binance_spot_btcusdt_1m`. Table names are case-insensitive, so a month is spelt `1mo` (as the archives
 * do): `…_1M` would be the minutes' table. Characters that a table name may not hold become `_`.
 */
export function tableName(series: Series): string {
  const tail = series.interval ? archiveInterval(series.interval) : series.kind;
  return `${series.exchange}_${series.market}_${series.symbol}_${tail}`.toLowerCase().replace(/[^a-z0-9_]/g, '_');
}

/** Order of symbols and other names, the same on every machine; loading the rules of a language takes longer than a long list. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
