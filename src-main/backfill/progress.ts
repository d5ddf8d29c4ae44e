import type { JobProgress, JobState } from '@shared/contract';
import type { Range } from '@shared/market';

const REPORT_EVERY_MS = 200;
const RATE_WINDOW_MS = 3_000;

/** Counts a job's work and reports it a few times a second. */
export class ProgressMeter {
  readonly #progress: JobProgress;
  readonly #active = new Map<string, { key: string; range: Range }>();
  #samples: { at: number; bars: number }[] = [];
  #reportedAt = 0;

  constructor(
    jobId: string,
    keys: string[],
    private readonly onProgress: (progress: JobProgress) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#progress = {
      jobId,
      state: 'queued',
      keys,
      barsAsked: 0,
      barsDone: 0,
      barsPerSecond: 0,
      remainingMs: null,
      retries: 0,
      current: null,
      active: [],
      lastError: null,
    };
  }

  get snapshot(): JobProgress {
    return { ...this.#progress, active: [...this.#active.values()] };
  }

  setState(state: JobState): void {
    this.#progress.state = state;
    if (state !== 'running') {
      this.#active.clear();
      this.#progress.current = null;
      this.#progress.remainingMs = null;
    }
    this.#report(true);
  }

  addAsked(bars: number): void {
    this.#progress.barsAsked += bars;
    this.#report(false);
  }

  begin(id: string, key: string, range: Range, what: string): void {
    this.#active.set(id, { key, range });
    this.#progress.current = what;
    this.#report(false);
  }

  end(id: string): void {
    this.#active.delete(id);
    this.#report(false);
  }

  addDone(bars: number): void {
    this.#progress.barsDone = Math.min(this.#progress.barsAsked, this.#progress.barsDone + bars);
    const at = this.now();
    this.#samples.push({ at, bars });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= RATE_WINDOW_MS);
    const first = this.#samples[0]!;
    const elapsed = Math.max(200, at - first.at);
    const bps = (this.#samples.reduce((sum, sample) => sum + sample.bars, 0) / elapsed) * 1000;
    this.#progress.barsPerSecond = Math.round(bps);
    this.#progress.remainingMs =
      bps > 0 ? Math.round(((this.#progress.barsAsked - this.#progress.barsDone) / bps) * 1000) : null;
    this.#report(false);
  }

  failed(message: string): void {
    this.#progress.lastError = message;
    this.#report(false);
  }

  setRetries(retries: number): void {
    this.#progress.retries = retries;
  }

  #report(always: boolean): void {
    const at = this.now();
    if (!always && at - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = at;
    this.onProgress(this.snapshot);
  }
}
