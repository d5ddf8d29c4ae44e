import { barWord, parseSeriesKey, parseStoredSeriesKey } from '@shared/market';

/** What the bars of these series are called: minutes when all of them are trades. */
export function barWordOf(keys: readonly string[]): 'bar' | 'minute' {
  const series = keys.map(parseStoredSeriesKey);
  return series.length > 0 && series.every((each) => each !== null && barWord(each) === 'minute') ? 'minute' : 'bar';
}

/** `BTCUSDT 1m`, for trades `BTCUSDT aggTrade`; the market where it is not spot. */
export function seriesWords(key: string): string {
  const series = parseSeriesKey(key);
  if (!series) return key;
  const market = series.market === 'spot' ? '' : ` ${series.market}`;
  return `${series.symbol} ${series.interval ?? series.kind}${market}`;
}
