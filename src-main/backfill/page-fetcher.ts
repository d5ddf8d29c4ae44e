import { AppError, type PlannedPage } from '@shared/contract';
import {
  alignRange,
  type CandleSeries,
  countBars,
  formatTime,
  type Grid,
  intersectRanges,
  intervalSeconds,
  type Range,
  seriesKey,
  tableName,
  totalLength,
} from '@shared/market';
import { type ArchivePeriod, archiveRange, type Counters } from '../binance';
import type { CoverageService } from '../coverage';
import type { IlpWriter, LedgerEntry } from '../questdb';
import type { ExchangeAccess } from './exchange-access';
import { encodeSlices, type IngestTarget } from './ingest';
import type { IngestPool } from './ingest-pool';
import { dayOf, monthOf } from './publication';
import type { ReadBack } from './read-back';
import { selectWanted } from './select-wanted';

export interface PageContext {
  series: CandleSeries;
  grid: Grid;
  nodeId: string;
  jobId: string;
  writer: IlpWriter;
  readBack: ReadBack;
  coverage: CoverageService;
  exchange: ExchangeAccess;
  pool: IngestPool;
  counters: Counters;
  signal: AbortSignal;
  onFinding: (finding: string) => void;
}

export type PageOutcome =
  /** `lacks`: wanted bars that the source does not have. */
  { kind: 'done'; lacks: number } | { kind: 'fall_back'; reason: string };

/** REST pages that make one entry of the ledger: few enough to lose little to an interruption. */
const REST_PAGES_PER_SETTLE = 20;

/**
 * Fetches one planned page, writes its candles and hands them on to be read back. An archive that is not there or not to
 * be trusted falls back (its finding says why); REST failures throw.
 */
export async function fetchPage(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext,
): Promise<PageOutcome> {
  return page.tier === 'rest' ? fetchFromRest(wanted, context) : fetchFromArchive(page, wanted, context);
}

async function fetchFromArchive(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext,
): Promise<PageOutcome> {
  const { series, exchange, signal, counters } = context;
  const period: ArchivePeriod = page.tier === 'archiveMonthly' ? monthOf(page.range.from) : dayOf(page.range.from);
  const answer = await exchange.archives
    .download({ market: series.market, symbol: series.symbol, interval: series.interval, period }, { signal, counters })
    .catch((error: unknown) => {
      if (error instanceof AppError && error.code.startsWith('archive.')) return error;
      throw error;
    });
  if (answer instanceof AppError) {
    context.onFinding(answer.message);
    return { kind: 'fall_back', reason: answer.message };
  }
  if (answer.kind === 'not_published') return { kind: 'fall_back', reason: `${answer.file} is not published.` };

  let ingested: Awaited<ReturnType<IngestPool['run']>>;
  try {
    ingested = await context.pool.run({
      zip: answer.zip,
      checksum: answer.checksum,
      file: answer.file,
      symbol: series.symbol,
      interval: series.interval,
      threeDayPhase:
        series.interval === '3d' ? ((await context.coverage.ledger(series)).threeDayPhase ?? undefined) : undefined,
      period: archiveRange(period),
      wanted,
      target: targetOf(context),
    });
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('archive.')) throw error;
    context.onFinding(error.message);
    return { kind: 'fall_back', reason: error.message };
  }
  for (const finding of ingested.findings) context.onFinding(finding);
  try {
    for (const body of ingested.bodies) await context.writer.writeLines(body, signal);
  } finally {
    context.pool.recycle(ingested.bodies);
  }
  const lacks = barsIn(context.grid, ingested.absent);
  const evidence =
    `${page.tier === 'archiveMonthly' ? 'Monthly' : 'Daily'} archive ${answer.file} (SHA-256 ${ingested.sha256.slice(0, 16)}… verified) ` +
    (lacks === 0 ? 'has all bars asked of it.' : `lacks ${lacks.toLocaleString('en')} of the bars asked of it.`);
  context.readBack.add({
    filled: ingested.filled,
    bars: barsIn(context.grid, wanted),
    entry: answerOf(context, {
      source: page.tier as 'archiveMonthly' | 'archiveDaily',
      range: hull(wanted),
      rows: ingested.rows,
      absent: ingested.absent,
      evidence,
      file: answer.file,
      sha256: ingested.sha256,
      ...(answer.etag === null ? {} : { etag: answer.etag }),
      written: ingested.filled,
    }),
  });
  return { kind: 'done', lacks };
}

async function fetchFromRest(wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
  for (const range of wanted) {
    let batch = new RestBatch(range.from);
    const pages = context.exchange
      .rest(context.series.market)
      .klines(
        { symbol: context.series.symbol, interval: context.series.interval, range },
        { signal: context.signal, counters: context.counters },
      );
    for await (const page of pages) {
      for (const finding of page.findings) context.onFinding(finding);
      // An answer settles whole bars: a full page ends right behind an open, in the middle of its bar.
      const settled = intersectRanges([range], [alignRange(context.grid, page.settled)]);
      const selection = selectWanted(page.candles, context.grid, settled);
      batch.add(selection.rows, selection.filled, selection.absent, settled, page.request);
      const bodies = encodeSlices(page.candles, selection.slices, targetOf(context));
      for (const body of bodies) await context.writer.writeLines(body, context.signal);
      if (batch.pages >= REST_PAGES_PER_SETTLE) {
        settleRest(batch, context);
        batch = new RestBatch(batch.to);
      }
    }
    if (batch.pages > 0) settleRest(batch, context);
  }
  return { kind: 'done', lacks: 0 };
}

/** REST answers that are read back and entered into the ledger as one. */
class RestBatch {
  pages = 0;
  rows = 0;
  filled: Range[] = [];
  absent: Range[] = [];
  to: number;
  firstRequest = '';

  constructor(readonly from: number) {
    this.to = from;
  }

  add(rows: number, filled: Range[], absent: Range[], settled: readonly Range[], request: string): void {
    this.pages++;
    this.rows += rows;
    this.filled.push(...filled);
    this.absent.push(...absent);
    this.firstRequest ||= request;
    for (const range of settled) this.to = Math.max(this.to, range.to);
  }
}

function settleRest(batch: RestBatch, context: PageContext): void {
  const range = { from: batch.from, to: batch.to };
  if (range.to <= range.from) return;
  const asked = countBars(context.grid, range);
  const lacks = barsIn(context.grid, batch.absent);
  const evidence =
    `REST was asked for ${formatTime(range.from)} to ${formatTime(range.to)} UTC at ${formatTime(Math.floor(context.exchange.now() / 1000) * 1000)} UTC ` +
    `and answered ${batch.rows.toLocaleString('en')} candles for ${asked.toLocaleString('en')} bars` +
    (lacks === 0 ? '.' : `; it has none for ${lacks.toLocaleString('en')}.`);
  context.readBack.add({
    filled: batch.filled,
    bars: asked,
    entry: answerOf(context, {
      source: 'rest',
      range,
      rows: batch.rows,
      absent: batch.absent,
      evidence,
      request: batch.firstRequest,
      written: batch.filled,
    }),
  });
}

type Answer = Omit<LedgerEntry, 'at' | 'key' | 'jobId' | 'outcome'>;

function answerOf(context: PageContext, answer: Answer): LedgerEntry {
  return {
    at: context.exchange.now(),
    key: seriesKey(context.series),
    outcome: 'answered',
    jobId: context.jobId,
    ...answer,
  };
}

function targetOf(context: PageContext): IngestTarget {
  return {
    table: tableName(context.series),
    nodeId: context.nodeId,
    intervalSeconds: intervalSeconds(context.series.interval),
  };
}

function hull(ranges: readonly Range[]): Range {
  return { from: ranges[0]!.from, to: ranges[ranges.length - 1]!.to };
}

function barsIn(grid: Grid, ranges: readonly Range[]): number {
  return totalLength(ranges) === 0 ? 0 : ranges.reduce((sum, range) => sum + countBars(grid, range), 0);
}
