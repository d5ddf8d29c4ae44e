import { randomBytes } from 'node:crypto';
import { AppError, type BackfillPlan, type JobProgress, type Receipt, requireStoredSeries } from '@shared/contract';
import { formatTime, type Range } from '@shared/market';
import type { BackfillDeps } from './backfill-deps';
import { JobQueue, type QueueEvents } from './job-queue';
import type { BackfillItem, JobRequest } from './job-request';
import type { JournaledJob } from './journal-lines';
import type { OwnJob } from './own-job';
import type { Pace } from './pace';
import { addPlan, noSums, planSeries } from './plan-series';
import type { Turn } from './turn';

/** Pages that a plan lists; the totals count all. */
const MOST_PAGES_LISTED = 20_000;
/** Series whose coverage is looked at together for a plan. */
const PLANNED_AT_ONCE = 8;

export interface BackfillOptions {
  turn: Turn;
  pace: Pace;
  events: QueueEvents;
}

/** Plans and runs backfills, in one queue with the workspace's other programs. */
export class BackfillService {
  readonly #queue: JobQueue;
  readonly #pace: Pace;
  #learning: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: BackfillDeps,
    { turn, pace, events }: BackfillOptions,
  ) {
    this.#pace = pace;
    this.#queue = new JobQueue(deps, turn, events);
  }

  /** What `request` would fetch. Asks the exchange for no candle. */
  async plan(request: JobRequest): Promise<BackfillPlan> {
    const sums = noSums();
    const plan: BackfillPlan = { source: request.source, series: [], totals: { ...sums, estimateMs: 0 } };
    const budgets = new Set<number>();
    let listed = 0;
    for (let at = 0; at < request.items.length; at += PLANNED_AT_ONCE) {
      const part = request.items
        .slice(at, at + PLANNED_AT_ONCE)
        .map(({ key, range }) => ({ series: requireStoredSeries(key), range }));
      const plans = await Promise.all(
        part.map(({ series, range }) => planSeries(series, range, request.source, this.deps)),
      );
      plans.forEach((each, index) => {
        const { market } = part[index]!.series;
        addPlan(sums, market, each);
        const budget = this.deps.exchange.weightBudget?.(market);
        if (budget) budgets.add(budget);
        plan.series.push({ ...each, pages: each.pages.slice(0, Math.max(0, MOST_PAGES_LISTED - listed)) });
        listed += each.pages.length;
      });
    }
    plan.totals = {
      ...sums,
      estimateMs: await this.#pace.estimate(sums, budgets.size > 0 ? Math.min(...budgets) : null),
    };
    return plan;
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
   * be. `finished` resolves with the receipt, and rejects with `runtime.stopping` when this program ends before.
   */
  async start(request: JobRequest): Promise<OwnJob> {
    for (const item of request.items) requireStoredSeries(item.key);
    const own = await this.#queue.add(newJobId(), request);
    this.#learning = own.finished.then(
      () => this.#pace.learn(own.job.sample),
      () => undefined,
    );
    return own;
  }

  /** Ends a job, also of another program; false when there is no such open job. What was stored stays. */
  async cancel(jobId: string): Promise<boolean> {
    const job = await this.#openJob(jobId);
    if (!job) return false;
    if (!this.deps.journal.owners.isAlive(job.owner)) await this.#queue.take(jobId);
    await this.#queue.cancel(jobId);
    return true;
  }

  /** Puts a job down until `resume`, over restarts too; false when there is no such open job. */
  pause(jobId: string): Promise<boolean> {
    return this.#say(jobId, 'pause');
  }

  resume(jobId: string): Promise<boolean> {
    return this.#say(jobId, 'resume');
  }

  /**
   * What failed, stayed partial or was cancelled of a finished job, as a new job. Throws `usage.unknown_job`,
   * `usage.job_not_finished` or `usage.nothing_to_retry`.
   */
  async retry(jobId: string): Promise<OwnJob> {
    const record = await this.deps.journal.read(jobId);
    if (!record)
      throw new AppError('usage.unknown_job', `There is no job ${jobId} in this workspace; tapemend jobs lists them.`);
    if (!record.finished)
      throw new AppError(
        'usage.job_not_finished',
        `The job ${jobId} has not ended yet; cancel it first, or let it go on.`,
      );
    const items = openItems(record.request.items, record.finished.receipt);
    if (items.length === 0)
      throw new AppError(
        'usage.nothing_to_retry',
        `Nothing of the job ${jobId} is missing; there is nothing to try again.`,
      );
    const { source, priority } = record.request;
    return this.start({ items, source, ...(priority === undefined ? {} : { priority }), retryOf: jobId });
  }

  /** Lets waiting items and jobs of these series go first; replaces what was preferred before. Resolves with the jobs that hold any. */
  async prefer(keys: readonly string[]): Promise<number> {
    const { journal } = this.deps;
    const wanted = new Set(keys);
    await journal.refresh();
    let jobs = 0;
    for (const { jobId, request, preferred } of journal.openJobs) {
      const own = [...new Set(request.items.map((item) => item.key))].filter((key) => wanted.has(key));
      if (own.length > 0) jobs++;
      if (own.join() !== preferred.join()) await journal.control(jobId, { what: 'prefer', keys: own });
    }
    await this.#queue.look();
    return jobs;
  }

  /** Jobs of the workspace, newest first. */
  async list(limit: number): Promise<JobProgress[]> {
    return (await this.#queue.list()).slice(0, limit);
  }

  async receipt(jobId: string): Promise<Receipt | null> {
    return (await this.deps.journal.read(jobId))?.finished?.receipt ?? null;
  }

  /** Goes on with jobs whose program is gone, now and from now on; resolves with the number of those found at once. */
  async adoptJobs(): Promise<number> {
    const adopted = await this.#queue.adopt();
    await this.deps.journal.compact();
    return adopted;
  }

  /** Closes jobs without a living program that `request` takes over (the command line runs the same command again). */
  async takeOver(request: JobRequest): Promise<number> {
    const { journal } = this.deps;
    const keys = new Set(request.items.map((item) => item.key));
    await journal.refresh();
    const orphans = journal.openJobs.filter(
      (job) => !journal.owners.isAlive(job.owner) && job.request.items.every((item) => keys.has(item.key)),
    );
    let closed = 0;
    for (const { jobId } of orphans) {
      const own = await this.#queue.take(jobId);
      if (!own) continue;
      await this.#queue.cancel(jobId);
      await own.finished;
      closed++;
    }
    return closed;
  }

  /** Stops all jobs safely: pages in flight are given up, what was stored stays, and the next start goes on. */
  async stop(): Promise<void> {
    await this.#queue.stop();
    await this.#learning;
  }

  /** No job of the workspace runs or waits for its turn; those that are put down do not count. */
  async isIdle(): Promise<boolean> {
    const { journal } = this.deps;
    await journal.refresh();
    return journal.openJobs.every((job) => job.paused);
  }

  /** Jobs under way in this program: none or one. */
  get running(): number {
    return this.#queue.isRunning ? 1 : 0;
  }

  async #say(jobId: string, what: 'pause' | 'resume'): Promise<boolean> {
    const job = await this.#openJob(jobId);
    if (!job) return false;
    if (job.paused !== (what === 'pause')) await this.deps.journal.control(jobId, { what });
    await this.#queue.look();
    return true;
  }

  async #openJob(jobId: string): Promise<JournaledJob | null> {
    await this.deps.journal.refresh();
    return this.deps.journal.openJobs.find((job) => job.jobId === jobId) ?? null;
  }
}

function openItems(items: readonly BackfillItem[], receipt: Receipt): BackfillItem[] {
  const whole = new Set(
    receipt.series.filter((series) => series.stillMissing === 0).map(({ key, from, to }) => `${key} ${from} ${to}`),
  );
  return items.filter(({ key, range }) => !whole.has(`${key} ${range.from} ${range.to}`));
}

/** Sortable by time, unique in a workspace. */
function newJobId(): string {
  return `${new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomBytes(3).toString('hex')}`;
}
