import type { Interval, Market } from '@shared/market';
import { type ArchiveData, type ArchivePeriod, archiveFileName, archivePath } from './archive-period';
import { ArchiveRequests, type ArchiveRequestsOptions } from './archive-requests';
import { readChecksum } from './checksum-file';
import { textOf } from './exchange-answer';
import { baseAddress, type CallOptions } from './exchange-requests';
import type { HttpReply } from './http-client';

export interface ArchiveClientOptions extends ArchiveRequestsOptions {
  archiveUrl: string;
}

/** One file of candles, or with `kind: 'aggTrade'` of aggregate trades. */
export type ArchiveFileRequest = { market: Market; symbol: string; period: ArchivePeriod } & (
  | { kind?: 'kline'; interval: Interval }
  | { kind: 'aggTrade' }
);

export type ArchiveDownload =
  /** Unverified: `readKlineArchive` and `readAggTradeArchive` compare the checksum. */
  | { kind: 'file'; file: string; url: string; zip: Uint8Array; checksum: string; etag: string | null }
  /** The zip or its CHECKSUM file is not there (yet). */
  | { kind: 'not_published'; file: string };

/** What the archive tells of a zip without giving it. */
export interface ArchiveHead {
  file: string;
  url: string;
  /** As `ArchiveDownload` has it, with its quotes. */
  etag: string | null;
  /** Epoch ms. */
  lastModified: number | null;
  /** Bytes. */
  size: number | null;
}

const INSTEAD = 'its data can be fetched through REST';

/** Files of the bulk archive. */
export class ArchiveClient {
  readonly #base: string;
  readonly #requests: ArchiveRequests;

  constructor(options: ArchiveClientOptions) {
    this.#base = baseAddress(options.archiveUrl, 'binance.archiveUrl');
    this.#requests = new ArchiveRequests('binance.archiveUrl', options);
  }

  /**
   * Gets a zip and its CHECKSUM at the same time. Server errors, cut bodies and silence are tried again; a missing file is an
   * answer. Throws `archive.unreachable` or `archive.unavailable` after the last attempt.
   */
  async download(request: ArchiveFileRequest, options: CallOptions = {}): Promise<ArchiveDownload> {
    const { file, url } = this.#locate(request);
    const { signal } = options;
    signal?.throwIfAborted();
    // When one of the two is missing or fails, the other is of no use.
    const both = new AbortController();
    const abort = () => both.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const get = async (address: string): Promise<HttpReply> => {
      const reply = await this.#requests.get(address, file, INSTEAD, { ...options, signal: both.signal });
      if (reply === null) throw new NotPublished();
      return reply;
    };
    try {
      const [zip, checksum] = await Promise.all([get(url), get(`${url}.CHECKSUM`)]);
      const etag = zip.headers.etag ?? null;
      return { kind: 'file', file, url, zip: zip.body, checksum: textOf(checksum.body), etag };
    } catch (error) {
      both.abort();
      if (error instanceof NotPublished) return { kind: 'not_published', file };
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** ETag, age and size of a zip; `null` when it is not there. Throws like `download`. */
  async head(request: ArchiveFileRequest, options: CallOptions = {}): Promise<ArchiveHead | null> {
    const { file, url } = this.#locate(request);
    const reply = await this.#requests.head(url, file, options);
    if (reply === null) return null;
    const modified = Date.parse(reply.headers['last-modified'] ?? '');
    const size = Number(reply.headers['content-length'] ?? Number.NaN);
    return {
      file,
      url,
      etag: reply.headers.etag ?? null,
      lastModified: Number.isNaN(modified) ? null : modified,
      size: Number.isNaN(size) ? null : size,
    };
  }

  /**
   * The SHA-256 (lower-case hex) that is published for a zip now; `null` when there is none. Throws like `download`, and
   * `archive.bad_checksum_file`.
   */
  async checksum(request: ArchiveFileRequest, options: CallOptions = {}): Promise<string | null> {
    const { file, url } = this.#locate(request);
    const reply = await this.#requests.get(`${url}.CHECKSUM`, `the checksum of ${file}`, '', options);
    return reply === null ? null : readChecksum(textOf(reply.body), file);
  }

  #locate(request: ArchiveFileRequest): { file: string; url: string } {
    const { market, symbol, period } = request;
    const data: ArchiveData = request.kind === 'aggTrade' ? 'aggTrade' : request.interval;
    return {
      file: archiveFileName(symbol, data, period),
      url: `${this.#base}/${archivePath(market, symbol, data, period)}`,
    };
  }
}

/** Ends the download of a pair of files; never leaves this file. */
class NotPublished extends Error {}
