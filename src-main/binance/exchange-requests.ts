import { AppError } from '@shared/contract';
import { type Counters, createCounters } from './counters';
import { judgeAnswer } from './exchange-answer';
import { type HttpGetter, networkReason } from './http-client';
import type { Patience } from './patience';
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
  /** False: a firewall at the only address is an error at once. By default its pause is waited for. */
  waitOutBlocks?: boolean;
  headers?: Readonly<Record<string, string>>;
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
  http: HttpGetter;
  retry: RetryPolicy;
  patience: Pick<Patience, 'firewallPauseMs' | 'restStallMs'>;
  now: () => number;
  sleep: Sleep;
  random: () => number;
  logger: Logger | null;
}

interface Outcome {
  /**
   * `switch`: another address may answer at once; `blocked`: the same, and this one needs rest; `wait`: back off first;
   * `again`: the limiter does the waiting.
   */
  next: 'switch' | 'blocked' | 'wait' | 'again';
  error: AppError;
  /** This machine's clock when the request left. */
  sentAt: number;
}

/** An address whose firewall refused us. Times are this machine's clock. */
interface Pause {
  /** How often in a row. */
  times: number;
  since: number;
  until: number;
  error: AppError;
}

const MOST_BYTES = 128 * 1024 * 1024;
const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * Requests to one market's REST interface: through the limiter, with retries, and from one address to the next when the
 * first does not answer.
 */
export class ExchangeRequests {
  readonly #options: ExchangeRequestsOptions;
  /** Index of the address that answered last. */
  #active = 0;
  readonly #pauses = new Map<number, Pause>();

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
    const { signal, counters = createCounters(), attempts = retry.attempts, waitOutBlocks = true } = options;
    const resting = waitOutBlocks ? null : this.#restingError();
    if (resting) throw resting;
    let address = this.#active;
    /** Errors of the addresses that gave none of this round's answers. */
    const round = new Map<number, AppError>();
    for (let failures = 0; ; ) {
      await limiter.acquire(weight, signal);
      // While this one waited, others may have been refused there.
      address = this.#rested(address, round) ?? address;
      counters.requests++;
      counters.weight += weight;
      const outcome = await this.#attempt(address, target, { ...options, counters });
      if ('json' in outcome) {
        this.#active = address;
        this.#pauses.delete(address);
        return outcome;
      }
      let { error } = outcome;
      const base = urls[address]!;
      const switching = outcome.next === 'switch' || outcome.next === 'blocked';
      if (outcome.next === 'blocked') this.#pause(address, outcome);
      if (switching) round.set(address, error);
      const other = switching ? this.#rested(address, round) : null;
      if (other !== null) address = other;
      else {
        failures++;
        if (switching) {
          const errors = [...round.values()];
          const passing = errors.find((each) => !isFinal(each, waitOutBlocks));
          if (!passing) throw errors[0]!;
          error = passing;
        }
        if (failures >= attempts) throw error;
        round.clear();
        const next = switching ? (address + 1) % urls.length : address;
        address = this.#rested(next, round) ?? this.#soonest();
      }
      counters.retries++;
      logger?.warn({ url: base, target, code: error.code, failures }, error.message);
      if (other === null && this.#pauseLeft(address) === 0 && outcome.next !== 'again') {
        await sleep(backoffMs(retry, failures, random), signal);
      }
    }
  }

  /** The first address from here on that was not tried in this round and is not resting; null when there is none. */
  #rested(from: number, round: ReadonlyMap<number, AppError>): number | null {
    const { urls } = this.#options;
    for (let i = 0; i < urls.length; i++) {
      const address = (from + i) % urls.length;
      if (!round.has(address) && this.#pauseLeft(address) === 0) return address;
    }
    return null;
  }

  /** Why nothing can be asked now; null when some address is not resting. */
  #restingError(): AppError | null {
    const all = this.#options.urls.every((_, address) => this.#pauseLeft(address) > 0);
    return all ? this.#pauses.get(this.#soonest())!.error : null;
  }

  /** The address whose rest ends first. */
  #soonest(): number {
    const { urls } = this.#options;
    const left = urls.map((_, address) => this.#pauseLeft(address));
    return left.indexOf(Math.min(...left));
  }

  /** Lets an address rest, and everybody when no other is left. */
  #pause(address: number, { error, sentAt }: Outcome): void {
    const { urls, limiter, now, patience } = this.#options;
    // Requests that were under way together are refused together: that is one refusal.
    const last = this.#pauses.get(address);
    if (last && sentAt <= last.since) return;
    const times = last?.times ?? 0;
    const length = Math.min(LONGEST_PAUSE_MS, patience.firewallPauseMs * 2 ** times);
    this.#pauses.set(address, { times: times + 1, since: now(), until: now() + length, error });
    const left = urls.map((_, each) => this.#pauseLeft(each));
    if (!left.includes(0)) limiter.blockFor(Math.min(...left), 'firewall');
  }

  #pauseLeft(address: number): number {
    return Math.max(0, (this.#pauses.get(address)?.until ?? 0) - this.#options.now());
  }

  async #attempt(
    address: number,
    target: string,
    call: RequestOptions & { counters: Counters },
  ): Promise<ExchangeReply | Outcome> {
    const { urls, setting, limiter, http, now, patience } = this.#options;
    const { signal, counters, stallMs = patience.restStallMs, headers } = call;
    const base = urls[address]!;
    const host = new URL(base).host;
    const path = target.split('?')[0]!;
    const sentAt = now();
    try {
      const reply = await http.get(base + target, {
        signal,
        stallMs,
        maxBytes: MOST_BYTES,
        ...(headers ? { headers } : {}),
      });
      const receivedAt = now();
      counters.bytes += reply.wireBytes;
      limiter.observe(reply.headers, reply.status, sentAt);
      const answer = judgeAnswer(reply, { host, path, setting });
      if (answer.kind === 'ok') return { json: answer.json, sentAt, receivedAt };
      if (answer.kind === 'refused') throw answer.error;
      if (answer.kind === 'throttled') {
        // Without a status that the limiter knows, the code in the body is the only sign.
        if (reply.status !== 429 && reply.status !== 418) limiter.observe(reply.headers, 429, sentAt);
        if (answer.bannedUntil !== null) limiter.block(answer.bannedUntil, 'banned');
        return { next: 'again', error: answer.error, sentAt };
      }
      const next = { elsewhere: 'switch', blocked: 'blocked', later: 'wait' } as const;
      return { next: next[answer.kind], error: answer.error, sentAt };
    } catch (error) {
      if (error instanceof AppError) throw error;
      signal?.throwIfAborted();
      const reason = networkReason(error);
      return {
        next: 'switch',
        sentAt,
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

/** A border does not go away by waiting; whether a firewall is waited for is the caller's choice. */
function isFinal(error: AppError, waitOutBlocks: boolean): boolean {
  return error.code === 'exchange.restricted' || (error.code === 'exchange.blocked' && !waitOutBlocks);
}
