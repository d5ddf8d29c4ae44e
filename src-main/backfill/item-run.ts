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
import { hasDailyArchives } from '../binance';
import { recordFailure, recordNoFile } from './item-answers';
import { ItemFindings, monthsAround } from './item-findings';
import type { JobContext } from './job-context';
import type { ItemBefore } from './journal-lines';
import { LifetimeLookup } from './lifetime-lookup';
import type { PageContext } from './page-context';
import { PageFetch } from './page-fetch';
import { ReadBack } from './read-back';
import { seriesReceipt } from './receipt';
import { restSource } from './retry-budget';
import { RowWriter } from './row-writer';
import { type SeriesSource, sourceOf } from './series-source';
import { isArchiveOnly, sourceFor } from './source-for';
import { storeFindings } from './store-findings';

/** Rounds of planning per series: what an archive turned out to lack is asked of the next tier in the next round. */
const MOST_ROUNDS = 6;
/** Pages of one series under way: as many as the lanes of its sources, and some that are read or written meanwhile. */
const PAGES_AT_ONCE = 12;

/** What one run of an item works with. */
interface ItemWork {
  rows: RowWriter;
  life: LifetimeLookup;
  fetch: PageFetch;
  /** See `PageContext`. */
  ownsStrays: boolean;
}

/** One range of one series of a job: plans, fetches in rounds, and reads back what it came to. */
export class ItemRun {
  readonly #findings: ItemFindings;
  readonly #without = new Set<string>();
  readonly #key: string;
  readonly #kind: SeriesSource;
  #hopeless: Range[] = [];
  /** The exchange has dropped the symbol: what the archive lacks is nowhere. */
  #archiveOnly = false;
  #source: SourceChoice;
  /** All is known of the series' life that can be. */
  #isLearned = false;
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
    let life: LifetimeLookup | null = null;
    try {
      if (!this.#isOver) {
        life = new LifetimeLookup(this.series, this.job);
        await this.#learn(life);
        await retries.database(signal, () => this.#kind.ensureTable());
        this.#touched = true;
        const rows = new RowWriter(writer, deps.lanes.writes, this.rank, signal);
        await this.#rounds({ rows, life, fetch: this.#pageFetch(life), ownsStrays: before.rows === 0 });
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      await life?.end();
      writer.close();
    }
    return this.#receipt(before);
  }

  async #look(): Promise<ItemBefore> {
    const { deps, retries, jobId, signal } = this.job;
    const before = await retries.database(signal, async () => {
      const { asked, alreadyPresent } = await deps.coverage.wanted(this.series, this.range);
      return { asked, alreadyPresent, ...(await this.#kind.before(this.range)) };
    });
    await deps.journal.begun(jobId, this.index, before);
    return before;
  }

  /** Where the series begins and ends, and which sources can be asked. */
  async #learn(life: LifetimeLookup): Promise<void> {
    const { deps, source } = this.job;
    // The grid of 3d candles is among what is learned.
    const isNeeded = source === 'rest' || this.series.interval === '3d';
    await (isNeeded ? life.settled() : life.settledUnlessAway());
    this.#archiveOnly = await isArchiveOnly(this.series, deps);
    this.#source = sourceFor(this.series, source, this.#archiveOnly);
  }

  #pageFetch(life: LifetimeLookup): PageFetch {
    const { series, job } = this;
    return new PageFetch({
      series,
      kind: this.#kind,
      job,
      life,
      onRetry: (reason) => this.#retried(reason),
      onRemark: (sentence) => this.#findings.tell(sentence),
    });
  }

  async #rounds(work: ItemWork): Promise<void> {
    const { deps, retries, signal, progress, counters } = this.job;
    const { life, fetch } = work;
    for (let round = 1; round <= MOST_ROUNDS && !this.#isOver; round++) {
      if (round > 1 && !this.#isLearned) await this.#learn(life);
      this.#isLearned = life.isSettled;
      const source = this.#source;
      const wanted = await retries.database(signal, () => deps.coverage.wanted(this.series, this.range));
      const { grid } = wanted;
      const open = subtractRanges(wanted.wanted, this.#hopeless);
      const pages = await this.#kind.plan(open, wanted, {
        source: fetch.isArchiveAway && source === 'auto' ? 'rest' : source,
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
      const context = this.#pageContext(grid, work, readBack);
      await this.#inLanes(this.#isLearned ? pages : filesFirst(pages), (page, lane) =>
        this.#page(page, lane, open, context, fetch),
      );
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
    const context = { ...this.#listeners, jobId, counters, signal, rank: this.rank };
    return retries.page(restSource(this.series.market), signal, () => this.#kind.confirm(this.range, context));
  }

  /** Who is told of what a page meets. */
  get #listeners(): Pick<PageContext, 'onFinding' | 'onRead' | 'onRemark' | 'onTiming'> {
    return {
      onFinding: (finding, subject) => this.#findings.note(finding, subject),
      onRemark: (sentence) => this.#findings.tell(sentence),
      onRead: (reading) => this.#findings.read(reading),
      onTiming: this.job.onTiming,
    };
  }

  #pageContext(grid: Grid, { rows, ownsStrays }: ItemWork, readBack: ReadBack): PageContext {
    const { deps, jobId, counters, signal } = this.job;
    return {
      ...deps,
      ...this.#listeners,
      series: this.series,
      grid,
      nodeId: deps.nodeIdOf(this.series),
      jobId,
      rows,
      readBack,
      ownsStrays,
      rank: this.rank,
      counters,
      signal,
    };
  }

  /** Never throws, so that one page's trouble does not end the others. */
  async #page(
    page: PlannedPage,
    lane: number,
    open: readonly Range[],
    context: PageContext,
    fetch: PageFetch,
  ): Promise<void> {
    const { deps, progress, jobId, signal, counters } = this.job;
    const inPage = intersectRanges(open, [page.range]);
    const name = `${this.index}:${lane}`;
    progress.begin(name, this.#key, page.range, describePage(this.series, page));
    try {
      const outcome = await fetch.fetch(page, inPage, this.#source, context);
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
          if (this.#archiveOnly && outcome.isMissing) {
            await recordNoFile(this.series, inPage, page, this.job);
            progress.addDone(this.index, page.bars);
          } else await this.#giveUp(inPage, outcome.reason);
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

  /** Keeps the range out of further rounds of this job. */
  async #giveUp(wanted: readonly Range[], reason: string): Promise<void> {
    const source = this.#source === 'archive' ? 'archiveDaily' : 'rest';
    const failed = await recordFailure(this.series, wanted, source, reason, this.job);
    this.#hopeless = unionRanges(this.#hopeless, failed);
  }

  #isLastTier({ tier }: PlannedPage): boolean {
    return tier === 'archiveDaily' || (tier === 'archiveMonthly' && !hasDailyArchives(gridIntervalOf(this.series)));
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

/** REST pages would only occupy the lanes that files can use. */
function filesFirst(pages: readonly PlannedPage[]): PlannedPage[] {
  return [...pages.filter(({ tier }) => tier !== 'rest'), ...pages.filter(({ tier }) => tier === 'rest')];
}

function describePage(series: StoredSeries, page: PlannedPage): string {
  const what = page.file ? `archive ${page.file}` : `REST, ${page.bars.toLocaleString('en')} ${barWord(series)}s`;
  return `${series.symbol} ${seriesWord(series)} · ${what}`;
}
