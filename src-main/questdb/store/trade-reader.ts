import {
  createTradeColumns,
  pickTrades,
  type Range,
  sliceTrades,
  TRADE_FIELDS,
  type TradeColumns,
} from '@shared/market';
import { parseDsn } from '../address';
import { BinaryCursor, type ColumnKind } from './binary-cursor';
import type { ReadOptions } from './candle-reader';
import { DEFAULT_BATCH_ROWS, pausing, readAllPages } from './cursor-pages';
import { questDbFailure } from './failures';
import { partitionAt } from './series-table';
import { type AddressSource, type SqlClient, timestampText } from './sql-client';
import { ownTrades, type TradeTable } from './trade-table';

/** As `TRADE_FIELDS`. */
const KINDS: readonly ColumnKind[] = ['micros', 'long', 'double', 'double', 'long', 'long', 'boolean'];
const COLUMNS = 'timestamp, agg_id, price, quantity, first_trade_id, last_trade_id, buyer_maker';

/** A run of aggregate trades without a missing id. Times in epoch microseconds. */
export interface TradeRun {
  firstId: number;
  lastId: number;
  firstTime: number;
  lastTime: number;
}

export interface TradeContent {
  rows: number;
  /** Maximal runs of ids that follow each other, ascending and disjoint. */
  runs: TradeRun[];
}

/** Stored trades of one partition of a table, and what tells whether they are still those. */
export interface TradePart extends TradeContent {
  /** Changes when rows of the partition come or go. */
  stamp: string;
}

/**
 * Stored aggregate trades with a time in the half-open range (epoch ms), ascending by time, those of one instant by id, in batches
 * of about `batchRows`; trades of one instant are never torn apart. Nothing is read ahead but one batch. Ends the query when the
 * consumer leaves or the signal is aborted. The table has to exist.
 */
export async function* readTrades(
  address: AddressSource,
  table: TradeTable,
  range: Range,
  { signal, batchRows = DEFAULT_BATCH_ROWS }: ReadOptions = {},
): AsyncGenerator<TradeColumns> {
  const rows = `FROM "${table.table}" WHERE ${ownTrades(table)} AND timestamp < '${timestampText(range.to)}' AND timestamp`;
  let after = `>= '${timestampText(range.from)}'`;
  for (;;) {
    const reached: number | null = yield* readOn(address, `SELECT ${COLUMNS} ${rows} ${after}`, batchRows, signal);
    if (reached === null) return;
    after = `> '${microsText(reached)}'`;
  }
}

/** Yields batches; returns the instant reached (in µs) when the connection was given up in a pause, null at the end. */
async function* readOn(
  address: AddressSource,
  sql: string,
  pageRows: number,
  signal?: AbortSignal,
): AsyncGenerator<TradeColumns, number | null> {
  signal?.throwIfAborted();
  const cursor = new BinaryCursor({ login: parseDsn(address().dsn), sql, columns: KINDS, pageRows });
  const stop = () => cursor.close();
  signal?.addEventListener('abort', stop, { once: true });
  let held = createTradeColumns(0);
  try {
    for (;;) {
      const page = await cursor.next();
      signal?.throwIfAborted();
      const trades = joinTrades(held, page.columns, page.rows);
      // The last instant may go on in the next page.
      const whole = page.last ? trades.rows : startOfLastInstant(trades);
      held = sliceTrades(trades, whole, trades.rows);
      if (whole > 0) {
        const idle = yield* pausing(cursor, sortWithinInstants(sliceTrades(trades, 0, whole)));
        signal?.throwIfAborted();
        if (idle && !page.last) return trades.time[whole - 1]!;
      }
      if (page.last) return null;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw questDbFailure(error, 'trades are read');
  } finally {
    signal?.removeEventListener('abort', stop);
    cursor.close();
  }
}

/** Ids and times (epoch ms) of the stored trades next to a moment. */
export interface TradesAround {
  before: { id: number; at: number } | null;
  after: { id: number; at: number } | null;
}

/** Trades of one instant, at most, that may stand in any order. */
const MOST_OF_AN_INSTANT = 1_000;

/** The last trade before `time` (epoch ms) and the first at or behind it. The table has to exist. */
export async function readTradesAround(sql: SqlClient, table: TradeTable, time: number): Promise<TradesAround> {
  const next = async (pick: 'max' | 'min', side: string, order: string) => {
    const [row] = await sql.query<{ id: number | null; at: number | null }>(
      `SELECT ${pick}(agg_id) id, ${pick}(timestamp) at FROM (SELECT agg_id, timestamp FROM "${table.table}"
        WHERE ${ownTrades(table)} AND timestamp ${side} '${timestampText(time)}' ORDER BY timestamp ${order} LIMIT ${MOST_OF_AN_INSTANT})`,
      [],
      'trades around a gap are read',
    );
    return row?.id == null || row.at == null ? null : { id: row.id, at: Math.floor(row.at) };
  };
  return { before: await next('max', '<', 'DESC'), after: await next('min', '>=', 'ASC') };
}

function joinTrades(held: TradeColumns, columns: readonly Float64Array[], rows: number): TradeColumns {
  const trades = createTradeColumns(held.rows + rows);
  trades.rows = held.rows + rows;
  TRADE_FIELDS.forEach((field, index) => {
    trades[field].set(held[field].subarray(0, held.rows));
    trades[field].set(columns[index]!.subarray(0, rows), held.rows);
  });
  return trades;
}

function startOfLastInstant({ time, rows }: TradeColumns): number {
  let start = rows;
  while (start > 0 && time[start - 1] === time[rows - 1]) start--;
  return start;
}

/** The table is ordered by time only; usually ids ascend within an instant too, and nothing is moved. */
function sortWithinInstants(trades: TradeColumns): TradeColumns {
  const { time, aggId, rows } = trades;
  let sorted = true;
  for (let i = 1; i < rows; i++) sorted = sorted && (time[i] !== time[i - 1] || aggId[i]! > aggId[i - 1]!);
  if (sorted) return trades;
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => time[a]! - time[b]! || aggId[a]! - aggId[b]!,
  );
  return pickTrades(trades, order);
}

/**
 * Which aggregate trades are stored: of the half-open range of times (epoch ms), or all. Only the places where an id does not
 * follow its predecessor leave the server. The table has to exist.
 */
export async function readTradeContent(
  address: AddressSource,
  table: TradeTable,
  range?: Range,
): Promise<TradeContent> {
  const within = range
    ? `AND timestamp >= '${timestampText(range.from)}' AND timestamp < '${timestampText(range.to)}'`
    : '';
  const rows = `FROM "${table.table}" WHERE ${ownTrades(table)} ${within}`;
  // The newest row is read first, so that rows which arrive meanwhile belong to the next reading.
  let last: Float64Array | null = null;
  for await (const row of readRows(address, `SELECT timestamp, agg_id ${rows} LIMIT -1`, ['micros', 'long']))
    last = row;
  if (!last) return { rows: 0, runs: [] };
  const breaks = `SELECT before, before_id, timestamp, agg_id FROM (
      SELECT timestamp, agg_id, lag(timestamp) OVER (ORDER BY timestamp) AS before, lag(agg_id) OVER (ORDER BY timestamp) AS before_id
      ${rows} AND timestamp <= '${microsText(last[0]!)}')
    WHERE before_id IS NULL OR agg_id <> before_id + 1`;
  const pieces: TradeRun[] = [];
  for await (const [before, beforeId, time, id] of readRows(address, breaks, ['micros', 'long', 'micros', 'long'])) {
    const open = pieces[pieces.length - 1];
    if (open) Object.assign(open, { lastTime: before!, lastId: beforeId! });
    pieces.push({ firstId: id!, lastId: id!, firstTime: time!, lastTime: time! });
  }
  Object.assign(pieces[pieces.length - 1]!, { lastTime: last[0]!, lastId: last[1]! });
  return { rows: pieces.reduce((sum, piece) => sum + piece.lastId - piece.firstId + 1, 0), runs: joinRuns(pieces) };
}

/**
 * The content of a table, partition by partition. Those that are `known` by their stamp are not read again, unless they touch
 * `again` (epoch ms): a table of years is looked at in the time of a few days. The table has to exist.
 */
export async function readTradeParts(
  address: AddressSource,
  sql: SqlClient,
  table: TradeTable,
  known: readonly TradePart[],
  again?: Range,
): Promise<TradePart[]> {
  const byStamp = new Map(known.map((part) => [part.stamp, part]));
  const parts: TradePart[] = [];
  for (const { range, stamp } of await partitionsOf(sql, table.table)) {
    const isAgain = again !== undefined && again.from < range.to && range.from < again.to;
    const same = isAgain ? undefined : byStamp.get(stamp);
    parts.push(same ?? { stamp, ...(await readTradeContent(address, table, range)) });
  }
  return parts;
}

async function partitionsOf(sql: SqlClient, table: string): Promise<{ range: Range; stamp: string }[]> {
  const rows = await sql.query<{ unit: string; first: number | null; last: number | null; rows: number }>(
    `SELECT partitionBy unit, minTimestamp "first", maxTimestamp "last", numRows "rows" FROM table_partitions('${table}')`,
    [],
    `the partitions of ${table} are looked at`,
  );
  const found = new Map<string, { range: Range; stamp: string }>();
  for (const { unit, first, last, rows: count } of rows) {
    if (first === null || last === null) continue;
    const partition = partitionAt(unit, first);
    const name = partition?.name ?? `${first}`;
    // The server splits large partitions: all pieces of one day are one part.
    const stamp = `${found.get(name)?.stamp ?? name}:${count}:${first}:${last}`;
    found.set(name, { range: partition ?? { from: Math.floor(first), to: Math.floor(last) + 1 }, stamp });
  }
  return [...found.values()].sort((a, b) => a.range.from - b.range.from);
}

/**
 * Runs that touch or overlap as one. Within one instant the table keeps no order of ids, so a run can come in several pieces, in
 * any order.
 */
export function joinRuns(pieces: readonly TradeRun[]): TradeRun[] {
  const runs: TradeRun[] = [];
  for (const piece of [...pieces].sort((a, b) => a.firstId - b.firstId)) {
    const run = runs[runs.length - 1];
    if (!run || piece.firstId > run.lastId + 1) runs.push({ ...piece });
    else if (piece.lastId > run.lastId) Object.assign(run, { lastId: piece.lastId, lastTime: piece.lastTime });
  }
  return runs;
}

async function* readRows(
  address: AddressSource,
  sql: string,
  columns: readonly ColumnKind[],
): AsyncGenerator<Float64Array> {
  for await (const page of readAllPages(address, sql, columns))
    for (let row = 0; row < page.rows; row++) yield Float64Array.from(page.columns, (column) => column[row]!);
}

/** Text of an epoch microsecond time, as QuestDB takes it for a timestamp. */
function microsText(micros: number): string {
  const ms = Math.floor(micros / 1_000);
  return `${timestampText(ms).slice(0, -1)}${String(micros - ms * 1_000).padStart(3, '0')}Z`;
}
