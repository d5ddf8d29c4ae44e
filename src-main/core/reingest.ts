import { randomBytes } from 'node:crypto';
import { AppError, type Finding, type ReingestResult } from '@shared/contract';
import { parseSeriesKey, type Range, type StoredSeries, subtractRanges } from '@shared/market';
import { ItemFindings, storeFindings } from '../backfill';
import {
  type ArchiveDownload,
  type ArchiveFileRequest,
  archiveRange,
  periodOfFileName,
  type SourceFinding,
} from '../binance';
import type { CoverageService } from '../coverage';
import { findingOf, type LedgerEntry, type QuestDbStore } from '../questdb';
import type { Exchange } from './exchange';

/** What taking a replaced archive anew needs. */
export interface ReingestTools {
  store: QuestDbStore;
  coverage: CoverageService;
  exchange: Exchange;
  /** Folder of the workspace for the journal of deletes. */
  folder: string;
  /** Keeps rows for an undo of the job. */
  keepRows: (series: StoredSeries, ranges: readonly Range[], jobId: string) => Promise<void>;
}

/** An archive that was replaced since rows were taken from it, and the bars that rest on it. */
export interface ReplacedFile {
  file: string;
  ranges: Range[];
}

/** Of a finding that tells of one; null of any other. */
export function replacedFileOf({ kind, data }: Finding): ReplacedFile | null {
  const { file, ranges = [] } = (data ?? {}) as { file?: string; ranges?: [number, number][] };
  if (kind !== 'stale_archive' || !file) return null;
  return { file, ranges: ranges.map(([from, to]) => ({ from, to })) };
}

/** How an archive that rows of a series came from is asked for. */
export function requestOf({ key, file }: { key: string; file: string }): ArchiveFileRequest {
  const series = parseSeriesKey(key);
  const period = periodOfFileName(file);
  if (!series || !period) throw new AppError('usage.bad_file', `${file} is no archive of ${key}.`);
  const base = { market: series.market, symbol: series.symbol, period };
  return series.interval === null
    ? { ...base, kind: 'aggTrade' }
    : { ...base, kind: 'kline', interval: series.interval };
}

type Download = Extract<ArchiveDownload, { kind: 'file' }>;

/** As it is at the source now. Throws `archive.gone` when it is not there any more. */
export async function downloadAnew(
  request: ArchiveFileRequest,
  { file }: ReplacedFile,
  { exchange }: Pick<ReingestTools, 'exchange'>,
  signal: AbortSignal,
): Promise<Download> {
  const answer = await exchange.archives.download(request, { signal });
  if (answer.kind === 'file') return answer;
  throw new AppError('archive.gone', `${file} is not in the archive any more; the rows stay as they are.`);
}

export function newReingestJob(): string {
  return `reingest-${Date.now()}-${randomBytes(3).toString('hex')}`;
}

/** What the file answered, for the ledger. */
type Answer = Pick<LedgerEntry, 'range' | 'rows' | 'absent' | 'ids' | 'lostIds' | 'markedIds'> &
  Required<Pick<LedgerEntry, 'written'>>;

interface Taken {
  finding: Finding;
  series: StoredSeries;
  replaced: ReplacedFile;
  request: ArchiveFileRequest;
  jobId: string;
  sha256: string;
  etag: string | null;
  answers: readonly Answer[];
  /** What reading the file noticed. */
  noticed: readonly SourceFinding[];
  counts: Pick<ReingestResult, 'added' | 'changed' | 'removed'>;
  diff: ReingestResult['diff'];
}

/** Enters what was taken anew into ledger and findings; to be called when the rows can be read. */
export async function recordReingest(taken: Taken, tools: ReingestTools): Promise<ReingestResult> {
  const { store, coverage, exchange } = tools;
  const { finding, series, replaced, request, jobId, sha256, etag, answers, counts, diff } = taken;
  const { key } = finding;
  const at = Math.floor(exchange.now());
  const entries = answers.map((answer) => ({
    at,
    key,
    source: request.period.tier,
    outcome: 'answered' as const,
    evidence: `Archive ${replaced.file} (SHA-256 ${sha256.slice(0, 16)}… verified) was taken anew after it had been replaced at its source.`,
    jobId,
    file: replaced.file,
    sha256,
    ...(etag === null ? {} : { etag }),
    ...answer,
  }));
  await coverage.recordAnswers(entries, new Map([[key, series]]));
  await coverage.refresh(series);
  await store.findingsAppend([{ ...finding, state: 'fixed' }, ...differenceFindings(taken, at)]);
  await storeFindings(noticedIn(taken), series, tools);
  return { jobId, key, file: replaced.file, ...counts, diff };
}

function noticedIn({ finding, replaced, request, jobId, noticed, answers }: Taken): ItemFindings {
  const period = archiveRange(request.period);
  const findings = new ItemFindings(finding.key, jobId);
  for (const each of noticed) findings.note(each, { file: replaced.file, range: period });
  const filled = answers.flatMap((answer) => subtractRanges([answer.range], answer.absent));
  const absent = answers.flatMap((answer) => answer.absent);
  const kinds = new Set(noticed.map(({ kind }) => kind));
  findings.read({ file: replaced.file, period, kinds, filled, absent });
  return findings;
}

function differenceFindings({ finding, counts, diff, sha256 }: Taken, at: number): Finding[] {
  const { added, removed, changed } = counts;
  if (added + removed + changed === 0) return [];
  return [
    findingOf({
      at,
      key: finding.key,
      kind: 'row_diff',
      range: finding.range,
      subject: sha256,
      sentence:
        `The replaced archive differs from what was stored in ${(added + removed + changed).toLocaleString('en')} rows: ${added} added, ` +
        `${removed} no longer in it (kept), ${changed} with other values.`,
      data: diff,
    }),
  ];
}
