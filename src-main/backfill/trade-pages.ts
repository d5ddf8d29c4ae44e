import { AppError, type PlannedPage } from '@shared/contract';
import {
  ceilToGrid,
  countBars,
  countIds,
  DAY_MS,
  formatTime,
  intersectRanges,
  MINUTE_MS,
  type Range,
  seriesKey,
  subtractRanges,
  type TradeSeries,
} from '@shared/market';
import { archiveFileName, archiveRange } from '../binance';
import { type LedgerEntry, type TradeTable, tradeTableOf } from '../questdb';
import { type ArchiveFile, answerOf, distrust, type PageContext, type PageOutcome } from './page-context';
import { dayOf } from './publication';
import type { TradeAnswer } from './trade-cuts';
import { withTradeFile } from './trade-files';
import { fetchTrades, noneText } from './trade-rest';
import { keepOthersRows, writtenMinutes } from './trade-rows';

/** What futures no longer serve moves on while it is asked for. */
const EDGE_MS = 10_000;

/** As `fetchCandlePage`, for aggregate trades: bars are minutes. */
export async function fetchTradePage(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<TradeSeries>,
): Promise<PageOutcome> {
  if (page.tier !== 'rest') return fetchFromArchive(page, wanted, context);
  const { lanes, rank, signal, series } = context;
  return lanes.rest[series.market].with(1, rank(), signal, () => fetchFromRest(wanted, context));
}

async function fetchFromRest(wanted: readonly Range[], context: PageContext<TradeSeries>): Promise<PageOutcome> {
  const target = tradeTableOf(context.series);
  let requests = 0;
  for (const range of wanted) {
    try {
      requests += await fetchTrades(range, context, target);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'exchange.too_old') throw error;
      return outOfReach(error, range, context);
    }
  }
  return { kind: 'done', lacks: 0, requests };
}

/**
 * REST no longer serves the beginning of the range. Ids that an archive turned out to lack there are lost for good; minutes that no
 * archive has answered for yet have to wait for it.
 */
async function outOfReach(error: AppError, range: Range, context: PageContext<TradeSeries>): Promise<PageOutcome> {
  const { series, coverage, grid, exchange, jobId } = context;
  const oldest = (error.data as { oldest: number | null } | undefined)?.oldest ?? null;
  const edge = oldest === null ? range.to : ceilToGrid(grid, oldest + EDGE_MS);
  const old = { from: range.from, to: Math.min(range.to, Math.max(edge, range.from + MINUTE_MS)) };
  const { answered } = await coverage.ledger(series);
  const base = { at: exchange.now(), key: seriesKey(series), source: 'rest' as const, jobId, rows: 0, absent: [] };
  const lost: LedgerEntry[] = (await coverage.holes(series, old))
    .filter((hole) => !hole.inArchive)
    .map(({ ids, range: around }) => ({
      ...base,
      outcome: 'answered',
      range: around,
      lostIds: [ids],
      written: [],
      evidence: `No source has aggregate trade ${noneText([ids])} of ${series.symbol}: the archives lack them. ${error.message}`,
    }));
  const unanswered: LedgerEntry[] = subtractRanges([old], answered).map((each) => ({
    ...base,
    outcome: 'failed',
    range: each,
    evidence: `${error.message} ${whenArchived(series, each)}`,
  }));
  await coverage.recordAnswers([...lost, ...unanswered], new Map([[seriesKey(series), series]]));
  for (const { range: around, evidence } of lost)
    context.onFinding({ kind: 'lost_trades', sentence: evidence }, { file: null, range: around });
  if (unanswered[0]) context.onRemark(unanswered[0].evidence);
  return { kind: 'out_of_reach', ranges: [old], reason: error.message };
}

function whenArchived({ symbol }: TradeSeries, { from }: Range): string {
  const day = Math.floor(from / DAY_MS) * DAY_MS;
  const file = archiveFileName(symbol, 'aggTrade', dayOf(day));
  return `${file} was not there, or not to be trusted, when it was asked for; it usually appears in the morning of ${formatTime(day + DAY_MS).slice(0, 10)} UTC. Fetch the range again then.`;
}

async function fetchFromArchive(
  page: PlannedPage,
  wanted: readonly Range[],
  context: PageContext<TradeSeries>,
): Promise<PageOutcome> {
  const got = await withTradeFile(dayOf(page.range.from), context, (file) => ingest(page, wanted, file, context));
  if (got.kind === 'none') return { kind: 'fall_back', reason: got.reason, isMissing: got.isMissing };
  return got.value;
}

async function ingest(
  page: PlannedPage,
  wanted: readonly Range[],
  { file, zip, checksum, etag }: ArchiveFile,
  context: PageContext<TradeSeries>,
): Promise<PageOutcome> {
  const { series, pool, coverage, grid, rows } = context;
  const target: TradeTable = tradeTableOf(series);
  const period = archiveRange(dayOf(page.range.from));
  await keepOthersRows(context, wanted);
  const { runs } = await coverage.storedIds(series);
  const task = {
    zip,
    checksum,
    file,
    symbol: series.symbol,
    period,
    wanted,
    stored: runs
      .filter(({ firstTime, lastTime }) => firstTime < period.to * 1000 && lastTime >= period.from * 1000)
      .map(({ firstId, lastId }) => ({ from: firstId, to: lastId })),
    target,
  };
  let ingested: Awaited<ReturnType<typeof pool.runTrades>>;
  try {
    ingested = await pool.runTrades(task, (body) => rows.write([body]));
  } catch (error) {
    return { kind: 'fall_back', reason: distrust(error, { file, range: period }, context), isMissing: false };
  }
  const { answers, missingIds, sha256, findings } = ingested;
  const lacks = countIds(missingIds);
  const subject = { file, range: period };
  // Ids that the file lacks are mended when the minutes are whole all the same: another source had them, or says that there are none.
  for (const finding of findings)
    context.onFinding(finding, finding.kind === 'lost_trades' ? { ...subject, missing: wanted } : subject);
  const ranges = answers.map((answer) => answer.range);
  const kinds = new Set(findings.map(({ kind }) => kind));
  context.onRead({ file, period, kinds, filled: ranges, absent: [] });
  if (ingested.rows === 0) {
    // A day without a trade and a file that was never filled look alike.
    const reason = `${file} holds no trade, so it proves nothing.`;
    context.onFinding({ kind: 'bad_archive', sentence: reason }, subject);
    return { kind: 'fall_back', reason, isMissing: false };
  }
  for (const answer of answers) {
    context.readBack.add({
      filled: [answer.range],
      bars: countBars(grid, answer.range),
      entry: answerOf(context, {
        source: 'archiveDaily',
        range: answer.range,
        rows: answer.rows,
        absent: [],
        written: await writtenMinutes(context, answer),
        evidence: evidenceOf(file, sha256, answer),
        file,
        sha256,
        ...(etag === null ? {} : { etag }),
        ...(answer.ids ? { ids: answer.ids } : {}),
        ...(answer.lostIds.length > 0 ? { lostIds: answer.lostIds } : {}),
        ...(answer.markedIds.length > 0 ? { markedIds: answer.markedIds } : {}),
      }),
    });
  }
  const answered = intersectRanges(wanted, ranges);
  return { kind: 'done', lacks: lacks + (subtractRanges(wanted, answered).length > 0 ? 1 : 0) };
}

function evidenceOf(file: string, sha256: string, { ids, lostIds, markedIds, rows }: TradeAnswer): string {
  const verified = `Daily archive ${file} (SHA-256 ${sha256.slice(0, 16)}… verified) `;
  if (!ids) return `${verified}has no trades there.`;
  const parts = [`has ${rows.toLocaleString('en')} aggregate trades, ids ${ids.from} to ${ids.to}`];
  if (lostIds.length > 0) parts.push(`lacks ${noneText(lostIds)}`);
  if (markedIds.length > 0) parts.push(`marks ${noneText(markedIds)} as no trade`);
  return `${verified}${parts.join(', ')}.`;
}
