import { AppError } from '@shared/contract';
import type { Interval, Market } from '@shared/market';
import { type ArchivePeriod, archiveFileName, archivePath } from './archive-period';
import { createCounters } from './counters';
import { textOf } from './exchange-answer';
import { baseAddress, type CallOptions, type Logger } from './exchange-requests';
import { AxiosHttpClient, type HttpClient, type HttpReply, networkReason } from './http-client';
import { backoffMs, DEFAULT_RETRY, type RetryPolicy, realSleep, retryAfterMs, type Sleep } from './retry';

export interface ArchiveClientOptions {
  archiveUrl: string;
  http?: HttpClient;
  retry?: Partial<RetryPolicy>;
  now?: () => number;
  sleep?: Sleep;
  random?: () => number;
  logger?: Logger;
}

export interface ArchiveFileRequest {
  market: Market;
  symbol: string;
  interval: Interval;
  period: ArchivePeriod;
}

export type ArchiveDownload =
  /** Unverified: `readKlineArchive` compares the checksum. */
  | { kind: 'file'; file: string; url: string; zip: Uint8Array; checksum: string; etag: string | null }
  /** The zip or its CHECKSUM file is not there (yet). */
  | { kind: 'not_published'; file: string };

const STALL_MS = 30_000;
/** A month of seconds, the biggest file, has about 120 MB. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_RETRY_AFTER_MS = 60_000;

/** Files of the bulk archive. They need no weight, so no limiter either. */
export class ArchiveClient {
  readonly #base: string;
  readonly #http: HttpClient;
  readonly #retry: RetryPolicy;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #logger: Logger | null;

  constructor(options: ArchiveClientOptions) {
    this.#base = baseAddress(options.archiveUrl, 'binance.archiveUrl');
    this.#http = options.http ?? new AxiosHttpClient();
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#now = options.now ?? Date.now;
    this.#sleep = options.sleep ?? realSleep;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? null;
  }

  /**
   * Gets a zip and its CHECKSUM at the same time. Server errors, cut bodies and silence are tried again; a missing file is an
   * answer. Throws `archive.unreachable` or `archive.unavailable` after the last attempt.
   */
  async download(request: ArchiveFileRequest, options: CallOptions = {}): Promise<ArchiveDownload> {
    const { market, symbol, interval, period } = request;
    const file = archiveFileName(symbol, interval, period);
    const url = `${this.#base}/${archivePath(market, symbol, interval, period)}`;
    const { signal } = options;
    signal?.throwIfAborted();
    // When one of the two is missing or fails, the other is of no use.
    const both = new AbortController();
    const abort = () => both.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    const get = async (address: string): Promise<HttpReply> => {
      const reply = await this.#get(address, file, { ...options, signal: both.signal });
      if (reply === null) throw new NotPublished();
      return reply;
    };
    try {
      const [zip, checksum] = await Promise.all([get(url), get(`${url}.CHECKSUM`)]);
      const etag = zip.headers.etag ?? null;
      return { kind: 'file', file, url, zip: zip.body, checksum: textOf(checksum.body), etag };
    } catch (error) {
      if (error instanceof NotPublished) return { kind: 'not_published', file };
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      both.abort();
    }
  }

  /** `null` when the object does not exist. */
  async #get(
    url: string,
    file: string,
    { signal, counters = createCounters() }: CallOptions,
  ): Promise<HttpReply | null> {
    const host = new URL(url).host;
    for (let failures = 1; ; failures++) {
      signal?.throwIfAborted();
      counters.requests++;
      let waitMs: number | null = null;
      let failure: AppError;
      try {
        const reply = await this.#http.get(url, { signal, stallMs: STALL_MS, maxBytes: MOST_BYTES });
        counters.bytes += reply.wireBytes;
        if (reply.status === 200) return reply;
        if (reply.status === 404 || isNoSuchKey(reply)) return null;
        const tryLater = reply.status >= 500 || reply.status === 429;
        failure = new AppError(
          'archive.unavailable',
          `${host} answered ${file} with status ${reply.status}. ${tryLater ? 'Try again later; its candles can be fetched through REST.' : 'Check the setting binance.archiveUrl; its candles can be fetched through REST.'}`,
          { url, status: reply.status },
        );
        if (!tryLater) throw failure;
        waitMs = retryAfterMs(reply.headers['retry-after'], this.#now());
      } catch (error) {
        if (error instanceof AppError) throw error;
        signal?.throwIfAborted();
        const reason = networkReason(error);
        failure = new AppError(
          'archive.unreachable',
          `${file} could not be fetched from ${host} (${reason}). Check the network, a proxy (HTTPS_PROXY) and the setting binance.archiveUrl.`,
          { url, reason },
          { cause: error },
        );
      }
      if (failures >= this.#retry.attempts) throw failure;
      counters.retries++;
      this.#logger?.warn({ url, code: failure.code, failures }, failure.message);
      const backoff = backoffMs(this.#retry, failures, this.#random);
      await this.#sleep(Math.min(MOST_RETRY_AFTER_MS, Math.max(backoff, waitMs ?? 0)), signal);
    }
  }
}

/** Ends the download of a pair of files; never leaves this file. */
class NotPublished extends Error {}

function isNoSuchKey(reply: HttpReply): boolean {
  return reply.status >= 400 && reply.status < 500 && textOf(reply.body.subarray(0, 2000)).includes('NoSuchKey');
}
