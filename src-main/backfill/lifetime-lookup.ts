import { setTimeout as pause } from 'node:timers/promises';
import type { StoredSeries } from '@shared/market';
import type { JobContext } from './job-context';
import { learnLifetime } from './listing';
import { isSourceAway, restSource } from './retry-budget';

/** So long nobody minds; a first look at a market takes a second or two. */
const USUAL_MS = 5_000;
const LOOK_EVERY_MS = 500;

/**
 * Learns where a series begins and ends, which only the exchange tells. While that cannot be asked, archives need not wait for
 * it: a file from before the listing is not there, and no harm is done.
 */
export class LifetimeLookup {
  readonly #over = new AbortController();
  readonly #learning: Promise<void>;
  #isSettled = false;

  constructor(
    private readonly series: StoredSeries,
    private readonly job: Pick<JobContext, 'counters' | 'deps' | 'jobId' | 'retries' | 'signal'>,
  ) {
    const { deps, retries, jobId, counters } = job;
    const signal = AbortSignal.any([job.signal, this.#over.signal]);
    this.#learning = retries
      .page(restSource(series.market), signal, () => learnLifetime(series, deps, { jobId, counters, signal }))
      .catch((error: unknown) => {
        // Pages that need REST meet the same, and tell of it.
        if (!isSourceAway(error) && !this.#over.signal.aborted) throw error;
      })
      .finally(() => {
        this.#isSettled = true;
      });
    this.#learning.catch(() => undefined);
  }

  /** Nothing more will be learned. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Resolves when all is learned that can be; rejects when the series is none, or its database is away. */
  settled(): Promise<void> {
    return this.#learning;
  }

  /** The same, but resolves also when REST is away and others can go on meanwhile. */
  async settledUnlessAway(): Promise<void> {
    const began = performance.now();
    while (!this.#isSettled && !(performance.now() - began > USUAL_MS && this.#isAway)) {
      const look = new AbortController();
      await Promise.race([this.#learning, pause(LOOK_EVERY_MS, undefined, { signal: look.signal }).catch(() => {})]);
      look.abort();
    }
    if (this.#isSettled) await this.#learning;
  }

  /** Asks no more. Resolves when nothing of it is under way. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#learning.catch(() => undefined);
  }

  get #isAway(): boolean {
    const { deps, retries } = this.job;
    const { market } = this.series;
    return deps.exchange.blockedBecause(market) !== null || retries.health.downFor(restSource(market)) > 0;
  }
}
