import {
  AppError,
  type BackfillPlan,
  type IngestBatch,
  type JobItem,
  type JobProgress,
  type Receipt,
  type RequestHandlers,
  type SeriesPlan,
} from '@shared/contract';
import { countBars, gridOf, type Span } from '@shared/market';
import type { EventHub } from '@shared/rpc';
import { EVIDENCE } from './dev-evidence';
import type { DevSeries } from './dev-series';

type JobRoute =
  | 'backfill.cancel'
  | 'jobs.list'
  | 'jobs.pause'
  | 'jobs.resume'
  | 'jobs.retry'
  | 'jobs.prefer'
  | 'jobs.receipt';

export interface DevJobsDeps {
  find(key: string): DevSeries;
  events: EventHub;
  wrote(batch: Omit<IngestBatch, 'at' | 'revertedAt'>): void;
}

interface Work {
  readonly job: JobProgress;
  readonly plan: BackfillPlan;
  asked: 'go' | 'pause' | 'cancel';
}

const TICK_MS = 100;
/** One item in so many fails, so that there is something to try again. */
const FAILS_EVERY = 9;

/** Jobs one after the other, the most important first, that paint their series as they go. */
export class DevJobs {
  readonly #works = new Map<string, Work>();
  readonly #receipts = new Map<string, Receipt>();
  #running = false;
  #next = 1;

  constructor(private readonly deps: DevJobsDeps) {}

  readonly requests: Pick<RequestHandlers, JobRoute> = {
    'backfill.cancel': ({ jobId }) => ({ cancelled: this.#ask(jobId, 'cancel') }),
    'jobs.list': () => ({ jobs: [...this.#works.values()].map(({ job }) => job).reverse() }),
    'jobs.pause': ({ jobId }) => ({ paused: this.#ask(jobId, 'pause') }),
    'jobs.resume': ({ jobId }) => ({ resumed: this.#ask(jobId, 'go') }),
    'jobs.retry': ({ jobId }) => {
      const work = this.#works.get(jobId);
      const failed = work?.job.items.filter((item) => item.state === 'failed' || item.state === 'cancelled') ?? [];
      if (!work || failed.length === 0)
        throw new AppError('usage.nothing_to_retry', `Nothing of the job ${jobId} is missing.`);
      const series = failed.map((item) => work.plan.series[item.index]!);
      const bars = failed.reduce((sum, item) => sum + item.barsAsked, 0);
      const plan = { ...work.plan, series, totals: { ...work.plan.totals, bars } };
      return { jobId: this.start(plan, 0, jobId) };
    },
    'jobs.prefer': () => ({ jobs: [...this.#works.values()].filter(({ job }) => isOpen(job)).length }),
    'jobs.receipt': ({ jobId }) => ({ receipt: this.#receipts.get(jobId) ?? null }),
  };

  start(plan: BackfillPlan, priority: number, retryOf: string | null = null): string {
    const job: JobProgress = {
      jobId: `dev-${this.#next++}`,
      state: 'queued',
      keys: [...new Set(plan.series.map((each) => each.key))],
      barsAsked: plan.totals.bars,
      barsDone: 0,
      barsPerSecond: 0,
      remainingMs: null,
      retries: 0,
      current: null,
      active: [],
      lastError: null,
      items: plan.series.map(itemOf),
      itemTotals: { total: plan.series.length, byState: countStates([]) },
      sources: { archiveMonthly: 0, archiveDaily: 0, rest: 0 },
      owner: 'here',
      priority,
      retryOf,
      queuedAt: Date.now(),
    };
    this.#works.set(job.jobId, { job, plan, asked: 'go' });
    this.#tell(job);
    void this.#runAll();
    return job.jobId;
  }

  #ask(jobId: string, asked: Work['asked']): boolean {
    const work = this.#works.get(jobId);
    if (!work || !isOpen(work.job)) return false;
    work.asked = asked;
    if (work.job.state !== 'running') {
      work.job.state = asked === 'go' ? 'queued' : asked === 'pause' ? 'paused' : 'cancelled';
      if (asked === 'cancel') this.#finish(work, Date.now());
      else this.#tell(work.job);
    }
    void this.#runAll();
    return true;
  }

  async #runAll(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const next = () =>
      [...this.#works.values()]
        .filter(({ job }) => job.state === 'queued')
        .sort((a, b) => b.job.priority - a.job.priority)[0];
    for (let work = next(); work; work = next()) await this.#run(work);
    this.#running = false;
  }

  async #run(work: Work): Promise<void> {
    const { job, plan } = work;
    const startedAt = Date.now();
    const before = job.barsDone;
    job.state = 'running';
    const rate = Math.max(plan.totals.bars / 45, 20_000 / 10);
    for (const [index, series] of plan.series.entries()) {
      const item = job.items[index]!;
      if (item.state !== 'queued' && item.state !== 'running') continue;
      item.state = 'running';
      for (const gap of series.gaps) {
        const target = this.deps.find(series.key);
        const grid = gridOf(target.interval);
        const bars = countBars(grid, gap);
        const pieces = Math.max(6, Math.ceil(bars / rate));
        for (let i = 0; i < pieces && work.asked === 'go'; i++) {
          const at = (n: number) => grid.openAt(grid.indexOf(gap.from) + Math.round((bars * n) / pieces));
          const piece = { from: at(i), to: at(i + 1) };
          job.active = [{ key: series.key, range: { from: piece.from, to: gap.to } }];
          job.current = `archive ${new Date(piece.from).toISOString().slice(0, 7)}`;
          this.#pace(job, startedAt, before);
          await new Promise((resolve) => setTimeout(resolve, TICK_MS));
          const done = target.spans.find((span) => span.from <= piece.from && span.to >= piece.to);
          if (piece.to <= piece.from || done?.verdict === 'present') continue;
          target.paint(piece, 'present');
          const painted = countBars(grid, piece);
          job.barsDone += painted;
          item.barsDone += painted;
          this.deps.events.emit('coverage.changed', { summaries: [target.summary()] });
        }
      }
      if (work.asked !== 'go') break;
      const fails = index % FAILS_EVERY === FAILS_EVERY - 1;
      item.state = fails ? 'failed' : 'complete';
      item.lastError = fails ? 'REST answered 503 three times; the daily archive is not published yet.' : null;
      item.sources = { archiveMonthly: series.gaps.length, archiveDaily: index % 4, rest: 1 };
      job.sources.archiveMonthly += item.sources.archiveMonthly;
      job.sources.archiveDaily += item.sources.archiveDaily;
      job.sources.rest += 1;
      if (fails) job.lastError = item.lastError;
    }
    job.active = [];
    if (work.asked === 'pause') {
      job.state = 'paused';
      this.#tell(job);
      return;
    }
    const failed = job.items.some((item) => item.state === 'failed');
    job.state = work.asked === 'cancel' ? 'cancelled' : failed ? 'partial' : 'complete';
    this.#finish(work, startedAt);
  }

  #pace(job: JobProgress, startedAt: number, before: number): void {
    const elapsed = Math.max(1, Date.now() - startedAt);
    const done = job.barsDone - before;
    job.barsPerSecond = (done / elapsed) * 1_000;
    job.remainingMs = done > 0 ? ((job.barsAsked - job.barsDone) / done) * elapsed : null;
    this.#tell(job);
  }

  #tell(job: JobProgress): void {
    job.itemTotals = { total: job.items.length, byState: countStates(job.items) };
    this.deps.events.emit('job.progressed', structuredClone(job));
  }

  #finish({ job, plan }: Work, startedAt: number): void {
    if (job.state === 'cancelled')
      for (const item of job.items) if (item.state === 'queued' || item.state === 'running') item.state = 'cancelled';
    this.#tell(job);
    const receipt: Receipt = {
      jobId: job.jobId,
      status: job.state === 'complete' ? 'complete' : 'partial',
      series: plan.series.map((each, index) => this.#receiptOf(each, job.items[index]!)),
      requests: plan.totals.requests,
      bytes: plan.totals.bytes,
      weightUsed: plan.totals.weight,
      retries: 0,
      durationMs: Date.now() - startedAt,
      startedAt,
      errors: [],
    };
    for (const { key, range, barsDone } of job.items)
      if (barsDone > 0) this.deps.wrote({ jobId: job.jobId, key, range, bars: barsDone });
    this.#receipts.set(job.jobId, receipt);
    this.deps.events.emit('job.finished', { progress: structuredClone(job), receipt });
  }

  #receiptOf(each: SeriesPlan, item: JobItem): Receipt['series'][number] {
    const series = this.deps.find(each.key);
    const { table, nodeId } = series.summary();
    const gaps: Span[] = series.spans.filter(
      (span) => span.verdict !== 'present' && span.from >= each.range.from && span.to <= each.range.to,
    );
    return {
      key: each.key,
      table,
      nodeId,
      from: each.range.from,
      to: each.range.to,
      asked: each.asked,
      alreadyPresent: each.alreadyPresent,
      stored: item.barsDone,
      stillMissing: Math.max(0, item.barsAsked - item.barsDone),
      gaps: gaps.map((gap) => ({ ...gap, evidence: EVIDENCE[gap.verdict] })),
      sources: item.sources,
      findings: [],
      provenance: [],
      provenanceLeftOut: 0,
    };
  }
}

function isOpen({ state }: JobProgress): boolean {
  return state === 'queued' || state === 'running' || state === 'paused';
}

function itemOf({ key, range, asked, alreadyPresent }: SeriesPlan, index: number): JobItem {
  return {
    index,
    key,
    range,
    state: 'queued',
    barsAsked: asked - alreadyPresent,
    barsDone: 0,
    sources: { archiveMonthly: 0, archiveDaily: 0, rest: 0 },
    lastError: null,
  };
}

function countStates(items: readonly JobItem[]): JobProgress['itemTotals']['byState'] {
  const counts = {
    queued: 0,
    running: 0,
    complete: 0,
    complete_with_explained_gaps: 0,
    partial: 0,
    failed: 0,
    cancelled: 0,
  };
  for (const { state } of items) counts[state]++;
  return counts;
}
