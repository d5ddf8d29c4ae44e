import { parseCandleSeriesKey } from '@shared/market';
import { formatCount } from '../../components';

const NAMES_SHOWN = 4;

/** `BTCUSDT 1m`, `BTCUSDT, ETHUSDT 1m · BTCUSDT 1h`, `… and 10 more`: each series once, by interval. */
export function jobTitle(keys: readonly string[]): string {
  const distinct = [...new Set(keys)];
  const byInterval = new Map<string, string[]>();
  for (const key of distinct.slice(0, NAMES_SHOWN)) {
    const series = parseCandleSeriesKey(key);
    const interval = series?.interval ?? '';
    byInterval.set(interval, [...(byInterval.get(interval) ?? []), series?.symbol ?? key]);
  }
  const names = [...byInterval].map(([interval, symbols]) => `${symbols.join(', ')} ${interval}`.trim()).join(' · ');
  const rest = distinct.length - NAMES_SHOWN;
  return rest > 0 ? `${names} and ${formatCount(rest)} more` : names;
}
