import { AppError } from '@shared/contract';
import { isSymbol, type Market } from '@shared/market';
import {
  type ArchiveData,
  type ArchivePeriod,
  archiveFileName,
  archiveFileStart,
  archiveFolder,
  archiveRange,
  archiveSymbolsFolder,
  periodOfFileName,
} from './archive-period';
import { ArchiveRequests, type ArchiveRequestsOptions } from './archive-requests';
import { textOf } from './exchange-answer';
import { baseAddress, type CallOptions } from './exchange-requests';
import { type ArchiveObject, type ListingPage, parseListing } from './listing-xml';

export interface ArchiveListingOptions extends ArchiveRequestsOptions {
  archiveListUrl: string;
}

/** A zip in the archive. */
export interface ListedArchive {
  file: string;
  period: ArchivePeriod;
  etag: string;
  /** Epoch ms. */
  lastModified: number;
  size: number;
}

/** The archive's table of contents: an S3 listing. */
export class ArchiveListing {
  readonly #base: string;
  readonly #requests: ArchiveRequests;

  constructor(options: ArchiveListingOptions) {
    this.#base = baseAddress(options.archiveListUrl, 'binance.archiveListUrl');
    this.#requests = new ArchiveRequests('binance.archiveListUrl', options);
  }

  /**
   * Everything below a prefix such as `data/spot/monthly/klines/BTCUSDT/1m/`, page after page; with `folders`, only what
   * stands directly in it, deeper folders as `prefixes`. Throws `archive.bad_listing`, `archive.unreachable` and
   * `archive.unavailable`.
   */
  async list(
    prefix: string,
    options: CallOptions & { folders?: boolean } = {},
  ): Promise<{ objects: ArchiveObject[]; prefixes: string[] }> {
    const objects: ArchiveObject[] = [];
    const prefixes: string[] = [];
    let marker = '';
    for (;;) {
      const page = await this.#page(prefix, marker, options);
      for (const object of page.objects) objects.push(object);
      for (const folder of page.prefixes) prefixes.push(folder);
      if (!page.truncated) return { objects, prefixes };
      const next = nextMarker(page);
      // Without progress the same page would come for ever.
      if (next === null || next <= marker) {
        throw new AppError(
          'archive.bad_listing',
          `The listing of ${prefix} does not go on behind "${marker}" although it says that more follows. Try again later.`,
          { prefix, marker, next },
        );
      }
      marker = next;
    }
  }

  /**
   * Symbols that have a folder in the archive, sorted: also those that the exchange no longer lists. `odd` are folders whose
   * names are no symbols.
   */
  async symbols(
    market: Market,
    options: CallOptions & { kind?: 'kline' | 'aggTrade'; tier?: ArchivePeriod['tier'] } = {},
  ): Promise<{ symbols: string[]; odd: string[] }> {
    const folder = archiveSymbolsFolder(market, options.tier ?? 'archiveMonthly', options.kind ?? 'kline');
    const { prefixes } = await this.list(folder, { ...options, folders: true });
    const names = prefixes.map((prefix) => prefix.slice(folder.length).replace(/\/$/, ''));
    return { symbols: names.filter(isSymbol).sort(), odd: names.filter((name) => !isSymbol(name)) };
  }

  /** Whether the archive has monthly files of the symbol's candles: one small request. */
  async has(market: Market, symbol: string, options: CallOptions = {}): Promise<boolean> {
    const folder = `${archiveSymbolsFolder(market, 'archiveMonthly', 'kline')}${symbol}/`;
    const { prefixes } = await this.list(folder, { ...options, folders: true });
    return prefixes.length > 0;
  }

  /**
   * Zips of one symbol, in the order of time; empty when there are none. CHECKSUM files are left out. `within` asks for those
   * of a year or month only, `2020-01`.
   */
  async files(
    market: Market,
    symbol: string,
    data: ArchiveData,
    tier: ArchivePeriod['tier'],
    { within, ...options }: CallOptions & { within?: string } = {},
  ): Promise<ListedArchive[]> {
    const folder = archiveFolder(market, tier, symbol, data);
    const start = within === undefined ? '' : archiveFileStart(symbol, data) + within;
    const { objects } = await this.list(folder + start, options);
    const files: ListedArchive[] = [];
    for (const { key, etag, lastModified, size } of objects) {
      const file = key.slice(folder.length);
      const period = periodOfFileName(file);
      if (period?.tier !== tier || archiveFileName(symbol, data, period) !== file) continue;
      files.push({ file, period, etag, lastModified, size });
    }
    return files.sort((a, b) => archiveRange(a.period).from - archiveRange(b.period).from);
  }

  async #page(
    prefix: string,
    marker: string,
    { folders = false, ...options }: CallOptions & { folders?: boolean },
  ): Promise<ListingPage> {
    const query = new URLSearchParams({
      ...(folders ? { delimiter: '/' } : {}),
      prefix,
      ...(marker ? { marker } : {}),
    });
    const reply = await this.#requests.get(`${this.#base}?${query}`, `the listing of ${prefix}`, '', options);
    if (reply === null) {
      throw new AppError(
        'archive.unavailable',
        `The listing of ${prefix} is not at ${new URL(this.#base).host}. Check the setting binance.archiveListUrl.`,
        { prefix },
      );
    }
    return parseListing(textOf(reply.body), prefix);
  }
}

/** The server names it only for listings with folders; otherwise it is the last key. */
function nextMarker(page: ListingPage): string | null {
  if (page.nextMarker !== null) return page.nextMarker;
  const ends = [page.objects.at(-1)?.key, page.prefixes.at(-1)].filter((name) => name !== undefined);
  return ends.sort().at(-1) ?? null;
}
