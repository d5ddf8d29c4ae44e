import {
  AppError,
  failureOf,
  type JobProgress,
  type PlannedPage,
  type Receipt,
  type SeriesPlan,
  type SeriesReceipt,
  type SourceTier,
} from '@shared/contract';
import {
  type CandleSeries,
  countBars,
  type Grid,
  intersectRanges,
  intervalSeconds,
  parseCandleSeriesKey,
  type Range,
  seriesKey,
  subtractRanges,
  unionRanges,
} from '@shared/market';
import type { Counters } from '../binance';
import type { CoverageService } from '../coverage';
import type { BackfillMetrics } from '../dag';
import type { QuestDbStore } from '../questdb';
import type { ExchangeAccess } from './exchange-access';
import type { IngestPool } from './ingest-pool';
import { itemCounters, type MeasuredItem, measureItem } from './job-metrics';
import type { JobRequest } from './job-request';
import type { Journal } from './journal';
import { learnLifetime } from './listing';
import { fetchPage, type PageContext } from './page-fetcher';
import { planPages } from './planner';
import { ProgressMeter } from './progress';
import { ReadBack } from './read-back';
import { receiptStatus, seriesReceipt } from './receipt';

export interface BackfillDeps {
  store: Pick<QuestDbStore, 'content' | 'settle' | 'ensureCandleTable' | 'openWriter'>;
  coverage: CoverageService;
  exchange: ExchangeAccess;
  pool: IngestPool;
  journal: Journal;
  nodeIdOf: (series: CandleSeries) => string;
  /** Waits between two tries of a page while the database is away; rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  metrics?: BackfillMetrics;
}

/** Pages under way at the same time: enough that download, parsing and writing overlap, few enough to keep memory flat. */
const LANES = 4;
/** Rounds of planning per series: what an archive turned out to lack is asked of the next tier in the next round. */
const MOST_ROUNDS = 4;
/** Some 40 s in all, longer than a crashed database needs to come back. */
const PAGE_TRIES = 10;
/** A thread that dies thrice over one file will die again. */
const LOST_WORKER_TRIES = 3;
const PAGE_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5_000;
/** After so many pages in a row that could not reach the exchange, the rest would only wait for the same. */
const UNREACHABLE_LIMIT = 3;

/** One backfill under way. It never stops at a failed page; what it could not do is in the receipt. */
export class BackfillJob {
  readonly progress: ProgressMeter;
  readonly #counters: Counters = { requests: 0, bytes: 0, weight: 0, retries: 0 };
  readonly #errors: string[] = [];
  readonly #abort = new AbortController();
  #unreachable: AppError | null = null;
  #unreachableInARow = 0;
  #startedAt = 0;
  #interrupted = false;

  constructor(
    readonly id: string,
    readonly request: JobRequest,
    private readonly deps: BackfillDeps,
    onProgress: (progress: JobProgress) => void,
  ) {
    this.progress = new ProgressMeter(id, [...new Set(request.items.map((item) => item.key))], onProgress);
  }

  /** Stops soon; what was stored stays. */
  cancel(): void {
    this.#abort.abort();
  }

  /** Stops soon and leaves the journal open, so that the next start goes on with the job. */
  interrupt(): void {
    this.#interrupted = true;
    this.#abort.abort();
  }

  get wasCancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Set when nothing at all could be done because a part is unreachable: the command line answers with exit code 3. */
  get unreachable(): AppError | null {
    return this.#unreachable;
  }

  async run(): Promise<Receipt> {
    const { journal } = this.deps;
    const started = performance.now();
    this.#startedAt = Date.now();
    this.progress.setState('running');
    const series: SeriesReceipt[] = [];
    for (const item of itemsOf(this.request)) {
      const { series: one, range } = item;
      const measured = this.#measured(one, range);
      const run = () => this.#runSeries(one, range);
      const receipt = await measureItem(this.deps.metrics, measured, () => this.wasCancelled, run);
      if (receipt) series.push(receipt);
    }
    const status = receiptStatus(series, this.#errors);
    const receipt: Receipt = {
      jobId: this.id,
      status,
      series,
      requests: this.#counters.requests,
      bytes: this.#counters.bytes,
      weightUsed: this.#counters.weight,
      retries: this.#counters.retries,
      durationMs: Math.round(performance.now() - started),
      startedAt: this.#startedAt,
      errors: [...new Set(this.#errors)],
    };
    const state =
      this.wasCancelled && status !== 'complete' && status !== 'complete_with_explained_gaps' ? 'cancelled' : status;
    this.progress.setState(state);
    if (this.#interrupted) return receipt;
    // Unfinished in the journal, the job is taken up again at the next start, which finds nothing left to do.
    await journal.finish(this.id, state, receipt).catch((error: unknown) => this.#fail(error));
    return { ...receipt, errors: [...new Set(this.#errors)] };
  }

  #measured(series: CandleSeries, range: Range): MeasuredItem {
    return {
      nodeId: this.deps.nodeIdOf(series),
      intervalSeconds: intervalSeconds(series.interval),
      to: range.to,
    };
  }

  async #runSeries(series: CandleSeries, range: Range): Promise<SeriesReceipt | null> {
    const { coverage, store } = this.deps;
    const sources: Record<SourceTier, number> = { archiveMonthly: 0, archiveDaily: 0, rest: 0 };
    const findings: string[] = [];
    const nodeId = this.deps.nodeIdOf(series);
    let before: { asked: number; alreadyPresent: number };
    try {
      before = await this.#patiently(() => coverage.wanted(series, range));
    } catch (error) {
      this.#fail(error);
      return null;
    }
    const writer = store.openWriter();
    try {
      if (!this.wasCancelled && !this.#gaveUp) {
        const { signal } = this.#abort;
        await this.#patiently(
          () => learnLifetime(series, this.deps, { jobId: this.id, counters: this.#counters, signal }),
          signal,
        );
        await this.#patiently(() => store.ensureCandleTable(series), signal);
        await this.#rounds(series, range, { sources, findings, nodeId, writer });
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      writer.close();
    }
    try {
      await this.#patiently(() => coverage.refresh(series));
      return await seriesReceipt(coverage, series, range, before, { sources, findings, nodeId });
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  async #rounds(
    series: CandleSeries,
    range: Range,
    work: { sources: Record<SourceTier, number>; findings: string[]; nodeId: string; writer: PageContext['writer'] },
  ): Promise<void> {
    const { coverage, exchange } = this.deps;
    const counters = itemCounters(this.deps.metrics, this.#measured(series, range), this.#counters);
    const without = new Set<string>();
    let hopeless: Range[] = [];
    for (let round = 1; round <= MOST_ROUNDS && !this.wasCancelled && !this.#gaveUp; round++) {
      const { grid, wanted } = await this.#patiently(() => coverage.wanted(series, range), this.#abort.signal);
      const open = subtractRanges(wanted, hopeless);
      const pages = planPages(series, grid, open, { source: this.request.source, now: exchange.now(), without });
      if (pages.length === 0) break;
      const readBack = this.#readBack(series, grid);
      if (round === 1) this.progress.addAsked(pages.reduce((sum, page) => sum + page.bars, 0));
      await this.#inLanes(pages, async (page, lane) => {
        const inPage = intersectRanges(open, [page.range]);
        const context: PageContext = {
          ...this.deps,
          series,
          grid,
          nodeId: work.nodeId,
          jobId: this.id,
          writer: work.writer,
          counters,
          signal: this.#abort.signal,
          readBack,
          onFinding: (finding) => work.findings.push(finding),
        };
        const name = `${this.id}:${lane}`;
        this.progress.begin(name, seriesKey(series), page.range, describePage(series, page));
        try {
          const outcome = await this.#tryPage(page, inPage, context);
          if (outcome.kind === 'done') {
            if (page.tier === 'rest') work.sources.rest += Math.max(1, Math.ceil(page.bars / 1000));
            else work.sources[page.tier]++;
            // Asked again it would lack the same: the next round turns to the next tier.
            if (page.file && outcome.lacks > 0) without.add(page.file);
          } else {
            if (page.file) without.add(page.file);
            if (this.request.source === 'archive' && page.tier === 'archiveDaily')
              hopeless = await this.#giveUp(series, inPage, hopeless, outcome.reason);
          }
          await this.deps.journal.page(this.id, seriesKey(series), page.range, outcome.kind, page.file ?? 'REST');
        } catch (error) {
          if (this.wasCancelled) return;
          hopeless = await this.#giveUp(series, inPage, hopeless, this.#fail(error));
        } finally {
          this.progress.end(name);
          this.progress.setRetries(this.#counters.retries);
        }
      });
      await readBack.drain().catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== 'questdb.rows_missing' || round === MOST_ROUNDS) throw error;
        // They are missing in the coverage still: the next round plans them again.
        counters.retries++;
        this.progress.failed(error.message);
      });
      // An archive is the only source the user allows: what it lacks stays missing.
      if (this.request.source === 'archive' && without.size === 0) break;
    }
  }

  #readBack(series: CandleSeries, grid: Grid): ReadBack {
    return new ReadBack({
      ...this.deps,
      series,
      grid,
      onBars: (bars) => this.progress.addDone(bars),
      patiently: (action) => this.#patiently(action, this.#abort.signal),
    });
  }

  /** A page whose database restarted is done again: dedup makes that safe. */
  async #tryPage(page: PlannedPage, wanted: readonly Range[], context: PageContext): ReturnType<typeof fetchPage> {
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await fetchPage(page, wanted, context);
        this.#unreachableInARow = 0;
        return outcome;
      } catch (error) {
        if (this.wasCancelled || attempt >= triesFor(error)) throw error;
        context.counters.retries++;
        this.progress.failed(failureOf(error).message);
        await this.deps.sleep(Math.min(PAGE_RETRY_MS * attempt, LONGEST_RETRY_MS), this.#abort.signal);
      }
    }
  }

  /** Repeats what failed only for want of a running database. */
  async #patiently<T>(action: () => Promise<T>, signal = new AbortController().signal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        if (signal.aborted || this.#gaveUp || attempt >= triesFor(error)) throw error;
        await this.deps.sleep(Math.min(PAGE_RETRY_MS * attempt, LONGEST_RETRY_MS), signal);
      }
    }
  }

  /** Remembers in the ledger that asking failed, and keeps the range out of further rounds of this job. */
  async #giveUp(series: CandleSeries, wanted: readonly Range[], hopeless: Range[], reason: string): Promise<Range[]> {
    const { coverage, exchange } = this.deps;
    const key = seriesKey(series);
    const { wanted: open } = await coverage.wanted(series, {
      from: wanted[0]!.from,
      to: wanted[wanted.length - 1]!.to,
    });
    const failed = intersectRanges(open, wanted);
    const entries = failed.map((range) => ({
      at: exchange.now(),
      key,
      source: this.request.source === 'archive' ? ('archiveDaily' as const) : ('rest' as const),
      outcome: 'failed' as const,
      range,
      rows: 0,
      absent: [],
      evidence: reason,
      jobId: this.id,
    }));
    await coverage.recordAnswers(entries, new Map([[key, series]])).catch((error: unknown) => this.#fail(error));
    return unionRanges(hopeless, failed);
  }

  async #inLanes(
    pages: readonly PlannedPage[],
    work: (page: PlannedPage, lane: number) => Promise<void>,
  ): Promise<void> {
    const queue = [...pages];
    const lane = async (number: number): Promise<void> => {
      for (let page = queue.shift(); page && !this.wasCancelled && !this.#gaveUp; page = queue.shift())
        await work(page, number);
    };
    await Promise.all(Array.from({ length: Math.min(LANES, pages.length) }, (_, number) => lane(number)));
  }

  get #gaveUp(): boolean {
    return this.#unreachableInARow >= UNREACHABLE_LIMIT;
  }

  /** Notes an error and returns its sentence; a cancelled call is none. */
  #fail(error: unknown): string {
    const failure = failureOf(error);
    if (this.wasCancelled) return failure.message;
    this.#errors.push(failure.message);
    this.progress.failed(failure.message);
    if (
      error instanceof AppError &&
      (error.code === 'exchange.unreachable' || /^(questdb|workspace)\./.test(error.code))
    ) {
      this.#unreachable ??= error;
      this.#unreachableInARow = isDiskFull(error) ? UNREACHABLE_LIMIT : this.#unreachableInARow + 1;
    }
    return failure.message;
  }
}

function isDiskFull(error: AppError): boolean {
  return error.code === 'questdb.disk_full' || error.code === 'workspace.disk_full';
}

/** Failures that pass: the database restarts by itself, a lost worker is replaced. */
const TRIES: ReadonlyMap<string, number> = new Map([
  ['questdb.connection_lost', PAGE_TRIES],
  ['questdb.unreachable', PAGE_TRIES],
  ['questdb.not_running', PAGE_TRIES],
  ['runtime.worker_lost', LOST_WORKER_TRIES],
]);

function triesFor(error: unknown): number {
  return (error instanceof AppError && TRIES.get(error.code)) || 1;
}

/** The items in the order asked; their keys were checked where the request came in. */
function itemsOf(request: JobRequest): { series: CandleSeries; range: Range }[] {
  return request.items.flatMap(({ key, range }) => {
    const series = parseCandleSeriesKey(key);
    return series ? [{ series, range }] : [];
  });
}

function describePage(series: CandleSeries, page: PlannedPage): string {
  const what = page.file ? `archive ${page.file}` : `REST, ${page.bars.toLocaleString('en')} bars`;
  return `${series.symbol} ${series.interval} · ${what}`;
}

/** Plan of one series, without running it. */
export async function planSeries(
  series: CandleSeries,
  range: Range,
  source: JobRequest['source'],
  deps: { coverage: CoverageService; exchange: Pick<ExchangeAccess, 'now'> },
): Promise<SeriesPlan> {
  const { grid, asked, alreadyPresent, wanted } = await deps.coverage.wanted(series, range);
  const bars = wanted.reduce((sum, each) => sum + countBars(grid, each), 0);
  return {
    key: seriesKey(series),
    range,
    asked,
    alreadyPresent,
    knownAbsent: asked - alreadyPresent - bars,
    gaps: wanted,
    pages: planPages(series, grid, wanted, { source, now: deps.exchange.now() }),
  };
}
