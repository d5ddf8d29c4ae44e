import { AppError, type PlannedPage, type SourceChoice } from '@shared/contract';
import type { Range, StoredSeries } from '@shared/market';
import type { JobContext } from './job-context';
import type { LifetimeLookup } from './lifetime-lookup';
import type { PageContext, PageOutcome } from './page-context';
import { isSourceAway, restSource } from './retry-budget';
import type { SeriesSource } from './series-source';
import { isArchiveOnly } from './source-for';

/** An archive that is away for longer is left to REST, the next tier, while REST answers. */
const ARCHIVE_PATIENCE_MS = 120_000;

interface PageFetchOptions {
  series: StoredSeries;
  kind: SeriesSource;
  job: Pick<JobContext, 'deps' | 'retries' | 'signal'>;
  life: LifetimeLookup;
  /** Something is done again, for this reason. */
  onRetry: (reason: string) => void;
  /** For the receipt. */
  onRemark: (sentence: string) => void;
}

/** Fetches the pages of one item, patiently where its sources or the database are away for a while. */
export class PageFetch {
  #archivesAway = false;
  #mending: Promise<void> | null = null;

  constructor(private readonly options: PageFetchOptions) {}

  /** The archive was away for so long that this item does without. */
  get isArchiveAway(): boolean {
    return this.#archivesAway;
  }

  /** Throws what passes nowhere else. */
  async fetch(
    page: PlannedPage,
    wanted: readonly Range[],
    source: SourceChoice,
    context: PageContext,
  ): Promise<PageOutcome> {
    try {
      return await this.#fetchFrom(page, wanted, source, context);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'questdb.torn_table') throw error;
      this.options.onRetry(error.message);
      this.#mending ??= this.#mendTable();
      await this.#mending;
      return this.#fetchFrom(page, wanted, source, context);
    }
  }

  async #fetchFrom(
    page: PlannedPage,
    wanted: readonly Range[],
    source: SourceChoice,
    context: PageContext,
  ): Promise<PageOutcome> {
    if (page.tier === 'rest') return this.#fromRest(page, wanted, context);
    const { kind, job, onRemark } = this.options;
    if (this.#archivesAway) return { kind: 'fall_back', reason: 'The archive is away.', isMissing: false };
    const patience = source === 'auto' ? ARCHIVE_PATIENCE_MS : undefined;
    const attempt = () => kind.fetchPage(page, wanted, context);
    try {
      return await job.retries.page('archive', job.signal, attempt, patience);
    } catch (error) {
      if (job.signal.aborted || source !== 'auto' || !isSourceAway(error)) throw error;
      // Like one that is not published, once waiting for it makes no sense any more.
      this.#archivesAway = true;
      onRemark(error.message);
      return { kind: 'fall_back', reason: error.message, isMissing: false };
    }
  }

  async #fromRest(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
    const { series, kind, job, life } = this.options;
    await life.settled();
    if (await isArchiveOnly(series, job.deps))
      return { kind: 'fall_back', reason: `REST knows nothing of ${series.symbol}.`, isMissing: false };
    return job.retries.page(restSource(series.market), job.signal, () => kind.fetchPage(page, wanted, context));
  }

  /** Makes the table anew that a kill of the database has cut off in the making. */
  async #mendTable(): Promise<void> {
    const { series, kind, job } = this.options;
    await job.retries.database(job.signal, () => job.deps.store.dropTornTable(series));
    await job.retries.database(job.signal, () => kind.ensureTable());
  }
}
