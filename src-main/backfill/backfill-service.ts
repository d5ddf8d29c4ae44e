import { randomBytes } from 'node:crypto';
import { AppError, type BackfillPlan, type JobProgress, type Receipt } from '@shared/contract';
import { type CandleSeries, formatTime, parseCandleSeriesKey, type Range } from '@shared/market';
import { type BackfillDeps, BackfillJob, planSeries } from './backfill-job';
import type { JobRequest } from './job-request';
import { type JournaledJob, progressOfJournaled } from './journal';
import { FIRST_PACE, type PaceEstimate, planTotals } from './planner';

export interface BackfillEvents {
  onProgress(progress: JobProgress): void;
  onFinished(progress: JobProgress, receipt: Receipt): void;
}

/** Plans and runs backfills, one job after the other in the order asked. */
export class BackfillService {
  readonly #jobs = new Map<string, BackfillJob>();
  readonly #receipts = new Map<string, Receipt>();
  #queue: Promise<unknown> = Promise.resolve();
  #pace: PaceEstimate = FIRST_PACE;

  constructor(
    private readonly deps: BackfillDeps,
    private readonly events: BackfillEvents,
  ) {}

  /** What `request` would fetch. Asks the exchange for no candle. */
  async plan(request: JobRequest): Promise<BackfillPlan> {
    const series = await Promise.all(
      request.items.map(({ key, range }) => planSeries(requireSeries(key), range, request.source, this.deps)),
    );
    return { source: request.source, series, totals: planTotals(series, this.#pace) };
  }

  /** Throws `usage.future_range` for a range that only the future can fill: a slip, not a plan. */
  checkRange(range: Range): void {
    if (range.from < this.deps.exchange.now()) return;
    throw new AppError(
      'usage.future_range',
      `The range starts at ${formatTime(range.from)} UTC, after the exchange's present time; choose an earlier start.`,
    );
  }

  /**
   * Queues a job; resolves when the journal has it, so that it outlives this program, and throws `workspace.*` when that cannot
   * be. `finished` resolves with the receipt.
   */
  async start(request: JobRequest): Promise<{ jobId: string; job: BackfillJob; finished: Promise<Receipt> }> {
    for (const item of request.items) requireSeries(item.key);
    const jobId = newJobId();
    await this.deps.journal.start(jobId, request);
    const job = new BackfillJob(jobId, request, this.deps, (progress) => this.events.onProgress(progress));
    this.#jobs.set(jobId, job);
    this.events.onProgress(job.progress.snapshot);
    const finished = this.#queue.then(async () => {
      const receipt = await job.run();
      this.#receipts.set(jobId, receipt);
      this.#learnPace(receipt);
      this.events.onFinished(job.progress.snapshot, receipt);
      return receipt;
    });
    this.#queue = finished.catch(() => undefined).finally(() => this.#jobs.delete(jobId));
    return { jobId, job, finished };
  }

  cancel(jobId: string): boolean {
    const job = this.#jobs.get(jobId);
    job?.cancel();
    return job !== undefined;
  }

  /** Jobs of this program under way, then what the journal remembers, newest first. */
  async list(limit: number): Promise<JobProgress[]> {
    const live = [...this.#jobs.values()].reverse().map((job) => job.progress.snapshot);
    const known = new Set(live.map((progress) => progress.jobId));
    const journaled = (await this.deps.journal.list()).filter((job) => !known.has(job.jobId)).map(progressOfJournaled);
    return [...live, ...journaled].slice(0, limit);
  }

  async receipt(jobId: string): Promise<Receipt | null> {
    const own = this.#receipts.get(jobId);
    if (own) return own;
    return (await this.deps.journal.list()).find((job) => job.jobId === jobId)?.receipt ?? null;
  }

  /** Starts again what a killed program left unfinished; the old record is closed as cancelled in favour of the new job. */
  async resumeInterrupted(): Promise<JournaledJob[]> {
    const interrupted = await this.deps.journal.interrupted();
    for (const job of interrupted.reverse()) {
      const { finished } = await this.start(job.request);
      finished.catch(() => undefined);
      await this.#close(job);
    }
    return interrupted;
  }

  /** Closes interrupted jobs that `request` takes over (the command line runs the same command again). */
  async takeOver(request: JobRequest): Promise<number> {
    const keys = new Set(request.items.map((item) => item.key));
    const own = (await this.deps.journal.interrupted()).filter((job) =>
      job.request.items.every((item) => keys.has(item.key)),
    );
    for (const job of own) await this.#close(job);
    return own.length;
  }

  /** Stops all jobs safely: pages in flight are given up, what was stored stays, and the next start goes on. */
  async stop(): Promise<void> {
    for (const job of this.#jobs.values()) job.interrupt();
    await this.#queue;
  }

  get running(): number {
    return this.#jobs.size;
  }

  async #close(job: JournaledJob): Promise<void> {
    const empty = {
      series: [],
      requests: 0,
      bytes: 0,
      weightUsed: 0,
      retries: 0,
      durationMs: 0,
      startedAt: job.startedAt,
    };
    await this.deps.journal.finish(job.jobId, 'cancelled', {
      jobId: job.jobId,
      status: 'partial',
      ...empty,
      errors: ['The program ended while this job ran; a new job went on with what was missing.'],
    });
  }

  #learnPace(receipt: Receipt): void {
    const bars = receipt.series.reduce((sum, series) => sum + series.stored, 0);
    if (bars < 10_000 || receipt.durationMs < 200) return;
    const requestMs = receipt.requests * this.#pace.msPerRequest;
    const rate = (bars / Math.max(100, receipt.durationMs - requestMs)) * 1000;
    this.#pace = { ...this.#pace, barsPerSecond: Math.min(1_000_000, Math.max(20_000, rate)) };
  }
}

function requireSeries(key: string): CandleSeries {
  const series = parseCandleSeriesKey(key);
  if (!series)
    throw new AppError('usage.bad_series', `"${key}" is no series of candles; write it like binance:spot:BTCUSDT:1m.`);
  return series;
}

/** Sortable by time, unique in a workspace. */
function newJobId(): string {
  return `${new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
}
