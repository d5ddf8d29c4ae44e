import { barWord, parseStoredSeriesKey } from '@shared/market';

/** What the bars of these series are called: minutes when all of them are trades. */
export function barWordOf(keys: readonly string[]): 'bar' | 'minute' {
  const series = keys.map(parseStoredSeriesKey);
  return series.length > 0 && series.every((each) => each !== null && barWord(each) === 'minute') ? 'minute' : 'bar';
}
