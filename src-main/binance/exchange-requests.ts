import { AppError } from '@shared/contract';
import { type Counters, createCounters } from './counters';
import { judgeAnswer } from './exchange-answer';
import { type HttpClient, networkReason } from './http-client';
import { backoffMs, type RetryPolicy, type Sleep } from './retry';
import type { WeightLimiter } from './weight-limiter';

/** The part of a pino logger that is needed here. */
export interface Logger {
  warn(data: object, message: string): void;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  counters?: Counters | undefined;
}

export interface RequestOptions extends CallOptions {
  /** Fewer tries and less patience than usual, where somebody waits for the answer. */
  attempts?: number;
  stallMs?: number;
}

export interface ExchangeReply {
  json: unknown;
  /** This machine's clock when the answered request left, and when its answer was there. */
  sentAt: number;
  receivedAt: number;
}

export interface ExchangeRequestsOptions {
  urls: readonly string[];
  /** Name of the setting that holds the addresses, for sentences. */
  setting: string;
  limiter: WeightLimiter;
  http: HttpClient;
  retry: RetryPolicy;
  now: () => number;
  sleep: Sleep;
  random: () => number;
  logger: Logger | null;
}

interface Outcome {
  /** `switch`: another address may answer at once; `wait`: back off first; `again`: the limiter does the waiting. */
  next: 'switch' | 'wait' | 'again';
  error: AppError;
}

/** The exchange's own time-out is 10 s and ends in an answer, so silence beyond that is a dead connection. */
const STALL_MS = 15_000;
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Requests to one market's REST interface: through the limiter, with retries, and from one address to the next when the
 * first does not answer.
 */
export class ExchangeRequests {
  readonly #options: ExchangeRequestsOptions;
  /** Index of the address that answered last. */
  #active = 0;

  constructor(options: ExchangeRequestsOptions) {
    const { urls, setting } = options;
    if (urls.length === 0) throw new AppError('usage.bad_setting', `${setting} is empty; it needs an http(s) address.`);
    this.#options = { ...options, urls: urls.map((url) => baseAddress(url, setting)) };
  }

  /**
   * `target` is path and query. Throws `AppError` `usage.*` when the request itself is wrong, `exchange.*` when the exchange
   * cannot be reached or does not answer properly after all attempts, and the signal's reason on abort.
   */
  async get(target: string, weight: number, options: RequestOptions = {}): Promise<ExchangeReply> {
    const { urls, limiter, retry, sleep, random, logger } = this.#options;
    const { signal, counters = createCounters(), attempts = retry.attempts, stallMs = STALL_MS } = options;
    let address = this.#active;
    /** Errors of the addresses that gave none of this round's answers. */
    let round: AppError[] = [];
    for (let failures = 0; ; ) {
      await limiter.acquire(weight, signal);
      counters.requests++;
      counters.weight += weight;
      const base = urls[address]!;
      const outcome = await this.#attempt(base, target, { signal, counters, stallMs });
      if ('json' in outcome) {
        this.#active = address;
        return outcome;
      }
      let { error } = outcome;
      const switching = outcome.next === 'switch';
      if (switching) {
        round.push(error);
        address = (address + 1) % urls.length;
      }
      const goOn = switching && round.length < urls.length;
      if (!goOn) {
        failures++;
        const passing = round.find((each) => !isFinal(each));
        if (switching && !passing) throw round[0]!;
        error = passing ?? error;
        round = [];
        if (failures >= attempts) throw error;
      }
      counters.retries++;
      logger?.warn({ url: base, target, code: error.code, failures }, error.message);
      if (!goOn && outcome.next !== 'again') await sleep(backoffMs(retry, failures, random), signal);
    }
  }

  async #attempt(
    base: string,
    target: string,
    call: { signal: AbortSignal | undefined; counters: Counters; stallMs: number },
  ): Promise<ExchangeReply | Outcome> {
    const { urls, setting, limiter, http, now } = this.#options;
    const { signal, counters, stallMs } = call;
    const host = new URL(base).host;
    const path = target.split('?')[0]!;
    const sentAt = now();
    try {
      const reply = await http.get(base + target, { signal, stallMs, maxBytes: MOST_BYTES });
      const receivedAt = now();
      counters.bytes += reply.wireBytes;
      limiter.observe(reply.headers, reply.status, sentAt);
      const answer = judgeAnswer(reply, { host, path, setting });
      if (answer.kind === 'ok') return { json: answer.json, sentAt, receivedAt };
      if (answer.kind === 'refused') throw answer.error;
      if (answer.kind === 'throttled') {
        // Without a status that the limiter knows, the code in the body is the only sign.
        if (reply.status !== 429 && reply.status !== 418) limiter.observe(reply.headers, 429, sentAt);
        if (answer.bannedUntil !== null) limiter.block(answer.bannedUntil);
        return { next: 'again', error: answer.error };
      }
      return { next: answer.kind === 'elsewhere' ? 'switch' : 'wait', error: answer.error };
    } catch (error) {
      if (error instanceof AppError) throw error;
      signal?.throwIfAborted();
      const reason = networkReason(error);
      return {
        next: 'switch',
        error: new AppError(
          'exchange.unreachable',
          `${urls.map((url) => new URL(url).host).join(' and ')} cannot be reached (${reason}). Check the network, a proxy (HTTPS_PROXY) and the setting ${setting}; what is stored stays.`,
          { host, path, reason },
          { cause: error },
        ),
      };
    }
  }
}

/** The address without trailing slashes, so that paths can be appended. Throws `usage.bad_setting`. */
export function baseAddress(text: string, setting: string): string {
  if (/^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new AppError(
    'usage.bad_setting',
    `${setting} is "${text}"; it must be an http(s) address like https://data-api.binance.vision.`,
  );
}

/** A firewall or a border does not go away by waiting some seconds. */
function isFinal(error: AppError): boolean {
  return error.code === 'exchange.restricted' || error.code === 'exchange.blocked';
}
