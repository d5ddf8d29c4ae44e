import { AppError, type IngestBatch } from '@shared/contract';
import {
  countBars,
  gridOf,
  hullOf,
  intersectRanges,
  normalizeRanges,
  parseSeriesKey,
  parseStoredSeriesKey,
  type Range,
  type Series,
  seriesKey,
} from '@shared/market';
import type { CoverageService } from '../coverage';
import { type BatchEntry, batchEntries, type DeleteOptions, type LedgerEntry, type QuestDbStore } from '../questdb';
import { expiredBatches } from './expired-batches';
import { groupBy } from './group-by';
import { type Batch, currentBatch, expendableBatches, planRevert, type RevertPlan, undoBatchId } from './plan-revert';
import { RevertJournal } from './revert-journal';

export type RevertStore = Pick<
  QuestDbStore,
  | 'deleteRows'
  | 'dropSaved'
  | 'keptBatches'
  | 'ledgerAppend'
  | 'ledgerRead'
  | 'recoverDeletes'
  | 'restoreRows'
  | 'savedBatches'
  | 'savedRanges'
>;

/** Steps of a revert, each told when it is behind. */
export type RevertStep = 'journaled' | 'deleted' | 'restored' | 'recorded' | 'cleaned';

export interface RevertOptions {
  store: RevertStore;
  coverage: Pick<CoverageService, 'recordAnswers' | 'refresh'>;
  /** Folder of the workspace for the journals of reverts and deletes. */
  folder: string;
  /** Exchange time in milliseconds. */
  now: () => number;
  onStep?: (step: RevertStep) => void | Promise<void>;
  onDeleteStep?: DeleteOptions['onStep'];
}

export interface RevertResult {
  /** Rows that were deleted, and rows that stood there before and were put back. */
  removed: number;
  restored: number;
}

const UNTOUCHED: RevertResult = { removed: 0, restored: 0 };

/** Takes back what a job wrote into a series, so that rows and coverage are as if it had never run. One revert at a time. */
export class RevertService {
  readonly #journal: RevertJournal;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RevertOptions) {
    this.#journal = new RevertJournal(options.folder);
  }

  /** Newest batches first. Jobs of older versions, which did not note what they wrote, are not among them. */
  async batches(limit: number): Promise<IngestBatch[]> {
    const series = groupBy(await this.options.store.ledgerRead(), (entry) => entry.key);
    return [...series.values()]
      .flatMap((entries) => batchesOf(entries))
      .sort((a, b) => b.at - a.at || (a.jobId < b.jobId ? 1 : -1))
      .slice(0, limit);
  }

  /** Name for `store.saveRows` before a job writes over rows of the series. */
  async undoBatchId(jobId: string, series: Series): Promise<string> {
    const key = seriesKey(series);
    return undoBatchId(key, currentBatch(await this.options.store.ledgerRead([key]), jobId));
  }

  /**
   * Undoes the batch: deletes the bars that it wrote unless a later batch wrote them again, puts back the rows it had
   * replaced, and enters into the ledger that its answers count no more. Nobody should write the series meanwhile. Without
   * effect when it was undone before; after a failure it can be repeated, and `resume` goes on with it.
   *
   * Throws `usage.no_batch` for a job that wrote nothing to the series, `usage.undo_expired` when rows that it replaced are
   * no longer kept.
   */
  revert(jobId: string, series: Series): Promise<RevertResult> {
    const result = this.#queue.then(() => this.#revert(jobId, series));
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Goes on with what a crash cut off; to be called at start. Resolves to the number of reverts. */
  async resume(): Promise<number> {
    await this.options.store.recoverDeletes(this.options.folder);
    const open = await this.#journal.interrupted();
    for (const { jobId, key } of open) {
      const series = parseSeriesKey(key);
      if (series) await this.revert(jobId, series);
    }
    return open.length;
  }

  /**
   * Drops rows kept for undoing beyond what is kept (`KEPT_FOR_UNDO`); resolves to the number of batches that cannot put them
   * back any more: undoing these throws `usage.undo_expired`. Not while a revert that a crash cut off waits to go on.
   */
  prune(): Promise<number> {
    const result = this.#queue.then(() => this.#prune());
    this.#queue = result.catch(() => {});
    return result;
  }

  async #prune(): Promise<number> {
    const { store } = this.options;
    if ((await this.#journal.interrupted()).length > 0) return 0;
    const expired = expiredBatches(await store.keptBatches());
    for (const batchId of expired) await store.dropSaved(batchId);
    return expired.length;
  }

  async #revert(jobId: string, series: Series): Promise<RevertResult> {
    const { store, folder } = this.options;
    const key = seriesKey(series);
    const entries = await store.ledgerRead([key]);
    const plan = planRevert(entries, jobId);
    if (!plan) {
      if (!entries.some((entry) => entry.jobId === jobId))
        throw new AppError(
          'usage.no_batch',
          `The job ${jobId} has written nothing to ${key}; there is nothing to undo.`,
        );
      await this.#clean(key, entries, jobId);
      return UNTOUCHED;
    }
    await this.#refuseUnlessKept(series, plan);
    const id = undoBatchId(key, plan.batch);
    await this.#journal.begin(id, jobId, key);
    try {
      await this.#behind('journaled');
      const { onDeleteStep } = this.options;
      const removed = await store.deleteRows(series, plan.remove, {
        folder,
        ...(onDeleteStep ? { onStep: onDeleteStep } : {}),
      });
      await this.#behind('deleted');
      let restored = 0;
      for (const { batch, ranges } of plan.restore)
        restored += await store.restoreRows(series, ranges, undoBatchId(key, batch));
      await this.#behind('restored');
      const entry = this.#entryOf(entries, plan, key, { removed, restored });
      await this.#record(entry);
      await this.#behind('recorded');
      await this.#clean(key, [...entries, entry], jobId);
      return { removed, restored };
    } catch (error) {
      this.#journal.abandon(id);
      throw error;
    }
  }

  async #refuseUnlessKept(series: Series, plan: RevertPlan): Promise<void> {
    const { store } = this.options;
    const key = seriesKey(series);
    const keeps = async (batch: Batch, ranges: readonly Range[]) => {
      const saved = await store.savedRanges(series, undoBatchId(key, batch));
      const full = saved.filter((range) => range.kept > 0);
      return intersectRanges(full, ranges).length > 0;
    };
    let gone = await keeps(plan.batch, plan.lost);
    let present: Set<string> | null = null;
    for (const { batch, ranges } of plan.restore) {
      if (!(await keeps(batch, ranges))) continue;
      present ??= await store.savedBatches();
      gone = gone || !present.has(undoBatchId(key, batch));
    }
    if (gone)
      throw new AppError(
        'usage.undo_expired',
        `The job ${plan.batch.jobId} replaced rows of ${key} that are no longer kept, so it cannot be undone without losing them. Fetch the range again instead.`,
      );
  }

  async #record(entry: LedgerEntry): Promise<void> {
    const { store, coverage } = this.options;
    const known = parseStoredSeriesKey(entry.key);
    if (!known) return store.ledgerAppend([entry]);
    await coverage.recordAnswers([entry], new Map([[entry.key, known]]));
    await coverage.refresh(known, entry.range);
  }

  #entryOf(entries: readonly LedgerEntry[], plan: RevertPlan, key: string, result: RevertResult): LedgerEntry {
    const own = batchEntries(entries).filter(
      ({ entry, generation, reverted }) =>
        entry.jobId === plan.batch.jobId &&
        generation === plan.batch.generation &&
        !reverted &&
        (entry.outcome === 'answered' || entry.outcome === 'failed'),
    );
    const newest = entries.reduce((most, entry) => Math.max(most, entry.at), 0);
    const back = result.restored > 0 ? ` and ${result.restored.toLocaleString('en')} rows put back` : '';
    return {
      at: Math.max(Math.floor(this.options.now()), Math.floor(newest) + 1),
      key,
      source: own[own.length - 1]!.entry.source,
      outcome: 'reverted',
      range: hullOf(own.map(({ entry }) => entry.range)),
      rows: result.removed,
      absent: [],
      evidence: `The job ${plan.batch.jobId} was undone: ${result.removed.toLocaleString('en')} rows removed${back}.`,
      jobId: plan.batch.jobId,
      written: plan.remove,
    };
  }

  /** Drops kept rows that nothing can need any more, then the journals of the job's reverts, which are complete. */
  async #clean(key: string, entries: readonly LedgerEntry[], jobId: string): Promise<void> {
    const { store } = this.options;
    const present = await store.savedBatches();
    for (const batch of expendableBatches(entries)) {
      const id = undoBatchId(key, batch);
      if (present.has(id)) await store.dropSaved(id);
    }
    const { generation } = currentBatch(entries, jobId);
    for (let each = 0; each < generation; each++)
      await this.#journal.end(undoBatchId(key, { jobId, generation: each }));
    await this.#behind('cleaned');
  }

  async #behind(step: RevertStep): Promise<void> {
    await this.options.onStep?.(step);
  }
}

/** Batches of one series that tell what they wrote. */
function batchesOf(entries: readonly LedgerEntry[]): IngestBatch[] {
  const items = batchEntries(entries);
  const groups = groupBy(
    items.filter(({ entry }) => entry.outcome === 'answered' && (entry.written?.length ?? 0) > 0),
    ({ entry, generation }) => `${generation} ${entry.jobId}`,
  );
  return [...groups.values()].map((group) => batchOf(group, items));
}

function batchOf(group: readonly BatchEntry[], items: readonly BatchEntry[]): IngestBatch {
  const { entry, generation } = group[group.length - 1]!;
  const written = normalizeRanges(group.flatMap((item) => [...(item.entry.written ?? [])]));
  const reverted = items.find(
    (item) => item.entry.outcome === 'reverted' && item.entry.jobId === entry.jobId && item.generation === generation,
  );
  return {
    jobId: entry.jobId,
    key: entry.key,
    at: entry.at,
    range: hullOf(written),
    bars: barsOf(parseSeriesKey(entry.key), written),
    revertedAt: reverted?.entry.at ?? null,
  };
}

/** Bars of whole-bar ranges, whatever the phase of a 3d grid; null for trades. */
function barsOf(series: Series | null, ranges: readonly Range[]): number | null {
  if (!series?.interval) return null;
  const grid = gridOf(series.interval);
  return ranges.reduce((sum, range) => sum + countBars(grid, range), 0);
}
