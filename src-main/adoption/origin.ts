import type { CandleColumns } from '@shared/market';
import type { ForeignStream, QuestDbStore } from '../questdb';
import { CsvCandles } from './csv-candles';

/** Where candles of another program are, and how they are read. */
export interface Origin {
  /** In a sentence: `the file btc.csv`. */
  words: string;
  rows: number;
  /** Columns of a candle table that it does not have. */
  lacking: readonly string[];
  /** What was lost of its decimals before they came here, in words; null when nothing was. */
  inexact: string | null;
  /** What the ledger keeps of it. */
  ledger: { file: string; sha256: string } | { request: string };
  /** Candles in order of time; what it does not have is NaN. */
  read(): AsyncIterable<CandleColumns>;
}

/** How the ledger names a stream of a table. */
export function requestOf({ table, nodeId }: Pick<ForeignStream, 'table' | 'nodeId'>): string {
  return `table ${table}${nodeId === null ? '' : `, node id ${nodeId}`}`;
}

/** Whether a request names the table, or a stream of it. */
export function isOfTable(request: string, table: string): boolean {
  const whole = requestOf({ table, nodeId: null });
  return request === whole || request.startsWith(`${whole}, `);
}

export function tableOrigin(stream: ForeignStream, foreign: QuestDbStore['foreign']): Origin {
  const { rows, lacking, isSinglePrecision } = stream;
  const request = requestOf(stream);
  return {
    words: `the ${request}`,
    rows,
    lacking,
    inexact: isSinglePrecision ? 'its columns are FLOAT, which keeps about seven digits of a number' : null,
    ledger: { request },
    read: () => foreign.read(stream),
  };
}

/** Throws `usage.no_file` and `usage.bad_file`. */
export async function fileOrigin(path: string, signal?: AbortSignal): Promise<Origin> {
  const csv = await CsvCandles.open(path, signal);
  const { count, example } = csv.inexact;
  return {
    words: `the file ${csv.file}`,
    rows: csv.rows,
    lacking: csv.lacking,
    inexact: count === 0 ? null : `${count.toLocaleString('en')} of its numbers do not fit a double: ${example}`,
    ledger: { file: csv.file, sha256: csv.sha256 },
    read: () => csv.read(),
  };
}
