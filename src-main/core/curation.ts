import { randomBytes } from 'node:crypto';
import { AppError, type Finding, type FindingState, type ReingestResult, type RowDiff } from '@shared/contract';
import {
  type CandleSeries,
  concatCandles,
  intersectRanges,
  parseCandleSeriesKey,
  parseSeriesKey,
  type Range,
  type StoredSeries,
  sliceCandles,
  subtractRanges,
} from '@shared/market';
import { ItemFindings, selectWanted, storeFindings } from '../backfill';
import { type ArchiveFileRequest, archiveRange, periodOfFileName, readKlineArchive } from '../binance';
import type { CoverageService } from '../coverage';
import { ArchiveWatch, diffRows, firstOf, provenanceOf, RevertService, type UsedFile } from '../provenance';
import { findingOf, type QuestDbStore } from '../questdb';
import type { Exchange } from './exchange';
import { refetch } from './refetch';
import { storedCandles, writeCandles } from './stored-candles';

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
    const finding = await this.#finding(id);
    const data = reason === undefined ? finding.data : { ...(finding.data as object | null), reason };
    const changed = { ...finding, data, state };
    await this.options.store.findingSet(changed);
    return changed;
  }

  /**
   * Takes the rows of a replaced archive anew: the rows that stood there are kept for an undo, those that differ become a
   * finding, and the old finding is fixed. Throws `usage.not_stale` for a finding of another kind and `archive.*` when the
   * file cannot be had or trusted; then nothing is changed.
   */
  async reingest(findingId: string, signal: AbortSignal): Promise<ReingestResult> {
    const { store, coverage, exchange } = this.options;
    const finding = await this.#finding(findingId);
    const series = parseCandleSeriesKey(finding.key);
    const data = finding.data as { file?: string; ranges?: [number, number][] } | null;
    if (finding.kind !== 'stale_archive' || !series || !data?.file) {
      throw new AppError('usage.not_stale', 'Only rows of a replaced archive of candles can be taken anew.', {
        id: findingId,
      });
    }
    const ranges = (data.ranges ?? []).map(([from, to]) => ({ from, to }));
    const file: UsedFile = {
      key: finding.key,
      source: 'archiveMonthly',
      file: data.file,
      sha256: '',
      etag: null,
      ranges,
    };
    const fresh = await this.#download(file, series, signal);
    const old = await storedCandles(store, series, ranges);
    const grid = await coverage.grid(series);
    const { slices, filled } = selectWanted(fresh.candles, grid, ranges);
    const inside = concatCandles(slices.map(({ start, end }) => sliceCandles(fresh.candles, start, end)));
    const diff = diffRows(old, inside);
    const jobId = `reingest-${Date.now()}-${randomBytes(3).toString('hex')}`;
    await this.keepRows(series, ranges, jobId);
    await writeCandles(store, series, grid, { candles: inside, filled, what: data.file });
    const at = Math.floor(exchange.now());
    await coverage.recordAnswers(
      ranges.map((range) => ({
        at,
        key: finding.key,
        source: fresh.tier,
        outcome: 'answered' as const,
        range,
        rows: inside.rows,
        absent: subtractRanges([range], filled),
        evidence: `Archive ${data.file} (SHA-256 ${fresh.sha256.slice(0, 16)}… verified) was taken anew after it had been replaced at its source.`,
        jobId,
        file: data.file!,
        sha256: fresh.sha256,
        ...(fresh.etag === null ? {} : { etag: fresh.etag }),
        written: intersectRanges(filled, [range]),
      })),
      new Map([[finding.key, series]]),
    );
    await coverage.refresh(series);
    await store.findingsAppend([{ ...finding, state: 'fixed' }, ...differences(finding, diff, at, fresh.sha256)]);
    await storeFindings(fresh.noticedBy(finding.key, jobId, ranges, filled), series, this.options);
    await this.reverts.prune();
    return {
      jobId,
      key: finding.key,
      file: data.file,
      added: diff.added.length,
      removed: diff.removed.length,
      changed: diff.changed.length,
      diff: firstOf(diff),
    };
  }

  /** Makes the rows of a finding's range what the exchange says now, see `refetch`. */
  async refetch(findingId: string, signal: AbortSignal): Promise<ReingestResult> {
    const finding = await this.#finding(findingId);
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

  async #finding(id: string): Promise<Finding> {
    const found = (await this.options.store.findingsRead()).find((finding) => finding.id === id);
    if (!found)
      throw new AppError('usage.no_finding', 'There is no such finding any more; read the list again.', { id });
    return found;
  }

  async #download(file: UsedFile, series: CandleSeries, signal: AbortSignal) {
    const request = requestOf(file);
    const answer = await this.options.exchange.archives.download(request, { signal });
    if (answer.kind === 'not_published') {
      throw new AppError('archive.gone', `${file.file} is not in the archive any more; the rows stay as they are.`);
    }
    const content = await readKlineArchive({
      zip: answer.zip,
      checksum: answer.checksum,
      file: answer.file,
      symbol: series.symbol,
      interval: series.interval,
      range: archiveRange(request.period),
    });
    const period = archiveRange(request.period);
    const noticedBy = (key: string, jobId: string, wanted: readonly Range[], filled: readonly Range[]) => {
      const noticed = new ItemFindings(key, jobId);
      for (const each of content.findings) noticed.note(each, { file: answer.file, range: period });
      const kinds = new Set(content.findings.map(({ kind }) => kind));
      noticed.read({ file: answer.file, period, kinds, filled, absent: subtractRanges(wanted, filled) });
      return noticed;
    };
    const { candles, sha256 } = content;
    return { candles, sha256, etag: answer.etag, tier: request.period.tier, noticedBy };
  }
}

function requestOf(file: UsedFile): ArchiveFileRequest {
  const series = parseSeriesKey(file.key);
  const period = periodOfFileName(file.file);
  if (!series || !period) throw new AppError('usage.bad_file', `${file.file} is no archive of ${file.key}.`);
  const base = { market: series.market, symbol: series.symbol, period };
  return series.interval === null
    ? { ...base, kind: 'aggTrade' }
    : { ...base, kind: 'kline', interval: series.interval };
}

function differences(finding: Finding, diff: RowDiff, at: number, sha256: string): Finding[] {
  const total = diff.added.length + diff.removed.length + diff.changed.length;
  if (total === 0) return [];
  return [
    findingOf({
      at,
      key: finding.key,
      kind: 'row_diff',
      range: finding.range,
      subject: sha256,
      sentence:
        `The replaced archive differs from what was stored in ${total.toLocaleString('en')} rows: ${diff.added.length} added, ` +
        `${diff.removed.length} no longer in it (kept), ${diff.changed.length} with other values.`,
      data: firstOf(diff),
    }),
  ];
}
