import { setMaxListeners } from 'node:events';
import { failureOf, type JobItemState, type JobProgress, type Receipt, type SeriesReceipt } from '@shared/contract';
import { countBars, intervalSeconds, type Market, parseStoredSeriesKey, seriesKey } from '@shared/market';
import { type Counters, createCounters } from '../binance';
import type { BackfillDeps } from './backfill-deps';
import { ItemRun } from './item-run';
import type { JobContext } from './job-context';
import { noFetches } from './job-items';
import { itemCounters, measureItem } from './job-metrics';
import type { JobRequest } from './job-request';
import type { LiveProgress } from './journal';
import type { ItemOutcome, JournaledJob } from './journal-lines';
import type { PaceSample } from './pace';
import { ProgressMeter } from './progress';
import { receiptStatus } from './receipt';
import { RetryBudget } from './retry-budget';
import { runItems } from './run-items';

/**
 * Series of a job under way: while the first is read back, the next are downloaded and others are looked at, so that neither
 * network nor database waits. More would only keep more plans in memory.
 */
const ITEMS_AT_ONCE = 16;
/** Records of provenance in all receipts of a job together, and in one of them at most and at least. */
const PROVENANCE_RECORDS = { all: 2_000, most: 200, least: 4 };
/** What is waited for counts down. */
const WAITING_TICK_MS = 1_000;

/** Why a job was put down before its end. */
export type Halt = 'paused' | 'interrupted' | 'gave way';

export type JobEnd =
  | { kind: 'finished'; state: JobProgress['state']; receipt: Receipt }
  | { kind: 'halted'; why: Halt };

/** One backfill under way. It never stops at a failed page; what it could not do is in the receipt. */
export class BackfillJob {
  readonly progress: ProgressMeter;
  readonly request: JobRequest;
  readonly #record: JournaledJob;
  readonly #counters: Counters;
  readonly #retries: RetryBudget;
  readonly #errors: string[] = [];
  readonly #abort = new AbortController();
  readonly #receipts: (SeriesReceipt | null)[];
  readonly #markets: ReadonlySet<Market>;
  readonly #fetches: PaceSample['fetches'] = noFetches();
  #preferred: ReadonlySet<string>;
  #halt: Halt | null = null;
  #ranMs: number;
  #startedAt: number | null = null;

  constructor(
    record: JournaledJob,
    private readonly deps: BackfillDeps,
    onProgress: (progress: JobProgress) => void,
    /** Where the job stood when it was put down or its program died. */
    soFar: LiveProgress | null = null,
  ) {
    this.request = record.request;
    this.#record = record;
    this.#counters = soFar?.counters ?? createCounters();
    this.#ranMs = soFar?.ranMs ?? 0;
    this.#preferred = new Set(record.preferred);
    // Every page that waits for a lane listens.
    setMaxListeners(0, this.#abort.signal);
    this.#receipts = record.request.items.map(() => null);
    this.#markets = new Set(record.request.items.flatMap(({ key }) => parseStoredSeriesKey(key)?.market ?? []));
    this.#retries = new RetryBudget({
      patient: deps.patient,
      sleep: deps.sleep,
      answers: (source, signal) => this.#answers(source, signal),
      onRetry: (reason) => {
        this.#counters.retries++;
        this.progress.failed(reason);
      },
      onWaiting: () => this.progress.report(true),
    });
    this.progress = new ProgressMeter(
      record.request,
      {
        jobId: record.jobId,
        queuedAt: record.queuedAt,
        items: outcomesSoFar(record, soFar),
        retries: this.#counters.retries,
      },
      onProgress,
      () => this.#waiting,
    );
  }

  get id(): string {
    return this.#record.jobId;
  }

  /** Stops soon; what was stored stays. */
  cancel(): void {
    // A job that is being put down ends first: what it leaves out of its receipts is looked at when it is taken up again.
    if (this.#halt === null) this.#abort.abort();
  }

  /** Stops soon and leaves the journal open, so that the job goes on later. */
  halt(why: Halt): void {
    if (this.#abort.signal.aborted) return;
    this.#halt = why;
    this.#abort.abort();
  }

  /** Waiting items of these series go first. */
  prefer(keys: readonly string[]): void {
    this.#preferred = new Set(keys);
  }

  /** Set when a part is unreachable: the command line answers with exit code 3 when nothing was done. */
  get unreachable() {
    return this.#retries.unreachable;
  }

  get live(): LiveProgress {
    return { progress: this.progress.snapshot, counters: { ...this.#counters }, ranMs: this.#ranSoFar };
  }

  /** What its fetches took, for later estimates. */
  get sample(): PaceSample {
    const bars = this.#receipts.reduce((sum, receipt) => sum + (receipt?.trades?.stored ?? receipt?.stored ?? 0), 0);
    return { fetches: this.#fetches, bars, ms: this.#ranSoFar };
  }

  /** Runs to its end, or until it is put down. Never throws. */
  async run(): Promise<JobEnd> {
    this.#startedAt = performance.now();
    this.#retries.watchSleep();
    const ticking = setInterval(() => {
      if (this.#waiting !== null) this.progress.report(true);
    }, WAITING_TICK_MS);
    ticking.unref();
    this.progress.setState('running');
    void this.#foresee();
    try {
      await runItems({
        keys: this.request.items.map(({ key }) => key),
        atOnce: ITEMS_AT_ONCE,
        isPreferred: (key) => this.#preferred.has(key),
        isHalted: () => this.#halt !== null,
        run: (index, order) => this.#runItem(index, order),
      });
    } finally {
      clearInterval(ticking);
      this.#retries.stopWatching();
      this.#ranMs = this.#ranSoFar;
      this.#startedAt = null;
    }
    if (this.#halt !== null) {
      this.progress.setState(this.#halt === 'paused' ? 'paused' : 'queued');
      return { kind: 'halted', why: this.#halt };
    }
    return this.#finish();
  }

  /** Tells for all items what they will come to, from what is known without asking anybody. */
  async #foresee(): Promise<void> {
    for (const [index, { key, range }] of this.request.items.entries()) {
      const series = parseStoredSeriesKey(key);
      if (!series || this.#abort.signal.aborted) return;
      try {
        const { grid, wanted } = await this.deps.coverage.wanted(
          series,
          range,
          this.request.recheck && { jobId: this.id },
        );
        this.progress.foresee(
          index,
          wanted.reduce((sum, each) => sum + countBars(grid, each), 0),
        );
      } catch {
        // The item itself meets the same failure, and tells of it.
        return;
      }
    }
  }

  async #runItem(index: number, order: number): Promise<void> {
    const { key, range } = this.request.items[index]!;
    const series = parseStoredSeriesKey(key);
    if (!series) return;
    const { items } = this.progress;
    this.progress.itemState(index, this.#abort.signal.aborted ? 'cancelled' : 'running');
    const rank = (): number => (this.#preferred.has(seriesKey(series)) ? order - this.request.items.length : order);
    const before = this.#record.before.get(index) ?? null;
    const { metrics } = this.deps;
    const measured = {
      nodeId: this.deps.nodeIdOf(series),
      // Trades have no interval.
      intervalSeconds: series.interval === null ? 0 : intervalSeconds(series.interval),
      to: range.to,
    };
    const context = { ...this.#context(), counters: itemCounters(metrics, measured, this.#counters) };
    const isCancelled = () => this.#abort.signal.aborted;
    const receipt = await measureItem(metrics, measured, isCancelled, () =>
      new ItemRun(index, series, range, context, rank, before).run(),
    );
    if (this.#halt !== null) {
      this.progress.itemState(index, 'queued');
      return;
    }
    this.#receipts[index] = receipt;
    this.progress.itemState(index, this.#stateOf(receipt, items.at(index).lastError));
    await this.deps.journal.item(this.id, items.outcome(index)).catch((error: unknown) => this.#fail(error, index));
  }

  #stateOf(receipt: SeriesReceipt | null, error: string | null): JobItemState {
    const status = receiptStatus(receipt ? [receipt] : [], error === null ? [] : [error], 1);
    if (status === 'complete' || status === 'complete_with_explained_gaps') return status;
    if (this.#abort.signal.aborted) return 'cancelled';
    return receipt === null ? 'failed' : status;
  }

  async #finish(): Promise<JobEnd> {
    const series = this.#receipts.filter((receipt) => receipt !== null);
    const status = receiptStatus(series, this.#errors, this.#receipts.length);
    const isWhole = status === 'complete' || status === 'complete_with_explained_gaps';
    const state = this.#abort.signal.aborted && !isWhole ? 'cancelled' : status;
    const receipt = (): Receipt => ({
      jobId: this.id,
      status,
      series,
      requests: this.#counters.requests,
      bytes: this.#counters.bytes,
      weightUsed: this.#counters.weight,
      retries: this.#counters.retries,
      durationMs: Math.round(this.#ranMs),
      startedAt: this.#record.queuedAt,
      errors: [...new Set(this.#errors)],
    });
    this.progress.setRetries(this.#counters.retries);
    this.progress.setState(state);
    // Unfinished in the journal, the job is taken up again at the next start, which finds nothing left to do.
    await this.deps.journal
      .finish(this.id, state, receipt(), this.progress.snapshot)
      .catch((error: unknown) => this.#fail(error));
    return { kind: 'finished', state, receipt: receipt() };
  }

  #context(): JobContext {
    return {
      jobId: this.id,
      source: this.request.source,
      recheck: this.request.recheck ?? false,
      deps: this.deps,
      progress: this.progress,
      counters: this.#counters,
      retries: this.#retries,
      mostProvenance: provenanceShare(this.request.items.length),
      signal: this.#abort.signal,
      onTiming: (tier, ms, count) => {
        this.#fetches[tier].ms += ms;
        this.#fetches[tier].count += count;
      },
      isHalted: () => this.#halt !== null,
      fail: (error, index) => this.#fail(error, index),
    };
  }

  #fail(error: unknown, index?: number): string {
    const { message } = failureOf(error);
    this.#errors.push(message);
    this.progress.failed(message, index);
    this.#retries.noteGivenUp(error);
    return message;
  }

  /** Tells a source that is away from one that only refuses what was just asked. */
  async #answers(source: string, signal: AbortSignal): Promise<boolean> {
    const market = source.startsWith('rest:') ? (source.slice('rest:'.length) as Market) : null;
    if (market === null) return false;
    return this.deps.exchange.syncClock(market, signal).then(
      () => true,
      () => false,
    );
  }

  /** What keeps it from going on, in words: a source that is away, or a market that must not be asked for a while. */
  get #waiting(): string | null {
    const { health } = this.#retries;
    if (health.waiting !== null) return health.waiting;
    for (const market of this.#markets) {
      const blocked = this.deps.exchange.blockedBecause(market);
      if (blocked !== null) return blocked;
    }
    return null;
  }

  get #ranSoFar(): number {
    return this.#ranMs + (this.#startedAt === null ? 0 : performance.now() - this.#startedAt);
  }
}

/** Items that had ended, and how far the others had come by the last progress that was written. */
function outcomesSoFar(record: JournaledJob, soFar: LiveProgress | null): Map<number, ItemOutcome> {
  const outcomes = new Map<number, ItemOutcome>();
  for (const { key: _key, range: _range, ...item } of soFar?.progress.items ?? [])
    outcomes.set(item.index, { ...item, state: 'queued' });
  for (const [index, outcome] of record.items) outcomes.set(index, outcome);
  return outcomes;
}

function provenanceShare(items: number): number {
  const { all, most, least } = PROVENANCE_RECORDS;
  return Math.max(least, Math.min(most, Math.floor(all / Math.max(1, items))));
}
