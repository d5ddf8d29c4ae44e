import { type AppError, failureOf } from '@shared/contract';

/** `archive`, `rest:spot`, `database`: what can be away as a whole. */
export type SourceName = string;

/** Pauses between two looks at a source that is away; the last one repeats. */
const PAUSES_MS = [5_000, 10_000, 20_000, 40_000, 60_000];
/** Programs that found the same source away do not come back in the same instant. */
const JITTER = 0.2;
/** Who waits looks so often whether another has found the source back. */
const LOOK_EVERY_MS = 500;
/** A page that fails while its source serves others is its own trouble: so often, in some minutes, then it is given up. */
const OWN_FAILURES = 8;

interface Health {
  failures: number;
  /** The failure that was met last. */
  error: AppError | null;
  downSince: number | null;
  nextAt: number;
  successes: number;
}

export interface HealthOptions {
  /** Monotonic milliseconds. */
  now?: () => number;
  random?: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Whether a source answers something else than what just failed; false when that cannot be told. */
  answers?: (source: SourceName, signal: AbortSignal) => Promise<boolean>;
  onChange?: () => void;
}

/**
 * Knows which sources are away, and lets work wait until they may be back: one page asks, the others follow when it succeeds. A
 * job that waits so never ends for want of a network, an exchange or a database.
 */
export class SourceHealth {
  readonly #health = new Map<SourceName, Health>();

  constructor(private readonly options: HealthOptions) {}

  /** What is waited for, in words; null when nothing is. */
  get waiting(): string | null {
    const now = this.#now();
    for (const [source, health] of this.#health) {
      if (health.downSince === null) continue;
      const seconds = Math.max(0, Math.ceil((health.nextAt - now) / 1000));
      const reason = health.error ? failureOf(health.error).message : '';
      return `${nameOf(source)} unreachable, ${seconds > 0 ? `next try in ${seconds} s` : 'trying again'}${reason ? `: ${reason}` : ''}`;
    }
    return null;
  }

  /** Milliseconds since a source was last known to answer; 0 while it does. */
  downFor(source: SourceName): number {
    const since = this.#of(source).downSince;
    return since === null ? 0 : this.#now() - since;
  }

  /**
   * Does the work, and again after a pause when it failed with something that passes (`passes`). Throws what the work throws
   * otherwise, when it failed several times while the source served others, and when the source has been away for longer than
   * `patienceMs`.
   */
  async persist<T>(
    source: SourceName,
    signal: AbortSignal,
    passes: (error: unknown) => error is AppError,
    work: () => Promise<T>,
    patienceMs = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    for (let own = 0; ; ) {
      const isProbe = await this.#untilOpen(source, signal, patienceMs);
      const { successes } = this.#of(source);
      try {
        const result = await work();
        this.#succeeded(source);
        return result;
      } catch (error) {
        signal.throwIfAborted();
        if (!passes(error)) throw error;
        if (this.#of(source).successes > successes || (await this.options.answers?.(source, signal))) {
          if (++own >= OWN_FAILURES) throw error;
          this.#opened(source);
          await this.options.sleep(this.#pause(own), signal);
        } else {
          this.#failed(source, error, isProbe);
          if (this.downFor(source) > patienceMs) throw error;
        }
      }
    }
  }

  /** Whether the source was away and this is the one that asks. */
  async #untilOpen(source: SourceName, signal: AbortSignal, patienceMs: number): Promise<boolean> {
    const health = this.#of(source);
    while (health.downSince !== null) {
      if (health.error && this.downFor(source) > patienceMs) throw health.error;
      const wait = health.nextAt - this.#now();
      if (wait <= 0) {
        // The others look again when this one must have an answer.
        health.nextAt = this.#now() + this.#pause(health.failures);
        return true;
      }
      await this.options.sleep(Math.min(wait, LOOK_EVERY_MS), signal);
    }
    return false;
  }

  #failed(source: SourceName, error: AppError, isProbe: boolean): void {
    const health = this.#of(source);
    // Several pages that were under way together are one failure.
    if (health.downSince === null || isProbe) health.failures++;
    health.downSince ??= this.#now();
    health.nextAt = this.#now() + this.#pause(health.failures);
    health.error = error;
    this.options.onChange?.();
  }

  #succeeded(source: SourceName): void {
    this.#of(source).successes++;
    this.#opened(source);
  }

  #opened(source: SourceName): void {
    const health = this.#of(source);
    health.failures = 0;
    if (health.downSince === null) return;
    health.downSince = null;
    this.options.onChange?.();
  }

  #pause(failures: number): number {
    const pause = PAUSES_MS[Math.min(Math.max(0, failures - 1), PAUSES_MS.length - 1)]!;
    return pause * (1 - JITTER + 2 * JITTER * (this.options.random ?? Math.random)());
  }

  #of(source: SourceName): Health {
    let health = this.#health.get(source);
    if (!health) {
      health = { failures: 0, error: null, downSince: null, nextAt: 0, successes: 0 };
      this.#health.set(source, health);
    }
    return health;
  }

  #now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}

function nameOf(source: SourceName): string {
  if (source === 'archive') return 'archive';
  return source === 'database' ? 'database' : 'exchange';
}
