import type { UniverseSymbol } from '@shared/contract';
import { compareText, GONE, hasEnded, INTERVALS, type Interval, type Market } from '@shared/market';

export type StatusFilter = 'trading' | 'ended' | 'all' | 'chosen';
export type SymbolOrder = 'name' | 'quote';

export interface UniverseFilter {
  readonly text: string;
  /** Empty lets every quote asset through. */
  readonly quotes: ReadonlySet<string>;
  readonly status: StatusFilter;
  readonly order: SymbolOrder;
}

/** `null` for a symbol that trades; what else the exchange says of it, in words. */
export function statusWords(status: string): string | null {
  if (status === 'TRADING') return null;
  if (status === GONE) return 'archive only';
  if (hasEnded(status)) return 'ended';
  return status.toLowerCase().replaceAll('_', ' ');
}

function matchesText({ symbol }: UniverseSymbol, wanted: string): boolean {
  return symbol.includes(wanted);
}

function matchesStatus(each: UniverseSymbol, status: StatusFilter, chosen: ReadonlySet<string>): boolean {
  switch (status) {
    case 'trading':
      return each.status === 'TRADING';
    case 'ended':
      return hasEnded(each.status);
    case 'chosen':
      return chosen.has(each.symbol);
    case 'all':
      return true;
  }
}

/** Exact names first, then names that start with the text, then the rest. */
function rank(symbol: string, wanted: string): number {
  if (symbol === wanted) return 0;
  return symbol.startsWith(wanted) ? 1 : 2;
}

/** Symbols that pass text, status and quote asset, in the order asked for; `symbols` is sorted by name. */
export function matchingSymbols(
  symbols: readonly UniverseSymbol[],
  filter: UniverseFilter,
  chosen: ReadonlySet<string>,
): UniverseSymbol[] {
  const wanted = filter.text.trim().toUpperCase();
  const found = symbols.filter(
    (each) =>
      matchesText(each, wanted) &&
      matchesStatus(each, filter.status, chosen) &&
      (filter.quotes.size === 0 || filter.quotes.has(each.quoteAsset)),
  );
  if (filter.order === 'quote')
    return found.sort((a, b) => compareText(a.quoteAsset, b.quoteAsset) || compareNames(a, b));
  return wanted === '' ? found : found.sort((a, b) => rank(a.symbol, wanted) - rank(b.symbol, wanted));
}

const compareNames = (a: UniverseSymbol, b: UniverseSymbol) => compareText(a.symbol, b.symbol);

export interface QuoteCount {
  readonly quote: string;
  readonly count: number;
}

/**
 * How many symbols each quote asset has among those that text and status let through, the most frequent first. Assets of
 * the filter are always among them, at last with 0, so that a chip that is pressed can be released.
 */
export function quoteCounts(
  symbols: readonly UniverseSymbol[],
  filter: UniverseFilter,
  chosen: ReadonlySet<string>,
): QuoteCount[] {
  const counts = new Map<string, number>();
  for (const quote of filter.quotes) counts.set(quote, 0);
  for (const { quoteAsset } of matchingSymbols(symbols, { ...filter, quotes: new Set(), order: 'name' }, chosen)) {
    if (quoteAsset !== '') counts.set(quoteAsset, (counts.get(quoteAsset) ?? 0) + 1);
  }
  return [...counts]
    .map(([quote, count]) => ({ quote, count }))
    .sort((a, b) => b.count - a.count || compareText(a.quote, b.quote));
}

export interface PickedList {
  readonly found: readonly string[];
  /** As they were written, each once. */
  readonly unknown: readonly string[];
}

/** Names of a pasted list or a file: separated by spaces, commas, semicolons or lines, quoted or not, in any case. */
export function pickByList(text: string, symbols: readonly UniverseSymbol[]): PickedList {
  const known = new Set(symbols.map((each) => each.symbol));
  const found = new Set<string>();
  const unknown = new Map<string, string>();
  for (const word of text.split(/[\s,;|"'`]+/)) {
    if (word === '') continue;
    const name = word.toUpperCase();
    if (known.has(name)) found.add(name);
    else if (!unknown.has(name)) unknown.set(name, word);
  }
  return { found: [...found], unknown: [...unknown.values()] };
}

/** Only spot has candles of a second. */
export function intervalsOf(market: Market): readonly Interval[] {
  return market === 'spot' ? INTERVALS : INTERVALS.filter((interval) => interval !== '1s');
}

/** What a symbol can be followed by: candles of an interval, or its aggregate trades. */
export type SeriesChoice = Interval | 'trades';

export interface Addition {
  readonly market: Market;
  readonly symbols: readonly string[];
  readonly intervals: readonly Interval[];
  readonly aggTrades: boolean;
}

/** What each symbol of an addition gets. */
export function choicesOf({ intervals, aggTrades }: Addition): SeriesChoice[] {
  return aggTrades ? [...intervals, 'trades'] : [...intervals];
}

export interface AdditionTotals {
  readonly symbols: number;
  readonly series: number;
  /** Of the series, those that are not on the list yet. */
  readonly fresh: number;
}

/** What the chosen symbols and intervals come to, one addition per market that has any. */
export function additionsOf(
  chosen: ReadonlyMap<Market, ReadonlySet<string>>,
  choices: ReadonlySet<SeriesChoice>,
): Addition[] {
  return [...chosen].flatMap(([market, symbols]) => {
    const own = intervalsOf(market).filter((interval) => choices.has(interval));
    const aggTrades = choices.has('trades');
    const isAny = symbols.size > 0 && (own.length > 0 || aggTrades);
    return isAny ? [{ market, symbols: [...symbols], intervals: own, aggTrades }] : [];
  });
}

/** @param listed says whether a series is on the list already. */
export function totalsOf(
  additions: readonly Addition[],
  listed: (market: Market, symbol: string, choice: SeriesChoice) => boolean,
): AdditionTotals {
  let symbols = 0;
  let series = 0;
  let fresh = 0;
  for (const addition of additions) {
    symbols += addition.symbols.length;
    const choices = choicesOf(addition);
    series += addition.symbols.length * choices.length;
    for (const symbol of addition.symbols)
      for (const choice of choices) if (!listed(addition.market, symbol, choice)) fresh++;
  }
  return { symbols, series, fresh };
}
