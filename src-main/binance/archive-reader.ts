import { archiveInterval, type CandleColumns, countBars, gridOf, type Interval, type Range } from '@shared/market';
import { checkCandles } from './candle-check';
import { parseKlineCsv } from './kline-csv';
import { inexactFindings, named, type SourceFinding } from './source-finding';
import { type ArchiveFile, readVerifiedCsv } from './verified-csv';

export interface ArchiveRequest extends ArchiveFile {
  symbol: string;
  interval: Interval;
  /** The file's period (`archiveRange`): opens outside of it are refused. */
  range: Range;
  /** Memory for the candles, see `parseKlineCsv`. */
  columns?: CandleColumns | undefined;
}

export interface ArchiveContent {
  candles: CandleColumns;
  /** Of the zip, lower-case hex. */
  sha256: string;
  /** Oddities that did not stop the reading, in sentences that name the file. */
  findings: SourceFinding[];
  csvBytes: number;
}

/** A row has 130 to 150 bytes; this leaves room for odd ones and still stops a zip bomb early. */
const MOST_BYTES_PER_BAR = 400;

/**
 * Verifies, unzips and parses a kline archive. Needs no network and no other state, so it runs in worker threads.
 * Throws `AppError` `archive.checksum_mismatch`, `archive.bad_checksum_file`, `archive.bad_zip` or `archive.bad_row`; each
 * names the file, and nothing of it is used then.
 */
export async function readKlineArchive(request: ArchiveRequest): Promise<ArchiveContent> {
  const { file, symbol, interval, range } = request;
  const bars = countBars(gridOf(interval), range);
  const { csv, sha256, lineError } = await readVerifiedCsv(request, {
    nameStart: `${symbol}-${archiveInterval(interval)}-`,
    what: `${symbol} ${interval}`,
    maxBytes: (2 * bars + 100) * MOST_BYTES_PER_BAR,
    instead: 'its candles can be fetched through REST',
  });
  const parsed = parseKlineCsv(csv, { expectedRows: bars, lineError, columns: request.columns });
  const checked = checkCandles(parsed.candles, {
    interval,
    range,
    rowError: (row, reason, kind) => lineError(row + 1 + parsed.headerLines, reason, kind),
  });
  const findings = named(file, [...checked.findings, ...inexactFindings(parsed.inexact)]);
  return { candles: checked.candles, sha256, findings, csvBytes: csv.length };
}
