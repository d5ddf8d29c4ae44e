import { type CandleColumns, countBars, gridOf, type Interval, type Range } from '@shared/market';
import { readKlineArchive, type SourceFinding } from '../binance';
import { encodeCandleLines } from '../questdb';
import { selectWanted } from './select-wanted';
import type { SpareMemory } from './spare-memory';

/** Rows per line-protocol request: 20 to 50 thousand is where the server is fastest (facts: measured). */
const ROWS_PER_BODY = 50_000;

/** Where the rows of a series go. */
export interface IngestTarget {
  table: string;
  nodeId: string;
  intervalSeconds: number;
}

/** One archive file to verify, parse, check and encode; plain data, so that it can cross to a worker thread. */
export interface IngestTask {
  zip: Uint8Array;
  checksum: string;
  file: string;
  symbol: string;
  interval: Interval;
  threeDayPhase: number | undefined;
  /** Period of the file, and the bars of it that are wanted. */
  period: Range;
  wanted: readonly Range[];
  target: IngestTarget;
}

/** Encoded rows ready to be posted, and what the file says of the wanted bars. */
export interface IngestResult {
  bodies: Uint8Array[];
  rows: number;
  filled: Range[];
  absent: Range[];
  sha256: string;
  findings: SourceFinding[];
}

/** Verifies, parses and encodes one archive; throws `archive.*` when the file cannot be trusted. */
export async function ingestArchive(task: IngestTask, spare?: SpareMemory): Promise<IngestResult> {
  const { zip, checksum, file, symbol, interval, period } = task;
  const grid = gridOf(interval, task.threeDayPhase);
  const columns = spare?.takeColumns(countBars(grid, period));
  try {
    const content = await readKlineArchive({ zip, checksum, file, symbol, interval, range: period, columns });
    const selection = selectWanted(content.candles, grid, task.wanted);
    return {
      bodies: encodeSlices(content.candles, selection.slices, task.target, spare),
      rows: selection.rows,
      filled: selection.filled,
      absent: selection.absent,
      sha256: content.sha256,
      findings: content.findings,
    };
  } finally {
    if (columns) spare?.giveColumns(columns);
  }
}

export function encodeSlices(
  candles: CandleColumns,
  slices: readonly { start: number; end: number }[],
  target: IngestTarget,
  spare?: SpareMemory,
): Uint8Array[] {
  const memory = spare && ((bytes: number) => spare.take(bytes));
  const bodies: Uint8Array[] = [];
  for (const { start, end } of slices) {
    for (let from = start; from < end; from += ROWS_PER_BODY) {
      bodies.push(encodeCandleLines(candles, from, Math.min(end, from + ROWS_PER_BODY), target, memory));
    }
  }
  return bodies;
}
