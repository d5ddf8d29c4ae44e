import { AppError, type SourceTier } from '@shared/contract';
import { type Grid, type Range, type StoredSeries, seriesKey } from '@shared/market';
import {
  type ArchiveDownload,
  type ArchiveFileRequest,
  archiveFileName,
  archiveRange,
  type Counters,
  type SourceFinding,
} from '../binance';
import type { CoverageService } from '../coverage';
import type { LedgerEntry } from '../questdb';
import type { BackfillDeps } from './backfill-deps';
import type { ExchangeAccess } from './exchange-access';
import type { IngestPool } from './ingest-pool';
import { type FileReading, kindOfArchiveError, type Subject } from './item-findings';
import type { Lanes } from './lanes';
import type { ReadBack } from './read-back';
import { isSourceAway } from './retry-budget';
import type { RowWriter } from './row-writer';

export interface PageContext<S extends StoredSeries = StoredSeries> {
  series: S;
  grid: Grid;
  nodeId: string;
  jobId: string;
  rows: RowWriter;
  readBack: ReadBack;
  coverage: Pick<CoverageService, 'holes' | 'ledger' | 'ledgerWithEntries' | 'recordAnswers' | 'storedIds'>;
  exchange: ExchangeAccess;
  pool: Pick<IngestPool, 'run' | 'runTrades' | 'recycle'>;
  /** Keeps rows of minutes that are about to be written into, for an undo of the job. */
  keepRows: BackfillDeps['keepRows'];
  lanes: Lanes;
  /** Place among all pages that wait for a lane. */
  rank: () => number;
  counters: Counters;
  signal: AbortSignal;
  /** Rows without a standing answer are this job's own: there were none when it first looked. */
  ownsStrays: boolean;
  onFinding: (finding: SourceFinding, subject: Subject) => void;
  /** For the receipt alone: it says nothing about the data. */
  onRemark: (sentence: string) => void;
  /** A file was proven and read. */
  onRead: (reading: FileReading) => void;
  /** Measured times, for the estimates of later plans. */
  onTiming?: (tier: SourceTier, ms: number, requests: number) => void;
}

export type PageOutcome =
  /** `lacks`: wanted bars (ids, of trades) that the source does not have. `requests`: where bars do not tell their number. */
  | { kind: 'done'; lacks: number; requests?: number }
  /** The next tier has to deliver: the file is not there (`isMissing`) or not to be trusted. */
  | { kind: 'fall_back'; reason: string; isMissing: boolean }
  /** No source of this job can ever have these bars; the ledger knows why. The rest of the page can be asked for again. */
  | { kind: 'out_of_reach'; ranges: Range[]; reason: string };

export type ArchiveFile = Extract<ArchiveDownload, { kind: 'file' }>;

/** An archive file; none when it is not there or not to be trusted, which is a finding. Throws what being away throws. */
export async function downloadOf(
  request: ArchiveFileRequest,
  context: Pick<PageContext, 'counters' | 'exchange' | 'lanes' | 'onFinding' | 'onTiming' | 'rank' | 'signal'>,
): Promise<ArchiveFile | { kind: 'none'; reason: string; isMissing: boolean }> {
  const { lanes, rank, signal, counters, exchange } = context;
  try {
    const answer = await lanes.archives.with(1, rank(), signal, async () => {
      const started = performance.now();
      const got = await exchange.archives.download(request, { signal, counters });
      context.onTiming?.(request.period.tier, performance.now() - started, 1);
      return got;
    });
    return answer.kind === 'file' ? answer : notPublished(answer.file);
  } catch (error) {
    return { kind: 'none', reason: distrust(error, subjectOf(request), context), isMissing: false };
  }
}

export function notPublished(file: string): { kind: 'none'; reason: string; isMissing: true } {
  return { kind: 'none', reason: `${file} is not published.`, isMissing: true };
}

/** The file that is asked for, as findings name it. */
export function subjectOf(request: ArchiveFileRequest): Subject {
  const data = request.kind === 'aggTrade' ? 'aggTrade' : request.interval;
  return { file: archiveFileName(request.symbol, data, request.period), range: archiveRange(request.period) };
}

/** A file that cannot be trusted is a finding, whatever delivers its rows instead; throws what is no fault of the file. */
export function distrust(error: unknown, subject: Subject, context: Pick<PageContext, 'onFinding'>): string {
  if (isSourceAway(error) || !(error instanceof AppError) || !error.code.startsWith('archive.')) throw error;
  context.onFinding({ kind: kindOfArchiveError(error) ?? 'other', sentence: error.message }, subject);
  return error.message;
}

/** What a source answered, with everything that proves it. */
export type Answer = Omit<LedgerEntry, 'at' | 'key' | 'jobId' | 'outcome'> & Required<Pick<LedgerEntry, 'written'>>;

/** The one place where an answer becomes an entry of the ledger. */
export function answerOf(context: Pick<PageContext, 'exchange' | 'series' | 'jobId'>, answer: Answer): LedgerEntry {
  const { exchange, series, jobId } = context;
  return { at: exchange.now(), key: seriesKey(series), outcome: 'answered', jobId, ...answer };
}

export function counted(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}

export function hull(ranges: readonly Range[]): Range {
  return { from: ranges[0]!.from, to: ranges[ranges.length - 1]!.to };
}
