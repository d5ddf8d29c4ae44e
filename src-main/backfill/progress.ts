import type { JobItemState, JobProgress, JobState } from '@shared/contract';
import type { Range } from '@shared/market';
import { JobItems, keysOf } from './job-items';
import type { JobRequest } from './job-request';
import type { ItemOutcome } from './journal-lines';

const REPORT_EVERY_MS = 200;
const RATE_WINDOW_MS = 3_000;

/** What a job was before this program took it up. */
export interface JobSoFar {
  jobId: string;
  queuedAt: number;
  items: ReadonlyMap<number, ItemOutcome>;
  retries: number;
}

/** Counts a job's work, item by item, and reports it a few times a second. */
export class ProgressMeter {
  readonly items: JobItems;
  readonly #fixed: Pick<JobProgress, 'jobId' | 'keys' | 'priority' | 'recheck' | 'retryOf' | 'queuedAt'>;
  readonly #active = new Map<string, { key: string; range: Range }>();
  #state: JobState = 'queued';
  #retries: number;
  #current: string | null = null;
  #waitsFor: string | null = null;
  #lastError: string | null = null;
  #samples: { at: number; bars: number }[] = [];
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    request: JobRequest,
    soFar: JobSoFar,
    private readonly onProgress: (progress: JobProgress) => void,
    /** What is waited for, in words; null while work goes on. */
    private readonly waiting: () => string | null = () => null,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.items = new JobItems(request, soFar.items);
    this.#retries = soFar.retries;
    this.#fixed = {
      jobId: soFar.jobId,
      keys: keysOf(request),
      priority: request.priority ?? 0,
      retryOf: request.retryOf ?? null,
      ...(request.recheck ? { recheck: true as const } : {}),
      queuedAt: soFar.queuedAt,
    };
  }

  get state(): JobState {
    return this.#state;
  }

  get snapshot(): JobProgress {
    const summary = this.items.summary();
    const rate = this.#state === 'running' ? this.#rate() : 0;
    return {
      ...this.#fixed,
      ...summary,
      state: this.#state,
      barsPerSecond: Math.round(rate),
      // Without a rate nobody can tell, and a finished job has nothing left.
      remainingMs: rate > 0 ? Math.round(((summary.barsAsked - summary.barsDone) / rate) * 1000) : null,
      retries: this.#retries,
      current:
        this.#state === 'running'
          ? (this.waiting() ?? this.#current)
          : this.#state === 'queued'
            ? this.#waitsFor
            : null,
      active: [...this.#active.values()],
      lastError: this.#lastError,
      owner: 'here',
    };
  }

  setState(state: JobState): void {
    this.#state = state;
    this.#waitsFor = null;
    if (state !== 'running') {
      this.#active.clear();
      this.#current = null;
      this.#samples = [];
    }
    this.report(true);
  }

  /** Why a queued job does not run, in words; null when that goes without saying. */
  waitsFor(what: string | null): void {
    if (this.#waitsFor === what) return;
    this.#waitsFor = what;
    this.report(true);
  }

  itemState(index: number, state: JobItemState): void {
    this.items.at(index).state = state;
    this.report(false);
  }

  /** What an item that nobody has begun will come to, so that the whole job's remaining time can be told from the start. */
  foresee(index: number, bars: number): void {
    const item = this.items.at(index);
    if (item.state !== 'queued' || item.barsAsked > 0) return;
    item.barsAsked = bars;
    this.report(false);
  }

  setAsked(index: number, bars: number): void {
    this.items.at(index).barsAsked = bars;
    this.report(false);
  }

  addAsked(index: number, bars: number): void {
    this.items.at(index).barsAsked += bars;
    this.report(false);
  }

  addDone(index: number, bars: number): void {
    const item = this.items.at(index);
    item.barsDone = Math.min(item.barsAsked, item.barsDone + bars);
    this.#samples.push({ at: this.now(), bars });
    this.report(false);
  }

  begin(id: string, key: string, range: Range, what: string): void {
    this.#active.set(id, { key, range });
    this.#current = what;
    this.report(false);
  }

  end(id: string): void {
    this.#active.delete(id);
    this.report(false);
  }

  failed(message: string, index?: number): void {
    this.#lastError = message;
    if (index !== undefined) this.items.at(index).lastError = message;
    this.report(false);
  }

  setRetries(retries: number): void {
    this.#retries = retries;
  }

  report(always: boolean): void {
    const at = this.now();
    if (!always && at - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = at;
    this.onProgress(this.snapshot);
  }

  #rate(): number {
    const at = this.now();
    this.#samples = this.#samples.filter((sample) => at - sample.at <= RATE_WINDOW_MS);
    const first = this.#samples[0];
    if (!first) return 0;
    return (this.#samples.reduce((sum, sample) => sum + sample.bars, 0) / Math.max(200, at - first.at)) * 1000;
  }
}
