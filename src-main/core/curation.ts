import { AppError, type Finding, type FindingState, type ReingestResult } from '@shared/contract';
import {
  isTradeSeries,
  parseCandleSeriesKey,
  parseStoredSeriesKey,
  type Range,
  type StoredSeries,
} from '@shared/market';
import type { CoverageService } from '../coverage';
import { ArchiveWatch, provenanceOf, RevertService } from '../provenance';
import type { QuestDbStore } from '../questdb';
import type { Exchange } from './exchange';
import { refetch } from './refetch';
import { type ReingestTools, replacedFileOf, requestOf } from './reingest';
import { reingestCandles } from './reingest-candles';
import { reingestTrades } from './reingest-trades';

export interface CurationOptions {
  store: QuestDbStore;
  coverage: CoverageService;
  exchange: Exchange;
  /** Folder of the workspace for the journals of deletes and reverts. */
  folder: string;
}

/** What can be done about data that is stored: where it comes from, what is wrong with it, taking it back, taking it anew. */
export class Curation {
  readonly reverts: RevertService;
  readonly #watch: ArchiveWatch;

  constructor(private readonly options: CurationOptions) {
    const { store, coverage, exchange, folder } = options;
    const now = () => exchange.now();
    this.reverts = new RevertService({ store, coverage, folder, now });
    this.#watch = new ArchiveWatch({
      store,
      now,
      archive: {
        head: async (file) => {
          const head = await exchange.archives.head(requestOf(file));
          return head?.etag ? { etag: head.etag } : null;
        },
        checksum: (file) => exchange.archives.checksum(requestOf(file)),
      },
    });
  }

  /** From memory: the pointer on a strip asks for it. */
  async provenance(series: StoredSeries, range: Range) {
    return provenanceOf(await this.options.coverage.entries(series), range);
  }

  /** Keeps the series' rows of the ranges for an undo of the job, before it writes over them. */
  async keepRows(series: StoredSeries, ranges: readonly Range[], jobId: string): Promise<void> {
    await this.options.store.saveRows(series, ranges, await this.reverts.undoBatchId(jobId, series));
  }

  /** Asks the archive whether files that stored rows rest on have been replaced. */
  async checkArchives(keys: readonly string[] | undefined, signal: AbortSignal) {
    const { checked, stale, failed } = await this.#watch.check(keys, signal);
    return {
      checked,
      stale,
      failed: failed.map(({ file, error }) => ({
        file,
        reason: error instanceof Error ? error.message : String(error),
      })),
    };
  }

  /** `reason` is kept with the finding. Throws `usage.no_finding`. */
  async setFindingState(id: string, state: FindingState, reason?: string): Promise<Finding> {
    const finding = await this.finding(id);
    const data = reason === undefined ? finding.data : { ...(finding.data as object | null), reason };
    const changed = { ...finding, data, state };
    await this.options.store.findingSet(changed);
    return changed;
  }

  /**
   * Takes the rows of a replaced archive anew: the rows that stood there are kept for an undo, those that differ become a
   * finding, and the old finding is fixed. What the file no longer has stays stored. Throws `usage.not_stale` for a finding of another kind and `archive.*` when the
   * file cannot be had or trusted; then nothing is changed.
   */
  async reingest(findingId: string, signal: AbortSignal): Promise<ReingestResult> {
    const finding = await this.finding(findingId);
    const series = parseStoredSeriesKey(finding.key);
    const replaced = replacedFileOf(finding);
    if (!series || !replaced) {
      throw new AppError('usage.not_stale', 'Only rows of a replaced archive can be taken anew.', { id: findingId });
    }
    const tools: ReingestTools = { ...this.options, keepRows: this.keepRows.bind(this) };
    const result = isTradeSeries(series)
      ? await reingestTrades(finding, series, replaced, tools, signal)
      : await reingestCandles(finding, series, replaced, tools, signal);
    await this.reverts.prune();
    return result;
  }

  /** Makes the rows of a finding's range what the exchange says now, see `refetch`. */
  async refetch(findingId: string, signal: AbortSignal): Promise<ReingestResult> {
    const finding = await this.finding(findingId);
    const series = parseCandleSeriesKey(finding.key);
    if (!series)
      throw new AppError('usage.not_refetchable', 'Only candles can be fetched again because of a finding.', {
        id: findingId,
      });
    return refetch(
      finding,
      series,
      { ...this.options, reverts: this.reverts, keepRows: this.keepRows.bind(this) },
      signal,
    );
  }

  /** Throws `usage.no_finding`. */
  async finding(id: string): Promise<Finding> {
    const found = (await this.options.store.findingsRead()).find((finding) => finding.id === id);
    if (!found)
      throw new AppError('usage.no_finding', 'There is no such finding any more; read the list again.', { id });
    return found;
  }
}
