import { AppError, failureOf, type PlannedPage, type SourceChoice } from '@shared/contract';
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
import { type ItemFindings, monthsAround } from './item-findings';
import { type JobContext, wantedBy } from './job-context';
import type { LifetimeLookup } from './lifetime-lookup';
import type { PageContext } from './page-context';
import { PageFetch } from './page-fetch';
import { ReadBack } from './read-back';
import { restSource } from './retry-budget';
import type { RowWriter } from './row-writer';
import type { SeriesSource } from './series-source';
import { isArchiveOnly, sourceFor } from './source-for';

/** Rounds of planning per series: what an archive turned out to lack is asked of the next tier in the next round. */
const MOST_ROUNDS = 6;
/** Pages of one series under way: as many as the lanes of its sources, and some that are read or written meanwhile. */
const PAGES_AT_ONCE = 12;

/** What is fetched in rounds, and with what. */
export interface RoundsItem {
  /** Place in the job's request. */
  index: number;
  series: StoredSeries;
  range: Range;
  kind: SeriesSource;
  findings: ItemFindings;
  life: LifetimeLookup;
  rows: RowWriter;
  /** See `PageContext`. */
  ownsStrays: boolean;
  /** Place among the items under way: the lower goes first. */
  rank: () => number;
}

/** Plans what a range lacks, fetches it, and plans again what the sources turned out to lack. */
export class ItemRounds {
  readonly #fetch: PageFetch;
  readonly #without = new Set<string>();
  #hopeless: Range[] = [];
  /** The exchange has dropped the symbol: what the archive lacks is nowhere. */
  #archiveOnly = false;
  #source: SourceChoice;
  /** All is known of the series' life that can be. */
  #isLearned = false;

  constructor(
    private readonly item: RoundsItem,
    private readonly job: JobContext,
  ) {
    this.#source = job.source;
    this.#fetch = new PageFetch({
      ...item,
      job,
      onRetry: (reason) => this.#retried(reason),
      onRemark: (sentence) => item.findings.tell(sentence),
    });
  }

  /** Learns where the series begins and ends, and which sources can be asked. Throws `usage.*` when it is no series. */
  async learn(): Promise<void> {
    const { deps, source } = this.job;
    const { life } = this.item;
    // The grid of 3d candles is among what is learned.
    const isNeeded = source === 'rest' || this.item.series.interval === '3d';
    await (isNeeded ? life.settled() : life.settledUnlessAway());
    this.#archiveOnly = await isArchiveOnly(this.item.series, deps);
    this.#source = sourceFor(this.item.series, source, this.#archiveOnly);
  }

  /** Until nothing is left that a source may have. Throws what ends the item. */
  async run(): Promise<void> {
    const { deps, retries, signal, progress, counters } = this.job;
    const fetch = this.#fetch;
    for (let round = 1; round <= MOST_ROUNDS && !this.#isOver; round++) {
      if (round > 1 && !this.#isLearned) await this.learn();
      this.#isLearned = this.item.life.isSettled;
      const source = this.#source;
      const wanted = await retries.database(signal, () => wantedBy(this.job, this.item.series, this.item.range));
      const { grid } = wanted;
      const open = subtractRanges(wanted.wanted, this.#hopeless);
      const pages = await this.item.kind.plan(open, wanted, {
        source: fetch.isArchiveAway && source === 'auto' ? 'rest' : source,
        now: deps.exchange.now(),
        without: this.#without,
        signal,
        counters,
      });
      if (pages.length === 0) {
        if (round === 1) progress.setAsked(this.item.index, progress.items.at(this.item.index).barsDone);
        if (source === 'auto' && (await this.#confirm())) continue;
        break;
      }
      const item = progress.items.at(this.item.index);
      const planned = pages.reduce((sum, page) => sum + page.bars, 0);
      // What was foreseen did not know yet where the series begins and ends.
      if (round === 1) progress.setAsked(this.item.index, item.barsDone + planned);
      else progress.addAsked(this.item.index, Math.max(0, item.barsDone + planned - item.barsAsked));
      const readBack = this.#readBack(grid);
      const context = this.#pageContext(grid, readBack);
      await this.#inLanes(this.#isLearned ? pages : filesFirst(pages), (page, lane) =>
        this.#page(page, lane, open, context),
      );
      await readBack.drain().catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== 'questdb.rows_missing') throw error;
        const { ranges } = error.data as { ranges: Range[] };
        const range = monthsAround(ranges[0]!);
        this.item.findings.note({ kind: 'lost_rows', sentence: error.message }, { file: null, range, missing: ranges });
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
    const context = { ...this.#listeners, jobId, counters, signal, rank: this.item.rank };
    return retries.page(restSource(this.item.series.market), signal, () =>
      this.item.kind.confirm(this.item.range, context),
    );
  }

  /** Who is told of what a page meets. */
  get #listeners(): Pick<PageContext, 'onFinding' | 'onRead' | 'onRemark' | 'onTiming'> {
    return {
      onFinding: (finding, subject) => this.item.findings.note(finding, subject),
      onRemark: (sentence) => this.item.findings.tell(sentence),
      onRead: (reading) => this.item.findings.read(reading),
      onTiming: this.job.onTiming,
    };
  }

  #pageContext(grid: Grid, readBack: ReadBack): PageContext {
    const { rows, ownsStrays } = this.item;
    const { deps, jobId, counters, signal } = this.job;
    return {
      ...deps,
      ...this.#listeners,
      series: this.item.series,
      grid,
      nodeId: deps.nodeIdOf(this.item.series),
      jobId,
      rows,
      readBack,
      ownsStrays,
      rank: this.item.rank,
      counters,
      signal,
    };
  }

  /** Never throws, so that one page's trouble does not end the others. */
  async #page(page: PlannedPage, lane: number, open: readonly Range[], context: PageContext): Promise<void> {
    const { deps, progress, jobId, signal, counters } = this.job;
    const inPage = intersectRanges(open, [page.range]);
    const name = `${this.item.index}:${lane}`;
    progress.begin(name, this.#key, page.range, describePage(this.item.series, page));
    try {
      const outcome = await this.#fetch.fetch(page, inPage, this.#source, context);
      if (outcome.kind === 'done') {
        const { sources } = progress.items.at(this.item.index);
        sources[page.tier] += outcome.requests ?? (page.tier === 'rest' ? Math.max(1, Math.ceil(page.bars / 1000)) : 1);
        // Asked again it would lack the same: the next round turns to the next tier.
        if (page.file && outcome.lacks > 0) this.#without.add(page.file);
      } else if (outcome.kind === 'out_of_reach') {
        this.#hopeless = unionRanges(this.#hopeless, outcome.ranges);
      } else {
        if (page.file) this.#without.add(page.file);
        if (this.#source === 'archive' && this.#isLastTier(page)) {
          if (this.#archiveOnly && outcome.isMissing) {
            await recordNoFile(this.item.series, inPage, page, this.job);
            progress.addDone(this.item.index, page.bars);
          } else await this.#giveUp(inPage, outcome.reason);
        }
      }
      await deps.journal.page(jobId, this.#key, page.range, outcome.kind, page.file ?? 'REST');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof AppError && error.code === 'exchange.bad_row') {
        const subject = { file: null, range: monthsAround(page.range), missing: inPage };
        this.item.findings.note({ kind: 'bad_rows', sentence: error.message }, subject);
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
      series: this.item.series,
      proof: this.item.kind.proof(grid),
      onBars: (bars) => progress.addDone(this.item.index, bars),
      patiently: (action) => retries.database(signal, action),
    });
  }

  /** Keeps the range out of further rounds of this job. */
  async #giveUp(wanted: readonly Range[], reason: string): Promise<void> {
    const source = this.#source === 'archive' ? 'archiveDaily' : 'rest';
    const failed = await recordFailure(this.item.series, wanted, source, reason, this.job);
    this.#hopeless = unionRanges(this.#hopeless, failed);
  }

  #isLastTier({ tier }: PlannedPage): boolean {
    return (
      tier === 'archiveDaily' || (tier === 'archiveMonthly' && !hasDailyArchives(gridIntervalOf(this.item.series)))
    );
  }

  #retried(reason: string): void {
    this.job.counters.retries++;
    this.job.progress.failed(reason, this.item.index);
  }

  #fail(error: unknown): string {
    if (this.job.signal.aborted) return failureOf(error).message;
    return this.job.fail(error, this.item.index);
  }

  get #key(): string {
    return seriesKey(this.item.series);
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
