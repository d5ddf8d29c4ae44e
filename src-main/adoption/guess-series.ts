import {
  type CandleSeries,
  candleSeries,
  INTERVALS,
  type Interval,
  isSymbol,
  type Market,
  parseCandleSeriesKey,
} from '@shared/market';
import { streamNodeId } from '../dag';
import type { ForeignStream } from '../questdb';

/** Words of table names that say nothing of the symbol. */
const NOISE = new Set(
  'binance spot futures um usdm cm coinm kline klines candle candles ohlc ohlcv bars data table history'.split(' '),
);
const MARKET_WORDS: Record<string, Market> = { um: 'um', usdm: 'um', futures: 'um', cm: 'cm', coinm: 'cm' };
const QUOTES = new Set('USDT USDC FDUSD TUSD BUSD USDP DAI USD BTC ETH BNB EUR GBP TRY BRL JPY AUD'.split(' '));
const PAIR = new RegExp(`^[A-Z0-9]{2,}(${[...QUOTES].join('|')})$`);

/** Series by the node ids that QMTL's streams of them have. */
export function nodeIdsOf(known: Iterable<CandleSeries>): ReadonlyMap<string, CandleSeries> {
  return new Map([...known].map((series) => [streamNodeId(series), series]));
}

/**
 * The series that rows of another program seem to be of. A node id that is one of `byNodeId`, or a key, is certain; else the words
 * of the table's name (or a node id that looks like a symbol) are read, which can be wrong. Null when they do not tell.
 */
export function guessSeries(
  {
    table,
    nodeId,
    interval,
    symbol = null,
  }: Pick<ForeignStream, 'table' | 'nodeId' | 'interval'> & {
    /** What a column of the rows calls the symbol. */
    symbol?: string | null;
  },
  byNodeId: ReadonlyMap<string, CandleSeries>,
): CandleSeries | null {
  const certain = nodeId === null ? null : (byNodeId.get(nodeId) ?? parseCandleSeriesKey(nodeId));
  if (certain) return certain;
  const words = wordsOf(table);
  const length = interval ?? lastOf(words.map(intervalOfWord));
  if (length === null) return null;
  const market = lastOf(words.map((word) => MARKET_WORDS[word.toLowerCase()] ?? null)) ?? 'spot';
  const rest = words.filter((word) => !NOISE.has(word.toLowerCase()) && intervalOfWord(word) === null);
  const named = [symbolOf(wordsOf(symbol ?? '')), symbolOf(withoutDay(rest)), symbolOf(wordsOf(nodeId ?? ''))].find(
    (found) => found !== null,
  );
  if (!named) return null;
  return candleSeries(named, length, market);
}

function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
}

/** Without the year, month or day at the end, as names of files have it: BTCUSDT-1m-2024-01. */
function withoutDay(words: readonly string[]): readonly string[] {
  const isName = words.map((word) => !/^\d{1,4}$/.test(word));
  return words.slice(0, isName.lastIndexOf(true) + 1);
}

/** The shortest end of the words that is a pair: `my`, `btc`, `usdt` → BTCUSDT. What stands behind a contract's pair stays apart: BTCUSD_PERP. */
function symbolOf(words: readonly string[]): string | null {
  const upper = words.map((word) => word.toUpperCase());
  const last = upper[upper.length - 1] ?? '';
  const isContract = upper.length > 1 && /^(PERP|\d{6})$/.test(last);
  const pair = isContract ? upper.slice(0, -1) : upper;
  for (let from = pair.length - 1; from >= 0; from--) {
    const joined = pair.slice(from).join('');
    if (QUOTES.has(joined) || !PAIR.test(joined)) continue;
    const symbol = isContract ? `${joined}_${last}` : joined;
    return isSymbol(symbol) ? symbol : null;
  }
  return null;
}

/** `1h`, `1H` and `1mo` as table names have them: a month is not written `1M` there. */
function intervalOfWord(word: string): Interval | null {
  const lower = word.toLowerCase();
  if (lower === '1mo') return '1M';
  return INTERVALS.find((each) => each !== '1M' && each === lower) ?? null;
}

function lastOf<T>(found: readonly (T | null)[]): T | null {
  return found.filter((each) => each !== null).pop() ?? null;
}
