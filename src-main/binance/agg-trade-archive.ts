import type { Range, TradeColumns } from '@shared/market';
import { parseAggTradeCsv } from './agg-trade-csv';
import { inexactFindings, named, type SourceFinding } from './source-finding';
import { checkTrades, type IdRange } from './trade-check';
import { type ArchiveFile, readVerifiedCsv } from './verified-csv';

export interface AggTradeArchiveRequest extends ArchiveFile {
  symbol: string;
  /** The file's period (`archiveRange`), epoch ms: trades outside of it are refused. */
  range: Range;
}

export interface AggTradeArchiveContent {
  trades: TradeColumns;
  /** First and last id that the file tells of, marked rows included; null for an empty file. */
  ids: IdRange | null;
  /** Ids in between that it lacks. */
  missingIds: IdRange[];
  /** Of the zip, lower-case hex. */
  sha256: string;
  /** Oddities that did not stop the reading, in sentences that name the file. */
  findings: SourceFinding[];
  csvBytes: number;
}

/**
 * Rows have 50 to 110 bytes of digits and pack to a fifth or a tenth; no honest file comes near this. The second bound is
 * what fits into memory beside its columns: the busiest days of the busiest symbol have about 400 MB.
 */
const MOST_UNPACKED_RATIO = 50;
const ALWAYS_ALLOWED_BYTES = 64 * 1024;
const MOST_BYTES = 768 * 1024 * 1024;

/**
 * Verifies, unzips and parses an archive of aggregate trades of any market. Needs no network and no other state, so it runs
 * in worker threads. Throws `AppError` `archive.checksum_mismatch`, `archive.bad_checksum_file`, `archive.bad_zip` or
 * `archive.bad_row`; each names the file, and nothing of it is used then.
 */
export async function readAggTradeArchive(request: AggTradeArchiveRequest): Promise<AggTradeArchiveContent> {
  const { zip, file, symbol, range } = request;
  const { csv, sha256, lineError } = await readVerifiedCsv(request, {
    nameStart: `${symbol}-aggTrades-`,
    what: `aggregate trades of ${symbol}`,
    maxBytes: Math.min(MOST_BYTES, ALWAYS_ALLOWED_BYTES + MOST_UNPACKED_RATIO * zip.length),
    instead: 'its trades may be had from a daily file, or through REST',
  });
  const parsed = parseAggTradeCsv(csv, lineError);
  const checked = checkTrades(parsed.trades, range, (row, reason, kind) =>
    lineError(row + 1 + parsed.headerLines, reason, kind),
  );
  const findings = named(file, [...checked.findings, ...inexactFindings(parsed.inexact)]);
  const { trades, ids, missingIds } = checked;
  return { trades, ids, missingIds, sha256, findings, csvBytes: csv.length };
}
