import { AppError } from '@shared/contract';
import { formatTime } from '@shared/market';
import { type BlockCause, blockWords } from './block-cause';
import { RequestWindow } from './request-window';
import { realSleep, retryAfterMs, type Sleep } from './retry';

const MINUTE_MS = 60_000;
/** The exchange's minute may turn a little later than ours says; how much later is learned from its counter, up to a bound. */
const TURN_SLACK_MS = 250;
const MOST_SLACK_MS = 5_000;
/** A ban has at least this length; used when its answer does not tell. */
const DEFAULT_BAN_MS = 120_000;
/** No ban is longer; a remembered one that claims to be was written by a wrong clock. */
const LONGEST_BAN_MS = 3 * 86_400_000;

export interface WeightLimiterOptions {
  /** The exchange's budget; `exchangeInfo` corrects it. */
  limitPerMinute?: number;
  /** Share of the budget that may be used, above 0 and up to 1. */
  share: number;
  /** Waits longer than this are refused with `exchange.banned` instead of waited for. */
  maxWaitMs?: number;
  /** This machine's clock; `setClockOffset` turns it into the exchange's. */
  now?: () => number;
  sleep?: Sleep;
}

export interface WeightSnapshot {
  /** Weight used in the current clock minute: the larger of the own tally and the exchange's counter. */
  used: number;
  /** The exchange's whole budget a minute. */
  limit: number;
  /** Exchange time until which nothing is sent, after a 429 or 418. */
  blockedUntil: number | null;
  /** Why and until when, in a sentence; null while nothing is blocked. */
  blockedBecause: string | null;
  /** Requests that wait to be let through. */
  waiting: number;
  /** Exchange time at which the first of them will be, as things stand; null when nobody waits. */
  nextAt: number | null;
}

/** What a limiter knows that a restart must not forget; plain JSON. All times are the exchange's, epoch ms. */
export interface LimiterState {
  blockedUntil: number | null;
  /** Why; unknown to older versions. */
  blockCause?: BlockCause;
  /** Start of the clock minute that `used` belongs to. */
  minute: number;
  used: number;
  /** The exchange's clock minus this machine's, so that the times mean the same before the clock is asked again. */
  clockOffsetMs: number;
}

interface Waiter {
  weight: number;
  grant: () => void;
  refuse: (error: unknown) => void;
}

/**
 * Keeps all requests to one market under a share of the exchange's budget per clock minute. Requests are let through in the
 * order in which they asked; a 429 or 418 that one of them meets stops all.
 */
export class WeightLimiter {
  readonly #share: number;
  readonly #maxWaitMs: number;
  readonly #localNow: () => number;
  readonly #sleep: Sleep;
  readonly #listeners = new Set<(snapshot: WeightSnapshot) => void>();
  readonly #queue: Waiter[] = [];
  #limit: number;
  #offsetMs = 0;
  #minute = Number.NEGATIVE_INFINITY;
  #used = 0;
  /** What the counter had come to in the minute before. */
  #usedBefore = 0;
  #slackMs = TURN_SLACK_MS;
  /** By this machine's clock: a wait stays as long as it was meant when the offset becomes known meanwhile. */
  #blockedUntilLocal = Number.NEGATIVE_INFINITY;
  #blockCause: BlockCause | null = null;
  #requests: RequestWindow | null = null;
  #pumping = false;
  #wake = new AbortController();

  constructor(options: WeightLimiterOptions) {
    if (!(options.share > 0 && options.share <= 1)) {
      throw new AppError(
        'usage.bad_weight_share',
        `limits.weightShare is ${options.share}; it must be above 0 and at most 1.`,
      );
    }
    this.#share = options.share;
    this.#limit = options.limitPerMinute ?? 6000;
    this.#maxWaitMs = options.maxWaitMs ?? 10 * MINUTE_MS;
    this.#localNow = options.now ?? Date.now;
    this.#sleep = options.sleep ?? realSleep;
  }

  /** Resolves when a request of this weight may be sent, which is then counted. Rejects on abort and during a long ban. */
  acquire(weight: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        const index = this.#queue.indexOf(waiter);
        if (index >= 0) this.#queue.splice(index, 1);
        reject(signal?.reason);
        this.#wake.abort();
      };
      const waiter: Waiter = {
        weight,
        grant: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        refuse: (error) => {
          signal?.removeEventListener('abort', abort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiter);
      void this.#pump();
    });
  }

  /**
   * Learns from an answer: the used weight (which counts everybody at this address) and, on 429 and 418, how long to stop.
   * `sentAt` is this machine's time at which the request left: a counter that may be the previous minute's is not believed.
   */
  observe(headers: Readonly<Record<string, string | undefined>>, status: number, sentAt?: number): void {
    this.#turnMinute();
    const used = Number(headers['x-mbx-used-weight-1m'] ?? headers['x-mbx-used-weight'] ?? Number.NaN);
    const sameMinute = sentAt === undefined || minuteOf(sentAt + this.#offsetMs - this.#slackMs) === this.#minute;
    if (Number.isFinite(used) && sameMinute && !this.#goesOn(used, sentAt)) this.#used = Math.max(this.#used, used);
    if (status === 429 || status === 418) {
      const now = this.#now();
      const wait = retryAfterMs(headers['retry-after'], now);
      const untilTurn = (this.#minute + 1) * MINUTE_MS + this.#slackMs - now;
      const cause = status === 418 ? 'banned' : 'too_many';
      this.block(now + (wait ?? (status === 418 ? DEFAULT_BAN_MS : untilTurn)), cause);
    }
    this.#changed();
  }

  /** Sends nothing before this moment of exchange time. */
  block(until: number, cause: BlockCause | null = null): void {
    const local = until - this.#offsetMs;
    if (local > this.#blockedUntilLocal) {
      this.#blockedUntilLocal = local;
      this.#blockCause = cause;
    }
    this.#changed();
  }

  /** Sends nothing for this long. */
  blockFor(ms: number, cause: BlockCause | null = null): void {
    this.block(this.#now() + ms, cause);
  }

  /** What to remember over a restart. */
  state(): LimiterState {
    const { used, blockedUntil } = this.snapshot();
    const blockCause = blockedUntil === null ? null : this.#blockCause;
    return {
      blockedUntil,
      minute: this.#minute * MINUTE_MS,
      used,
      clockOffsetMs: this.#offsetMs,
      ...(blockCause === null ? {} : { blockCause }),
    };
  }

  /** Takes over what an earlier run (or another program) knew. It only ever makes this limiter more careful. */
  restore(state: LimiterState): void {
    if (this.#offsetMs === 0) this.#offsetMs = state.clockOffsetMs;
    this.#turnMinute();
    if (minuteOf(state.minute) === this.#minute) this.#used = Math.max(this.#used, state.used);
    const now = this.#now();
    if (state.blockedUntil !== null && state.blockedUntil > now) {
      this.block(Math.min(state.blockedUntil, now + LONGEST_BAN_MS), state.blockCause ?? null);
    }
    this.#changed();
  }

  /** Takes over the exchange's limit of requests, whatever their weight, in a rolling window. Null lifts it. */
  setRequestLimit(limit: { requests: number; windowMs: number } | null): void {
    const old = this.#requests;
    const own = limit && Math.max(1, Math.floor(limit.requests * this.#share));
    if (limit === null || own === null) this.#requests = null;
    // The same limit again must not forget what was sent.
    else if (old?.limit !== own || old.windowMs !== limit.windowMs)
      this.#requests = new RequestWindow(own, limit.windowMs);
    this.#changed();
  }

  /** Takes over the exchange's own figure. */
  setLimit(limitPerMinute: number): void {
    this.#limit = limitPerMinute;
    this.#changed();
  }

  /** Milliseconds to add to this machine's clock to get the exchange's. */
  setClockOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#changed();
  }

  snapshot(): WeightSnapshot {
    this.#turnMinute();
    const now = this.#now();
    const blocked = this.#blockedUntil > now;
    const head = this.#queue[0];
    return {
      used: this.#used,
      limit: this.#limit,
      blockedUntil: blocked ? this.#blockedUntil : null,
      blockedBecause: blocked ? blockWords(this.#blockCause, this.#blockedUntil) : null,
      waiting: this.#queue.length,
      nextAt: head ? now + this.#waitFor(head.weight) : null,
    };
  }

  /** Calls the listener after every change until the returned function is called. */
  onChange(listener: (snapshot: WeightSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let head = this.#queue[0]; head; head = this.#queue[0]) {
        const wait = this.#waitFor(head.weight);
        if (wait > this.#maxWaitMs) {
          for (const waiter of this.#queue.splice(0)) waiter.refuse(this.#bannedError());
        } else if (wait > 0) {
          this.#wake = new AbortController();
          // Later, because a listener that asks for weight itself would get here before its own call has returned.
          queueMicrotask(() => this.#notify());
          await this.#sleepOrWake(wait, this.#wake.signal);
        } else {
          this.#queue.shift();
          this.#used += head.weight;
          this.#requests?.count(this.#localNow());
          head.grant();
          this.#notify();
        }
      }
    } catch (error) {
      for (const waiter of this.#queue.splice(0)) waiter.refuse(error);
    } finally {
      this.#pumping = false;
    }
  }

  async #sleepOrWake(ms: number, wake: AbortSignal): Promise<void> {
    try {
      await this.#sleep(ms, wake);
    } catch (error) {
      if (!wake.aborted) throw error;
    }
  }

  #waitFor(weight: number): number {
    this.#turnMinute();
    const now = this.#now();
    if (this.#blockedUntil > now) return this.#blockedUntil - now;
    const requestsWait = this.#requests?.waitMs(this.#localNow()) ?? 0;
    if (requestsWait > 0) return requestsWait;
    // A request heavier than the whole share still goes first in a fresh minute, or it would never go.
    if (this.#used === 0 || this.#used + weight <= this.#limit * this.#share) return 0;
    return (this.#minute + 1) * MINUTE_MS + this.#slackMs - now;
  }

  /**
   * Whether a counter of the first moments of a minute shows that the exchange's minute before still goes on, because our clock is ahead
   * of its: then that minute is ours again, and later ones turn later. Else the rest of the new one would be given away.
   */
  #goesOn(used: number, sentAt: number | undefined): boolean {
    if (sentAt === undefined || this.#usedBefore === 0 || used <= this.#usedBefore || used <= this.#used) return false;
    const early = sentAt + this.#offsetMs - this.#minute * MINUTE_MS + TURN_SLACK_MS;
    if (early <= this.#slackMs || early > MOST_SLACK_MS) return false;
    // Each time it is found too short it is doubled, so that few requests go to finding it out.
    this.#slackMs = Math.min(MOST_SLACK_MS, Math.max(early, 2 * this.#slackMs));
    if (minuteOf(this.#now() - this.#slackMs) === this.#minute) return true;
    this.#minute--;
    this.#used = used;
    this.#usedBefore = 0;
    return true;
  }

  #turnMinute(): void {
    const minute = minuteOf(this.#now() - this.#slackMs);
    // Only forward: a clock that was set back must not forget what was spent.
    if (minute > this.#minute) {
      this.#usedBefore = minute === this.#minute + 1 ? this.#used : 0;
      this.#minute = minute;
      this.#used = 0;
    } else if (minute < this.#minute - 1) this.#minute = minute;
  }

  get #blockedUntil(): number {
    return this.#blockedUntilLocal + this.#offsetMs;
  }

  #now(): number {
    return this.#localNow() + this.#offsetMs;
  }

  #bannedError(): AppError {
    const until = formatTime(Math.ceil(this.#blockedUntil / 1000) * 1000);
    return new AppError(
      'exchange.banned',
      `The exchange refuses requests from this address until ${until} UTC, because it got too many. Go on after that, and lower limits.weightShare if other programs use the same address.`,
      { until: this.#blockedUntil },
    );
  }

  #changed(): void {
    this.#wake.abort();
    this.#notify();
  }

  #notify(): void {
    if (this.#listeners.size === 0) return;
    const snapshot = this.snapshot();
    for (const listener of this.#listeners) listener(snapshot);
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS);
}
