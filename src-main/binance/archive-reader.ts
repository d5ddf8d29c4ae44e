import { createHash } from 'node:crypto';
import { AppError } from '@shared/contract';
import { archiveInterval, type CandleColumns, countBars, gridOf, type Interval, type Range } from '@shared/market';
import { checkCandles } from './candle-check';
import { parseKlineCsv } from './kline-csv';
import { readOnlyMember } from './zip-member';

/** One archive file in memory, with what it has to prove. */
export interface ArchiveRequest {
  zip: Uint8Array;
  /** Text of the CHECKSUM file. */
  checksum: string;
  /** Name of the zip, `BTCUSDT-1m-2020-01-01.zip`. */
  file: string;
  symbol: string;
  interval: Interval;
  /** The file's period (`archiveRange`): opens outside of it are refused. */
  range: Range;
}

export interface ArchiveContent {
  candles: CandleColumns;
  /** Of the zip, lower-case hex. */
  sha256: string;
  /** Oddities that did not stop the reading, in sentences that name the file. */
  findings: string[];
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
  const { zip, file, interval, range } = request;
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const expected = readChecksum(request.checksum, file);
  if (sha256 !== expected) {
    throw new AppError(
      'archive.checksum_mismatch',
      `${file} does not match its published SHA-256 (${expected.slice(0, 12)}… published, ${sha256.slice(0, 12)}… received). It is not used; fetch it again later, or through REST.`,
      { file, expected, actual: sha256 },
    );
  }
  const stem = file.replace(/\.zip$/, '');
  if (!file.startsWith(`${request.symbol}-${archiveInterval(interval)}-`)) {
    throw new AppError('archive.bad_zip', `${file} is no archive of ${request.symbol} ${interval}.`, { file });
  }
  const bars = countBars(gridOf(interval), range);
  const csv = await readOnlyMember(zip, {
    file,
    member: `${stem}.csv`,
    maxBytes: (2 * bars + 100) * MOST_BYTES_PER_BAR,
  });
  const lineError = (line: number, reason: string) =>
    new AppError(
      'archive.bad_row',
      `${stem}.csv, line ${line}: ${reason}. The file is not used; its candles can be fetched through REST.`,
      { file, line, reason },
    );
  const parsed = parseKlineCsv(csv, { expectedRows: bars, lineError });
  const checked = checkCandles(parsed.candles, {
    interval,
    range,
    rowError: (row, reason) => lineError(row + 1 + parsed.headerLines, reason),
  });
  const findings = checked.findings.map((finding) => `${file}: ${finding}`);
  if (parsed.inexact.count > 0) {
    findings.push(
      `${file}: ${parsed.inexact.count} decimals do not fit a double exactly, for example ${parsed.inexact.example}`,
    );
  }
  return { candles: checked.candles, sha256, findings, csvBytes: csv.length };
}

/** `<64 hex>  <name>`, with or without a final newline. The name must be the file's. */
function readChecksum(text: string, file: string): string {
  const match = /^([0-9a-fA-F]{64})[ \t]+\*?(\S+)\s*$/.exec(text);
  if (match?.[2] === file) return match[1]!.toLowerCase();
  throw new AppError(
    'archive.bad_checksum_file',
    match
      ? `The CHECKSUM file of ${file} is for another file, ${match[2]}. The archive is not used; fetch it again later, or through REST.`
      : `The CHECKSUM file of ${file} holds no SHA-256. The archive is not used; fetch it again later, or through REST.`,
    { file, text: text.slice(0, 200) },
  );
}
