import type { IdRange, Range } from '@shared/market';
import { AggTradeArchive, type AggTradeArchiveSummary, type SourceFinding } from '../binance';
import { encodeTradeLines, type TradeTable } from '../questdb';
import type { SpareMemory } from './spare-memory';
import { minutesOf, notStored, type TradeAnswer, TradeCuts } from './trade-cuts';

/** One archive of aggregate trades to verify, check and encode; plain data, so that it can cross to a worker thread. */
export interface TradeIngestTask {
  zip: Uint8Array;
  checksum: string;
  file: string;
  symbol: string;
  /** Period of the file, and the minutes of it that are wanted. */
  period: Range;
  wanted: readonly Range[];
  /** Ids that are stored already: they are not written again. */
  stored: readonly IdRange[];
  target: TradeTable;
}

export interface TradeIngestResult {
  answers: TradeAnswer[];
  /** Trades of the whole file. */
  rows: number;
  /** First and last id that the file tells of; null for an empty one. */
  ids: IdRange | null;
  /** Ids in between that it lacks. */
  missingIds: IdRange[];
  /** When its first and its last trade was made, epoch µs. */
  times: AggTradeArchiveSummary['times'];
  sha256: string;
  findings: SourceFinding[];
}

/**
 * Verifies the whole archive, then hands its wanted trades on as encoded bodies, one after the other: `write` resolves when the
 * memory of its body may be used again. Throws `archive.*` when the file cannot be trusted, before anything was handed on.
 */
export async function ingestTradeArchive(
  task: TradeIngestTask,
  write: (body: Uint8Array) => Promise<void>,
  spare?: SpareMemory,
): Promise<TradeIngestResult> {
  const { zip, checksum, file, symbol, period, wanted, stored, target } = task;
  const archive = await AggTradeArchive.open({ zip, checksum, file, symbol, range: period });
  const { summary } = archive;
  const cuts = new TradeCuts(wanted, summary);
  const memory = spare && ((bytes: number) => spare.take(bytes));
  let writing: Promise<void> = Promise.resolve();
  try {
    // Who only wants to know what a file holds need not have it read again.
    for await (const piece of wanted.length > 0 ? archive.pieces() : []) {
      for (const run of cuts.take(piece)) {
        for (const { start, end } of notStored(piece, run.start, run.end, stored)) {
          const body = encodeTradeLines(piece, start, end, target, memory);
          // One body is written while the next is encoded.
          await writing;
          writing = write(body);
          writing.catch(() => {});
          run.noteWritten(minutesOf(piece, start, end));
        }
      }
    }
  } finally {
    await writing;
  }
  return {
    answers: cuts.answers(),
    rows: summary.rows,
    ids: summary.ids,
    missingIds: summary.missingIds,
    times: summary.times,
    sha256: summary.sha256,
    findings: summary.findings,
  };
}
