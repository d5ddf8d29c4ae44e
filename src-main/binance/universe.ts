import { AppError, type CandleLife, type SymbolInfo, type Universe, type UniverseSymbol } from '@shared/contract';
import { floorToGrid, GONE, gridOf, hasEnded, type Interval, type Market, type Range } from '@shared/market';
import type { ArchiveListing } from './archive-listing';
import { archiveRange, hasDailyArchives } from './archive-period';
import type { CallOptions } from './exchange-requests';
import type { BinanceRest } from './rest';

/**
 * All symbols of a market: those that the exchange lists, whatever their status, and those that only the archive has. Two
 * requests, and one per thousand folders of the archive. An archive out of reach is a finding; the exchange is an error.
 */
export async function loadUniverse(
  rest: BinanceRest,
  listing: ArchiveListing,
  options: CallOptions = {},
): Promise<Universe> {
  const { market } = rest;
  const findings: string[] = [];
  const [info, archived] = await Promise.all([
    rest.exchangeInfo(options.signal),
    listing.symbols(market, options).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      findings.push(`Symbols that the exchange no longer lists are not known: ${error.message}`);
      return { symbols: [], odd: [] };
    }),
  ]);
  const folders = new Set(archived.symbols);
  const symbols = info.symbols.map((symbol) => ({ ...symbol, archived: folders.delete(symbol.symbol) }));
  const quotes = [...new Set(info.symbols.map((symbol) => symbol.quoteAsset))];
  for (const symbol of folders) {
    symbols.push(goneSymbol(market, symbol, quotes));
  }
  if (archived.odd.length > 0) {
    findings.push(
      `${archived.odd.length} folders of the archive have names that are no symbols, such as ${archived.odd[0]}.`,
    );
  }
  symbols.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  return { market, symbols, findings };
}

/** A symbol that only the archive has; `quotes` are the quote assets of the market, from which its own are guessed. */
export function goneSymbol(market: Market, symbol: string, quotes: readonly string[]): UniverseSymbol {
  return { market, symbol, ...assetsOf(symbol, quotes), status: GONE, archived: true };
}

/**
 * First and last candle of one symbol: from the exchange (one request of the smallest weight each; the last one only for
 * symbols that have ended), from the listing for those that it no longer knows (at most three requests).
 */
export async function candleLifeOf(
  symbol: SymbolInfo,
  interval: Interval,
  sources: { rest: BinanceRest; listing: ArchiveListing },
  options: CallOptions = {},
): Promise<CandleLife> {
  const { rest, listing } = sources;
  if (symbol.status === GONE) return archiveLifeOf(symbol, interval, listing, options);
  const first = await rest.firstCandle(symbol.symbol, interval, options);
  const ended = first !== null && hasEnded(symbol.status);
  const last = ended ? await rest.lastCandle(symbol.symbol, interval, options) : null;
  return { first, last, source: 'rest' };
}

/** The first and last possible opens in the symbol's files: its months, or its days where there are daily files of these months. */
async function archiveLifeOf(
  { market, symbol }: SymbolInfo,
  interval: Interval,
  listing: ArchiveListing,
  options: CallOptions,
): Promise<CandleLife> {
  const months = await listing.files(market, symbol, interval, 'archiveMonthly', options);
  const [first] = months;
  const last = months[months.length - 1];
  if (!first || !last) return { first: null, last: null, source: 'archive' };
  // Longer candles have no daily files; those of a day tell which days there were.
  const data = hasDailyArchives(interval) ? interval : '1d';
  const daysOf = async (month: Range): Promise<Range[]> => {
    const within = new Date(month.from).toISOString().slice(0, 7);
    const files = await listing.files(market, symbol, data, 'archiveDaily', { ...options, within });
    return files.map(({ period }) => archiveRange(period));
  };
  const [firstMonth, lastMonth] = [archiveRange(first.period), archiveRange(last.period)];
  const early = await daysOf(firstMonth);
  const late = first === last ? early : await daysOf(lastMonth);
  // The grid of three days shows in rows only: the day has to do.
  const grid = gridOf(interval === '3d' ? '1d' : interval);
  return {
    first: floorToGrid(grid, early[0]?.from ?? firstMonth.from),
    last: floorToGrid(grid, (late[late.length - 1] ?? lastMonth).to - 1),
    source: 'archive',
  };
}

/**
 * Base and quote of a name that nobody explains any more: the longest quote asset that it ends with, before a contract's
 * date or kind (`BTCUSD_200925`). A guess, but for whole families of names a right one.
 */
function assetsOf(symbol: string, quotes: readonly string[]): { baseAsset: string; quoteAsset: string } {
  const pair = symbol.split('_')[0]!;
  const quoteAsset = quotes
    .filter((quote) => quote !== '' && pair.endsWith(quote) && pair.length > quote.length)
    .reduce((longest, quote) => (quote.length > longest.length ? quote : longest), '');
  return { baseAsset: pair.slice(0, pair.length - quoteAsset.length), quoteAsset };
}
