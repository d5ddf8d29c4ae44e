import { parseSeriesKey, seriesWord } from '@shared/market';
import { formatCount } from '../../components';

const NAMES_SHOWN = 4;
const SYMBOLS_SHOWN = 3;

/**
 * What a job is about, in one line: `BTCUSDT, ETHUSDT 1m · BTCUSDT 1h` for a few series, `ADAUSDT, BTCUSDT, ETHUSDT and 17 more · 1m, 1h`
 * for symbols with the same intervals each, and the first few series `and 10 more` for any others.
 */
export function jobTitle(keys: readonly string[]): string {
  const distinct = [...new Set(keys)];
  if (distinct.length <= NAMES_SHOWN) return namesOf(distinct);
  const bySymbol = new Map<string, string[]>();
  for (const key of distinct) {
    const { symbol, last } = partsOf(key);
    bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), last]);
  }
  const sets = new Set([...bySymbol.values()].map((lasts) => [...lasts].sort().join(', ')));
  if (sets.size > 1) {
    const rest = distinct.length - NAMES_SHOWN;
    return `${namesOf(distinct.slice(0, NAMES_SHOWN))} and ${formatCount(rest)} more`;
  }
  const symbols = [...bySymbol.keys()];
  const rest = symbols.length - SYMBOLS_SHOWN;
  const names = symbols.slice(0, SYMBOLS_SHOWN).join(', ');
  return `${names}${rest > 0 ? ` and ${formatCount(rest)} more` : ''} · ${[...bySymbol.values()][0]!.join(', ')}`;
}

/** Each series once, by interval. */
function namesOf(keys: readonly string[]): string {
  const byLast = new Map<string, string[]>();
  for (const key of keys) {
    const { symbol, last } = partsOf(key);
    byLast.set(last, [...(byLast.get(last) ?? []), symbol]);
  }
  return [...byLast].map(([last, symbols]) => `${symbols.join(', ')} ${last}`.trim()).join(' · ');
}

function partsOf(key: string): { symbol: string; last: string } {
  const series = parseSeriesKey(key);
  return series ? { symbol: series.symbol, last: seriesWord(series) } : { symbol: key, last: '' };
}
