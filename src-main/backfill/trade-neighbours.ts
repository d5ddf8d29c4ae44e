import { AppError } from '@shared/contract';
import { DAY_MS, idsText, type Range, subtractIds, type TradeSeries } from '@shared/market';
import { archiveFileName, archiveRange } from '../binance';
import { type LedgerEntry, tradeTableOf } from '../questdb';
import type { TradeIngestResult } from './ingest-trades';
import { answerOf, type PageContext } from './page-context';
import { dayOf } from './publication';
import { type TradeFileContext, withTradeFile } from './trade-files';

export type NeighbourContext = TradeFileContext & Pick<PageContext<TradeSeries>, 'jobId' | 'onRemark' | 'pool'>;

/** A trade beside an edge, and the minutes of the archive's answer that it decides about. */
export interface Edge {
  minutes: Range;
  /** The first or last stored trade of the run of minutes. */
  known: { id: number; time: number };
  side: 'begins' | 'ends';
}

/** A file that ends too early is no help for its own end: then the one beside it tells. */
const FILES_LOOKED_AT = 2;

/**
 * Looks for the next trade beside an edge in the daily files, first in the one that the edge's minutes border on. Null when none
 * of them can tell, which the receipt says: it is looked for again the next time. Where ids are missing between the two and the
 * edge's side of midnight is silent for longer than the other, its minutes are no longer whole.
 */
export async function lookInFile(edge: Edge, context: NeighbourContext): Promise<LedgerEntry | null> {
  const { side, minutes, known } = edge;
  const isEnd = side === 'ends';
  let why = '';
  for (let days = 0; days < FILES_LOOKED_AT; days++) {
    const day = isEnd ? minutes.to + days * DAY_MS : minutes.from - 1 - days * DAY_MS;
    const look = await idsIn(day, context);
    if ('why' in look) {
      why = look.why;
      break;
    }
    const next = nextTo(known.id, isEnd, look);
    if (next !== null) return answerBeside(edge, next, look, context);
    why = `${look.file} has no trade ${isEnd ? 'behind' : 'before'} id ${known.id}.`;
  }
  const beside = isEnd ? 'end' : 'begin';
  context.onRemark(
    `Whether the trades of ${context.series.symbol} ${beside} where their file does cannot be told: REST no longer has them, and ${why} Fetch the range again when that file is there.`,
  );
  return null;
}

interface FileIds extends Pick<TradeIngestResult, 'ids' | 'missingIds' | 'sha256' | 'times'> {
  file: string;
  etag: string | null;
}

async function idsIn(time: number, context: NeighbourContext): Promise<FileIds | { why: string }> {
  const { series, pool } = context;
  const period = dayOf(time);
  const { symbol } = series;
  const file = archiveFileName(symbol, 'aggTrade', period);
  try {
    const got = await withTradeFile(period, context, async ({ zip, checksum, etag }) => {
      const task = { zip, checksum, file, symbol, period: archiveRange(period), wanted: [], stored: [] };
      const { ids, missingIds, times, sha256 } = await pool.runTrades(
        { ...task, target: tradeTableOf(series) },
        nothing,
      );
      return { file, sha256, etag, ids, missingIds, times };
    });
    return got.kind === 'done' ? got.value : { why: got.reason };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('archive.')) throw error;
    return { why: error.message };
  }
}

async function nothing(): Promise<void> {}

/** The nearest id on that side of `id` of which the file knows. */
function nextTo(id: number, isEnd: boolean, { ids, missingIds }: FileIds): number | null {
  if (ids === null) return null;
  const beyond = isEnd
    ? { from: Math.max(id + 1, ids.from), to: ids.to }
    : { from: ids.from, to: Math.min(id - 1, ids.to) };
  if (beyond.to < beyond.from) return null;
  const there = subtractIds([beyond], missingIds);
  return (isEnd ? there[0]?.from : there.at(-1)?.to) ?? null;
}

/** Microseconds without a trade within the minutes of the edge, and beyond them up to what the file has. */
function silences({ side, minutes, known }: Edge, { times }: FileIds): { inside: number; beyond: number } {
  const { first, last } = times ?? { first: 0, last: 0 };
  return side === 'ends'
    ? { inside: minutes.to * 1_000 - known.time, beyond: first - minutes.to * 1_000 }
    : { inside: known.time - minutes.from * 1_000, beyond: minutes.from * 1_000 - last };
}

function answerBeside(edge: Edge, next: number, look: FileIds, context: NeighbourContext): LedgerEntry {
  const { side, minutes, known } = edge;
  const { file, sha256, etag } = look;
  const isEnd = side === 'ends';
  const between = isEnd ? { from: known.id + 1, to: next - 1 } : { from: next + 1, to: known.id - 1 };
  const where = `${isEnd ? 'behind' : 'before'} id ${known.id}`;
  const { inside, beyond } = silences(edge, look);
  const isSeamless = between.to < between.from;
  const isWhole = isSeamless || inside < beyond;
  const lacking = `no file has ${idsText(between)}, and it is ${isWhole ? 'beyond' : 'within'} these minutes that nothing is told for longer`;
  const told = isSeamless ? 'nothing is missing between them' : lacking;
  return answerOf(context, {
    source: 'archiveDaily',
    range: minutes,
    rows: 0,
    absent: [],
    written: [],
    evidence: `REST no longer has these trades, so ${file} (SHA-256 ${sha256.slice(0, 16)}… verified) was looked at for the next one ${where}: it is ${next}, and ${told}.`,
    file,
    sha256,
    ...(etag === null ? {} : { etag }),
    request: `the trade ${where}`,
    ...(isWhole ? {} : { ids: between, lostIds: [between] }),
  });
}
