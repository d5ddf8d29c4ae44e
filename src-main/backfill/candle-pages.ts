import type { PlannedPage } from '@shared/contract';
import {
  alignRange,
  type CandleSeries,
  countBars,
  formatTime,
  type Grid,
  intersectRanges,
  intervalSeconds,
  type Range,
  tableName,
  totalLength,
} from '@shared/market';
import { type ArchivePeriod, archiveRange } from '../binance';
import { encodeSlices, type IngestTarget } from './ingest';
import type { IngestPool } from './ingest-pool';
import { monthsAround } from './item-findings';
import { pageMemory } from './lanes';
import {
  type ArchiveFile,
  answerOf,
  counted,
  distrust,
  downloadOf,
  hull,
  type PageContext,
  type PageOutcome,
} from './page-context';
import { dayOf, monthOf } from './publication';
import { selectWanted } from './select-wanted';

/** REST pages that make one entry of the ledger: few enough to lose little to an interruption. */
const REST_PAGES_PER_SETTLE = 20;

/**
 * Fetches one planned page, writes its candles and hands them on to be read back. An archive that is not there or not to
 * be trusted falls back (its finding says why); an exchange or archive that is away throws, as REST failures do.
 */
export async function fetchCandlePage(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<CandleSeries>,
): Promise<PageOutcome> {
  if (page.tier !== 'rest') return fetchFromArchive(page, wanted, context);
  const { lanes, rank, signal, series } = context;
  return lanes.rest[series.market].with(1, rank(), signal, () => fetchFromRest(page, wanted, context));
}

async function fetchFromArchive(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<CandleSeries>,
): Promise<PageOutcome> {
  const { lanes, rank, signal } = context;
  const period: ArchivePeriod = page.tier === 'archiveMonthly' ? monthOf(page.range.from) : dayOf(page.range.from);
  // Asked for before the download, so that files on the way count too.
  const memory = pageMemory(countBars(context.grid, archiveRange(period)));
  return lanes.memory.with(memory, rank(), signal, async () => {
    const { market, symbol, interval } = context.series;
    const answer = await downloadOf({ market, symbol, interval, period }, context);
    if (answer.kind === 'none') return { kind: 'fall_back', reason: answer.reason, isMissing: answer.isMissing };
    return ingest(page, period, wanted, answer, context);
  });
}

async function ingest(
  page: PlannedPage,
  period: ArchivePeriod,
  wanted: readonly Range[],
  download: ArchiveFile,
  context: PageContext<CandleSeries>,
): Promise<PageOutcome> {
  const { series, pool, coverage, grid, lanes, rows, rank, signal } = context;
  const { file, zip, checksum, etag } = download;
  let ingested: Awaited<ReturnType<IngestPool['run']>>;
  let written: Promise<void>;
  const arrived = rows.announce();
  try {
    const task = {
      zip,
      checksum,
      file,
      symbol: series.symbol,
      interval: series.interval,
      threeDayPhase:
        series.interval === '3d' ? ((await coverage.ledger(series)).threeDayPhase ?? undefined) : undefined,
      period: archiveRange(period),
      wanted,
      target: targetOf(context),
    };
    ingested = await lanes.ingest.with(1, rank(), signal, () => pool.run(task));
    written = rows.write(ingested.bodies);
  } catch (error) {
    return {
      kind: 'fall_back',
      reason: distrust(error, { file, range: archiveRange(period) }, context),
      isMissing: false,
    };
  } finally {
    arrived();
  }
  const { findings, filled, absent } = ingested;
  for (const finding of findings) context.onFinding(finding, { file, range: archiveRange(period) });
  const kinds = new Set(findings.map(({ kind }) => kind));
  context.onRead({ file, period: archiveRange(period), kinds, filled, absent });
  try {
    await written;
  } finally {
    pool.recycle(ingested.bodies);
  }
  const lacks = barsIn(grid, ingested.absent);
  const evidence =
    `${page.tier === 'archiveMonthly' ? 'Monthly' : 'Daily'} archive ${file} (SHA-256 ${ingested.sha256.slice(0, 16)}… verified) ` +
    (lacks === 0 ? 'has all bars asked of it.' : `lacks ${lacks.toLocaleString('en')} of the bars asked of it.`);
  context.readBack.add({
    filled: ingested.filled,
    bars: barsIn(grid, wanted),
    entry: answerOf(context, {
      source: period.tier,
      range: hull(wanted),
      rows: ingested.rows,
      absent: ingested.absent,
      written: ingested.filled,
      evidence,
      file,
      sha256: ingested.sha256,
      ...(etag === null ? {} : { etag }),
    }),
  });
  return { kind: 'done', lacks };
}

/** One run of requests from the first to the last wanted bar; bars in between that are not missing are not written. */
async function fetchFromRest(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<CandleSeries>,
): Promise<PageOutcome> {
  const { rows } = context;
  // The next answer is fetched while the last one is written, and small answers go together.
  let arrived = rows.announce();
  const settle = async (batch: RestBatch): Promise<void> => {
    arrived();
    await batch.written();
    settleRest(batch, context);
    arrived = rows.announce();
  };
  try {
    await fetchRun(page, wanted, context, settle);
    return { kind: 'done', lacks: 0 };
  } finally {
    arrived();
  }
}

async function fetchRun(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<CandleSeries>,
  settle: (batch: RestBatch) => Promise<void>,
): Promise<void> {
  const { series, exchange, signal, counters, grid } = context;
  const range = hull(wanted);
  let batch = new RestBatch(range.from);
  let started = performance.now();
  const pages = exchange
    .rest(series.market)
    .klines({ symbol: series.symbol, interval: series.interval, range }, { signal, counters });
  for await (const answer of pages) {
    context.onTiming?.(page.tier, performance.now() - started, 1);
    for (const finding of answer.findings)
      context.onFinding(finding, { file: null, range: monthsAround(answer.settled) });
    // An answer settles whole bars: a full page ends right behind an open, in the middle of its bar.
    const settled = intersectRanges([range], [alignRange(grid, answer.settled)]);
    const missing = intersectRanges(settled, wanted);
    const selection = selectWanted(answer.candles, grid, missing);
    // What the exchange lacks is remembered for all bars it answered for, or the ledger would forget it for the others.
    const isAllMissing = totalLength(missing) === totalLength(settled);
    const { absent } = isAllMissing ? selection : selectWanted(answer.candles, grid, settled);
    batch.add({ rows: selection.rows, filled: selection.filled, absent, settled, missing, request: answer.request });
    batch.wait(context.rows.write(encodeSlices(answer.candles, selection.slices, targetOf(context))));
    if (batch.pages >= REST_PAGES_PER_SETTLE) {
      await settle(batch);
      batch = new RestBatch(batch.to);
    }
    started = performance.now();
  }
  if (batch.pages > 0) await settle(batch);
}

/** REST answers that are read back and entered into the ledger as one. */
class RestBatch {
  pages = 0;
  rows = 0;
  filled: Range[] = [];
  absent: Range[] = [];
  missing: Range[] = [];
  to: number;
  firstRequest = '';
  readonly #writes: Promise<void>[] = [];

  constructor(readonly from: number) {
    this.to = from;
  }

  /** Rows that are on their way; what becomes of them is told by `written`. */
  wait(write: Promise<void>): void {
    write.catch(() => undefined);
    this.#writes.push(write);
  }

  /** Resolves when all rows are durable; rejects with what the first could not be written for. */
  async written(): Promise<void> {
    await Promise.all(this.#writes);
  }

  add(answer: {
    rows: number;
    filled: Range[];
    absent: Range[];
    settled: readonly Range[];
    missing: Range[];
    request: string;
  }): void {
    this.pages++;
    this.rows += answer.rows;
    this.filled.push(...answer.filled);
    this.absent.push(...answer.absent);
    this.missing.push(...answer.missing);
    this.firstRequest ||= answer.request;
    for (const range of answer.settled) this.to = Math.max(this.to, range.to);
  }
}

function settleRest(batch: RestBatch, context: PageContext<CandleSeries>): void {
  const range = { from: batch.from, to: batch.to };
  if (range.to <= range.from) return;
  const asked = countBars(context.grid, range);
  const wanted = barsIn(context.grid, batch.missing);
  const lacks = barsIn(context.grid, batch.absent);
  const evidence =
    `REST was asked for ${formatTime(range.from)} to ${formatTime(range.to)} UTC at ${formatTime(Math.floor(context.exchange.now() / 1000) * 1000)} UTC ` +
    `and answered ${counted(batch.rows, 'candle')} for ${counted(wanted, 'bar')}` +
    (wanted < asked ? ` that were missing, of ${asked.toLocaleString('en')} asked for` : '') +
    (lacks === 0 ? '.' : `; it has none for ${lacks.toLocaleString('en')}.`);
  context.readBack.add({
    filled: batch.filled,
    bars: wanted,
    entry: answerOf(context, {
      source: 'rest',
      range,
      rows: batch.rows,
      absent: batch.absent,
      written: batch.filled,
      evidence,
      request: batch.firstRequest,
    }),
  });
}

function targetOf(context: PageContext<CandleSeries>): IngestTarget {
  return {
    table: tableName(context.series),
    nodeId: context.nodeId,
    intervalSeconds: intervalSeconds(context.series.interval),
  };
}

function barsIn(grid: Grid, ranges: readonly Range[]): number {
  return totalLength(ranges) === 0 ? 0 : ranges.reduce((sum, range) => sum + countBars(grid, range), 0);
}
