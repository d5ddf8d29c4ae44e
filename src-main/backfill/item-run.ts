import { AppError, failureOf, type PlannedPage, type SeriesReceipt, type SourceChoice } from '@shared/contract';
import {
  barWord,
  type Grid,
  gridIntervalOf,
  intersectRanges,
  type Range,
  type StoredSeries,
  seriesKey,
  seriesWord,
  subtractRanges,
  unionRanges,
} from '@shared/market';
import { type Counters, hasDailyArchives } from '../binance';
import type { WantedBars } from '../coverage';
import type { BackfillDeps } from './backfill-deps';
import { ItemFindings, monthsAround } from './item-findings';
import type { ItemBefore } from './journal-lines';
import { learnLifetime } from './listing';
import type { PageContext, PageOutcome } from './page-context';
import type { ProgressMeter } from './progress';
import { ReadBack } from './read-back';
import { seriesReceipt } from './receipt';
import { isSourceAway, type RetryBudget, restSource } from './retry-budget';
import { RowWriter } from './row-writer';
import { type SeriesSource, sourceOf } from './series-source';
import { isArchiveOnly, sourceFor } from './source-for';
import { storeFindings } from './store-findings';

/** Rounds of planning per series: what an archive turned out to lack is asked of the next tier in the next round. */
const MOST_ROUNDS = 6;
/** Pages of one series under way: as many as the lanes of its sources, and some that are read or written meanwhile. */
const PAGES_AT_ONCE = 12;
/** An archive that is away for longer is left to REST, the next tier, while REST answers. */
const ARCHIVE_PATIENCE_MS = 120_000;

/** What an item shares with the job it belongs to. */
export interface JobContext {
  jobId: string;
  source: SourceChoice;
  recheck: boolean;
  deps: BackfillDeps;
  progress: ProgressMeter;
  counters: Counters;
  retries: RetryBudget;
  /** Records of provenance in an item's receipt. */
  mostProvenance: number;
  signal: AbortSignal;
  onTiming: NonNullable<PageContext['onTiming']>;
  /** The job is put down and goes on later: no receipt is wanted. */
  isHalted: () => boolean;
  /** Notes an error of the job and returns its sentence. */
  fail: (error: unknown, index: number) => string;
}

/** One range of one series of a job: plans, fetches in rounds, and reads back what it came to. */
export class ItemRun {
  readonly #findings: ItemFindings;
  readonly #without = new Set<string>();
  readonly #key: string;
  readonly #kind: SeriesSource;
  #hopeless: Range[] = [];
  #archivesAway = false;
  #mending: Promise<void> | null = null;
  /** The exchange has dropped the symbol: what the archive lacks is nowhere. */
  #archiveOnly = false;
  #source: SourceChoice;
  /** Rows may have been written. */
  #touched = false;

  constructor(
    private readonly index: number,
    private readonly series: StoredSeries,
    private readonly range: Range,
    private readonly job: JobContext,
    /** Place among the items under way: the lower goes first. */
    private readonly rank: () => number,
    /** What the job saw of this item when it first looked, before it was interrupted. */
    private readonly before: ItemBefore | null,
  ) {
    this.#key = seriesKey(series);
    this.#kind = sourceOf(series, job.deps);
    this.#source = job.source;
    this.#findings = new ItemFindings(this.#key, job.jobId);
  }

  /** Null when not even its receipt could be read. Never throws. */
  async run(): Promise<SeriesReceipt | null> {
    const { deps, retries, signal } = this.job;
    let before: ItemBefore;
    try {
      before = this.before ?? (await this.#look());
    } catch (error) {
      this.#fail(error);
      return null;
    }
    const writer = this.#kind.openWriter();
    try {
      if (!this.#isOver) {
        await this.#learn();
        await retries.database(signal, () => this.#kind.ensureTable());
        this.#touched = true;
        const rows = new RowWriter(writer, deps.lanes.writes, this.rank, signal);
        await this.#rounds(rows, before.rows === 0);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      writer.close();
    }
    return this.#receipt(before);
  }

  async #look(): Promise<ItemBefore> {
    const { deps, retries, jobId, signal } = this.job;
    const before = await retries.database(signal, async () => {
      const { asked, alreadyPresent } = await this.#wanted(this.range);
      return { asked, alreadyPresent, ...(await this.#kind.before(this.range)) };
    });
    await deps.journal.begun(jobId, this.index, before);
    return before;
  }

  #wanted(range: Range): Promise<WantedBars> {
    const { deps, recheck, jobId } = this.job;
    return deps.coverage.wanted(this.series, range, recheck ? { jobId } : undefined);
  }

  async #learn(): Promise<void> {
    const { deps, retries, signal, jobId, counters } = this.job;
    await retries.page(restSource(this.series.market), signal, () =>
      learnLifetime(this.series, deps, { jobId, counters, signal }),
    );
    this.#archiveOnly = await isArchiveOnly(this.series, deps);
    this.#source = sourceFor(this.series, this.#source, this.#archiveOnly);
  }

  async #rounds(rows: RowWriter, ownsStrays: boolean): Promise<void> {
    const { deps, retries, signal, progress, counters } = this.job;
    const source = this.#source;
    for (let round = 1; round <= MOST_ROUNDS && !this.#isOver; round++) {
      const wanted = await retries.database(signal, () => this.#wanted(this.range));
      const { grid } = wanted;
      const open = subtractRanges(wanted.wanted, this.#hopeless);
      const pages = await this.#kind.plan(open, wanted, {
        source: this.#archivesAway && source === 'auto' ? 'rest' : source,
        now: deps.exchange.now(),
        without: this.#without,
        signal,
        counters,
      });
      if (pages.length === 0) {
        if (round === 1) progress.setAsked(this.index, progress.items.at(this.index).barsDone);
        if (source === 'auto' && (await this.#confirm())) continue;
        break;
      }
      const item = progress.items.at(this.index);
      const planned = pages.reduce((sum, page) => sum + page.bars, 0);
      // What was foreseen did not know yet where the series begins and ends.
      if (round === 1) progress.setAsked(this.index, item.barsDone + planned);
      else progress.addAsked(this.index, Math.max(0, item.barsDone + planned - item.barsAsked));
      const readBack = this.#readBack(grid);
      const context = { ...this.#pageContext(grid, rows, readBack), ownsStrays };
      await this.#inLanes(pages, (page, lane) => this.#page(page, lane, open, context));
      await readBack.drain().catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== 'questdb.rows_missing') throw error;
        const { ranges } = error.data as { ranges: Range[] };
        const range = monthsAround(ranges[0]!);
        this.#findings.note({ kind: 'lost_rows', sentence: error.message }, { file: null, range, missing: ranges });
        if (round === MOST_ROUNDS) throw error;
        // They are missing in the coverage still: the next round plans them again.
        this.#retried(error.message);
      });
      // An archive is the only source the user allows: what it lacks stays missing.
      if (source === 'archive' && this.#without.size === 0) break;
    }
  }

  /** Whether what looked whole is not. */
  #confirm(): Promise<boolean> {
    const { retries, signal, jobId, counters } = this.job;
    return retries.page(restSource(this.series.market), signal, () =>
      this.#kind.confirm(this.range, { jobId, counters, signal, rank: this.rank }),
    );
  }

  #pageContext(grid: Grid, rows: RowWriter, readBack: ReadBack): Omit<PageContext, 'ownsStrays'> {
    const { deps, jobId, counters, signal, onTiming } = this.job;
    return {
      ...deps,
      series: this.series,
      grid,
      nodeId: deps.nodeIdOf(this.series),
      jobId,
      rows,
      readBack,
      rank: this.rank,
      counters,
      signal,
      onFinding: (finding, subject) => this.#findings.note(finding, subject),
      onRemark: (sentence) => this.#findings.tell(sentence),
      onRead: (reading) => this.#findings.read(reading),
      onTiming,
    };
  }

  /** Never throws, so that one page's trouble does not end the others. */
  async #page(page: PlannedPage, lane: number, open: readonly Range[], context: PageContext): Promise<void> {
    const { deps, progress, jobId, signal, counters } = this.job;
    const inPage = intersectRanges(open, [page.range]);
    const name = `${this.index}:${lane}`;
    progress.begin(name, this.#key, page.range, describePage(this.series, page));
    try {
      const outcome = await this.#fetch(page, inPage, context);
      if (outcome.kind === 'done') {
        const { sources } = progress.items.at(this.index);
        sources[page.tier] += outcome.requests ?? (page.tier === 'rest' ? Math.max(1, Math.ceil(page.bars / 1000)) : 1);
        // Asked again it would lack the same: the next round turns to the next tier.
        if (page.file && outcome.lacks > 0) this.#without.add(page.file);
      } else if (outcome.kind === 'out_of_reach') {
        this.#hopeless = unionRanges(this.#hopeless, outcome.ranges);
      } else {
        if (page.file) this.#without.add(page.file);
        if (this.#source === 'archive' && this.#isLastTier(page)) {
          if (this.#archiveOnly && outcome.isMissing) await this.#noteAbsent(inPage, page);
          else await this.#giveUp(inPage, outcome.reason);
        }
      }
      await deps.journal.page(jobId, this.#key, page.range, outcome.kind, page.file ?? 'REST');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof AppError && error.code === 'exchange.bad_row') {
        const subject = { file: null, range: monthsAround(page.range), missing: inPage };
        this.#findings.note({ kind: 'bad_rows', sentence: error.message }, subject);
      }
      await this.#giveUp(inPage, this.#fail(error)).catch((again: unknown) => this.#fail(again));
    } finally {
      progress.end(name);
      progress.setRetries(counters.retries);
    }
  }

  /** An archive that is away falls back like one that is not published, once waiting for it makes no sense any more. */
  async #fetch(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
    try {
      return await this.#fetchFrom(page, wanted, context);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'questdb.torn_table') throw error;
      this.#retried(error.message);
      this.#mending ??= this.#mendTable();
      await this.#mending;
      return this.#fetchFrom(page, wanted, context);
    }
  }

  /** Makes the table anew that a kill of the database has cut off in the making. */
  async #mendTable(): Promise<void> {
    const { deps, retries, signal } = this.job;
    await retries.database(signal, () => deps.store.dropTornTable(this.series));
    await retries.database(signal, () => this.#kind.ensureTable());
  }

  async #fetchFrom(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
    const { retries, signal } = this.job;
    const source = this.#source;
    if (page.tier === 'rest')
      return retries.page(restSource(this.series.market), signal, () => this.#kind.fetchPage(page, wanted, context));
    if (this.#archivesAway) return { kind: 'fall_back', reason: 'The archive is away.', isMissing: false };
    const patience = source === 'auto' ? ARCHIVE_PATIENCE_MS : undefined;
    try {
      return await retries.page('archive', signal, () => this.#kind.fetchPage(page, wanted, context), patience);
    } catch (error) {
      if (signal.aborted || source !== 'auto' || !isSourceAway(error)) throw error;
      this.#archivesAway = true;
      this.#findings.tell(error.message);
      return { kind: 'fall_back', reason: error.message, isMissing: false };
    }
  }

  async #inLanes(
    pages: readonly PlannedPage[],
    work: (page: PlannedPage, lane: number) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const lane = async (number: number): Promise<void> => {
      while (next < pages.length && !this.#isOver) await work(pages[next++]!, number);
    };
    await Promise.all(Array.from({ length: Math.min(PAGES_AT_ONCE, pages.length) }, (_, number) => lane(number)));
  }

  #readBack(grid: Grid): ReadBack {
    const { deps, retries, signal, progress } = this.job;
    return new ReadBack({
      ...deps,
      series: this.series,
      proof: this.#kind.proof(grid),
      onBars: (bars) => progress.addDone(this.index, bars),
      patiently: (action) => retries.database(signal, action),
    });
  }

  /** Remembers in the ledger that asking failed, and keeps the range out of further rounds of this job. */
  async #giveUp(wanted: readonly Range[], reason: string): Promise<void> {
    const { deps, jobId } = this.job;
    const { wanted: open } = await this.#wanted({
      from: wanted[0]!.from,
      to: wanted[wanted.length - 1]!.to,
    });
    const failed = intersectRanges(open, wanted);
    this.#hopeless = unionRanges(this.#hopeless, failed);
    const entries = failed.map((range) => ({
      at: deps.exchange.now(),
      key: this.#key,
      source: this.#source === 'archive' ? ('archiveDaily' as const) : ('rest' as const),
      outcome: 'failed' as const,
      range,
      rows: 0,
      absent: [],
      evidence: reason,
      jobId,
    }));
    await deps.coverage.recordAnswers(entries, new Map([[this.#key, this.series]]));
  }

  #isLastTier({ tier }: PlannedPage): boolean {
    return tier === 'archiveDaily' || (tier === 'archiveMonthly' && !hasDailyArchives(gridIntervalOf(this.series)));
  }

  /** Of a symbol that is gone, a file that does not exist is an answer: nobody has these bars. */
  async #noteAbsent(wanted: readonly Range[], page: PlannedPage): Promise<void> {
    const { deps, retries, signal, jobId, progress } = this.job;
    const entries = wanted.map((range) => ({
      at: deps.exchange.now(),
      key: this.#key,
      source: page.tier,
      outcome: 'answered' as const,
      range,
      rows: 0,
      absent: [range],
      evidence: `The archive has no file ${page.file}, and the exchange no longer knows ${this.series.symbol}.`,
      jobId,
      written: [],
    }));
    await retries.database(signal, () => deps.coverage.recordAnswers(entries, new Map([[this.#key, this.series]])));
    progress.addDone(this.index, page.bars);
  }

  /** Read from the table's content anew, also of a job that was cancelled. */
  async #receipt(before: ItemBefore): Promise<SeriesReceipt | null> {
    const { deps, retries, progress, signal } = this.job;
    const refresh = () => deps.coverage.refresh(this.series, this.range);
    try {
      if (this.job.isHalted()) {
        await this.#storeFindings();
        return null;
      }
      if (!signal.aborted) await retries.database(signal, refresh);
      else if (this.#touched) await retries.briefly(refresh);
      await this.#storeFindings();
      return await seriesReceipt(deps.coverage, this.series, this.range, before, {
        sources: { ...progress.items.at(this.index).sources },
        findings: this.#findings.sentences,
        nodeId: deps.nodeIdOf(this.series),
        mostProvenance: this.job.mostProvenance,
        ...(await this.#kind.receipt(this.range, before)),
      });
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  async #storeFindings(): Promise<void> {
    const { deps, retries } = this.job;
    await retries
      .briefly(() => storeFindings(this.#findings, this.series, deps))
      .catch((error: unknown) => this.#fail(error));
  }

  #retried(reason: string): void {
    this.job.counters.retries++;
    this.job.progress.failed(reason, this.index);
  }

  #fail(error: unknown): string {
    if (this.job.signal.aborted) return failureOf(error).message;
    return this.job.fail(error, this.index);
  }

  get #isOver(): boolean {
    return this.job.signal.aborted || this.job.retries.gaveUp;
  }
}

function describePage(series: StoredSeries, page: PlannedPage): string {
  const what = page.file ? `archive ${page.file}` : `REST, ${page.bars.toLocaleString('en')} ${barWord(series)}s`;
  return `${series.symbol} ${seriesWord(series)} · ${what}`;
}
