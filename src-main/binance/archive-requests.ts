import { AppError } from '@shared/contract';
import { createCounters } from './counters';
import { proxyLogin, textOf } from './exchange-answer';
import type { CallOptions, Logger } from './exchange-requests';
import { AxiosHttpClient, type HttpClient, type HttpReply, networkReason } from './http-client';
import { DEFAULT_PATIENCE, type Patience } from './patience';
import { backoffMs, DEFAULT_RETRY, type RetryPolicy, realSleep, retryAfterMs, type Sleep } from './retry';

export interface ArchiveRequestsOptions {
  http?: HttpClient;
  retry?: Partial<RetryPolicy>;
  patience?: Partial<Patience>;
  now?: () => number;
  sleep?: Sleep;
  random?: () => number;
  logger?: Logger;
}

/** A month of seconds, the biggest file of candles, has about 120 MB; a busy day of trades half of that. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_RETRY_AFTER_MS = 60_000;

/** Requests to the bulk archive and its listing, with retries. They need no weight, so no limiter either. */
export class ArchiveRequests {
  readonly #http: HttpClient;
  readonly #retry: RetryPolicy;
  readonly #stallMs: number;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #logger: Logger | null;

  /** `setting` is the name of the setting that holds the address, for the sentences. */
  constructor(
    readonly setting: string,
    options: ArchiveRequestsOptions,
  ) {
    this.#http = options.http ?? new AxiosHttpClient();
    const { archiveStallMs, firstRetryMs } = { ...DEFAULT_PATIENCE, ...options.patience };
    this.#retry = { ...DEFAULT_RETRY, baseMs: firstRetryMs, ...options.retry };
    this.#stallMs = archiveStallMs;
    this.#now = options.now ?? Date.now;
    this.#sleep = options.sleep ?? realSleep;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? null;
  }

  /** `null` when the object does not exist. `what` names it in the sentences, `instead` tells what else can be done. */
  get(url: string, what: string, instead: string, options: CallOptions): Promise<HttpReply | null> {
    const { signal } = options;
    const attempt = () => this.#http.get(url, { signal, stallMs: this.#stallMs, maxBytes: MOST_BYTES });
    return this.#try(attempt, url, what, instead, options);
  }

  /** The object's headers; `null` when it does not exist. */
  head(url: string, what: string, options: CallOptions): Promise<HttpReply | null> {
    const { signal } = options;
    return this.#try(() => this.#http.head(url, { signal, stallMs: this.#stallMs }), url, what, '', options);
  }

  async #try(
    attempt: () => Promise<HttpReply>,
    url: string,
    what: string,
    instead: string,
    { signal, counters = createCounters() }: CallOptions,
  ): Promise<HttpReply | null> {
    const host = new URL(url).host;
    const hint = instead ? `; ${instead}.` : '.';
    for (let failures = 1; ; failures++) {
      signal?.throwIfAborted();
      counters.requests++;
      let waitMs: number | null = null;
      let failure: AppError;
      try {
        const reply = await attempt();
        counters.bytes += reply.wireBytes;
        if (reply.status === 200) return reply;
        if (reply.status === 404 || isNoSuchKey(reply)) return null;
        if (reply.status === 407) throw proxyLogin('archive.proxy_login', { url, status: reply.status });
        const tryLater = reply.status >= 500 || reply.status === 429;
        failure = new AppError(
          'archive.unavailable',
          `${host} answered ${what} with status ${reply.status}. ${tryLater ? 'Try again later' : `Check the setting ${this.setting}`}${hint}`,
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
          `${what} could not be fetched from ${host} (${reason}). Check the network, a proxy (HTTPS_PROXY) and the setting ${this.setting}.`,
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

function isNoSuchKey(reply: HttpReply): boolean {
  return reply.status >= 400 && reply.status < 500 && textOf(reply.body.subarray(0, 2000)).includes('NoSuchKey');
}
