import { AppError, type CandleLife, type Universe, type UniverseSymbol } from '@shared/contract';
import { floorToGrid, gridOf, type Interval } from '@shared/market';
import type { ArchiveListing } from './archive-listing';
import { archiveRange } from './archive-period';
import type { CallOptions } from './exchange-requests';
import type { BinanceRest } from './rest';

/** Status of a symbol that only the archive still knows: renamed, merged, or removed. */
export const GONE = 'GONE';

/** Statuses of symbols that will not trade again under this name. */
const ENDED = new Set(['BREAK', 'CLOSE', 'DELIVERED', GONE]);

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}

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
    symbols.push({ market, symbol, ...assetsOf(symbol, quotes), status: GONE, archived: true });
  }
  if (archived.odd.length > 0) {
    findings.push(
      `${archived.odd.length} folders of the archive have names that are no symbols, such as ${archived.odd[0]}.`,
    );
  }
  symbols.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  return { market, symbols, findings };
}

/**
 * First and last candle of one symbol: from the exchange (one request of the smallest weight each; the last one only for
 * symbols that have ended), from the listing for those that it no longer knows.
 */
export async function candleLifeOf(
  symbol: UniverseSymbol,
  interval: Interval,
  sources: { rest: BinanceRest; listing: ArchiveListing },
  options: CallOptions = {},
): Promise<CandleLife> {
  const { rest, listing } = sources;
  if (symbol.status !== GONE) {
    const first = await rest.firstCandle(symbol.symbol, interval, options);
    const ended = first !== null && hasEnded(symbol.status);
    const last = ended ? await rest.lastCandle(symbol.symbol, interval, options) : null;
    return { first, last, source: 'rest' };
  }
  const files = await listing.files(symbol.market, symbol.symbol, interval, 'archiveMonthly', options);
  const [first] = files;
  const last = files[files.length - 1];
  return {
    first: first ? archiveRange(first.period).from : null,
    last: last ? floorToGrid(gridOf(interval), archiveRange(last.period).to - 1) : null,
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
