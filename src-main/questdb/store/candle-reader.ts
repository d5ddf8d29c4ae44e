import { CANDLE_FIELDS, type CandleColumns, DAY_MS, type Range } from '@shared/market';
import { parseDsn } from '../address';
import { BinaryCursor, type ColumnKind, type CursorPage } from './binary-cursor';
import { type CandleTable, ownRows } from './candle-table';
import { DEFAULT_BATCH_ROWS, pausing } from './cursor-pages';
import { questDbFailure } from './failures';
import { type AddressSource, timestampText } from './sql-client';

export interface ReadOptions {
  signal?: AbortSignal;
  /** Most candles of one batch. */
  batchRows?: number;
}

const KINDS: readonly ColumnKind[] = CANDLE_FIELDS.map((field) =>
  field === 'openTime' ? 'timestamp' : field === 'trades' ? 'long' : 'double',
);
const COLUMNS = 'timestamp, open, high, low, close, volume, quote_volume, trades, taker_base, taker_quote';

/**
 * Stored candles of the half-open range, ascending, in batches. Nothing is read ahead but one batch; a consumer that stops
 * pulling stops the server. Ends the query when the consumer leaves or the signal is aborted. The table has to exist.
 */
export async function* readCandles(
  address: AddressSource,
  table: CandleTable,
  range: Range,
  options: ReadOptions = {},
): AsyncGenerator<CandleColumns> {
  const most = Math.ceil((range.to - range.from) / (table.intervalSeconds * 1_000)) + 1;
  const pageRows = Math.max(1, Math.min(options.batchRows ?? DEFAULT_BATCH_ROWS, most));
  const sqlFrom = (from: number, excluded: boolean) =>
    `SELECT ${COLUMNS} FROM "${table.table}" WHERE ${ownRows(table)}
      AND timestamp ${excluded ? '>' : '>='} '${timestampText(from)}' AND timestamp < '${timestampText(range.to)}'`;
  let sql = sqlFrom(range.from, false);
  for (;;) {
    const reached = yield* readPages(address, sql, pageRows, options.signal);
    if (reached === null) return;
    sql = sqlFrom(reached, true);
  }
}

/** Widths of aggregated bars that the calendar knows, as QuestDB spells them; nominal milliseconds. */
const BUCKETS: readonly [string, number][] = [
  ...([5, 10, 15, 30] as const).map((n): [string, number] => [`${n}s`, n * 1_000]),
  ...([1, 3, 5, 15, 30] as const).map((n): [string, number] => [`${n}m`, n * 60_000]),
  ...([1, 2, 4, 6, 8, 12] as const).map((n): [string, number] => [`${n}h`, n * 3_600_000]),
  ['1d', DAY_MS],
  ['1w', 7 * DAY_MS],
  ['1M', 28 * DAY_MS],
  ['3M', 89 * DAY_MS],
  ['1y', 365 * DAY_MS],
];

/** Bucket that turns candles of `extent` into at most `maxBars`; null when the candles are few enough as they are. */
export function bucketFor(extent: Range, candleMs: number, maxBars: number): string | null {
  const length = extent.to - extent.from;
  if (Math.ceil(length / candleMs) <= maxBars) return null;
  const bucket = BUCKETS.find(([, ms]) => ms > candleMs && Math.ceil(length / ms) + 1 <= maxBars);
  return (bucket ?? BUCKETS[BUCKETS.length - 1]!)[0];
}

/** Like `readCandles`, each candle the aggregate of a calendar bucket; `openTime` is the bucket's beginning. */
export async function* readBuckets(
  address: AddressSource,
  table: CandleTable,
  range: Range,
  bucket: string,
  signal?: AbortSignal,
): AsyncGenerator<CandleColumns> {
  const sql = `SELECT timestamp, first(open), max(high), min(low), last(close), sum(volume), sum(quote_volume), sum(trades),
      sum(taker_base), sum(taker_quote) FROM "${table.table}" WHERE ${ownRows(table)}
      AND timestamp >= '${timestampText(range.from)}' AND timestamp < '${timestampText(range.to)}' SAMPLE BY ${bucket}`;
  // An interrupted aggregation cannot be taken up in the middle, so all of its few rows are read before any is handed out.
  const batches: CandleColumns[] = [];
  for await (const batch of readPages(address, sql, DEFAULT_BATCH_ROWS, signal)) batches.push(batch);
  yield* batches;
}

/** Yields pages; returns the open time reached when the connection was given up in a pause, null at the end. */
async function* readPages(
  address: AddressSource,
  sql: string,
  pageRows: number,
  signal?: AbortSignal,
): AsyncGenerator<CandleColumns, number | null> {
  signal?.throwIfAborted();
  const cursor = new BinaryCursor({ login: parseDsn(address().dsn), sql, columns: KINDS, pageRows });
  const stop = () => cursor.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const page = await cursor.next();
      signal?.throwIfAborted();
      if (page.rows > 0) {
        const idle = yield* pausing(cursor, candlesOf(page));
        signal?.throwIfAborted();
        if (idle && !page.last) return page.columns[0]![page.rows - 1]!;
      }
      if (page.last) return null;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw questDbFailure(error, 'candles are read');
  } finally {
    signal?.removeEventListener('abort', stop);
    cursor.close();
  }
}

function candlesOf(page: CursorPage): CandleColumns {
  const candles = { rows: page.rows } as CandleColumns;
  CANDLE_FIELDS.forEach((field, index) => {
    candles[field] = page.columns[index]!.subarray(0, page.rows);
  });
  return candles;
}
