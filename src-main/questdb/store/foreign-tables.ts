import { AppError, type ForeignCandles } from '@shared/contract';
import {
  CANDLE_FIELDS,
  type CandleColumns,
  INTERVALS,
  type Interval,
  intervalOfTimes,
  intervalSeconds,
  isInterval,
} from '@shared/market';
import { type CandleTable, sqlText } from './candle-table';
import { readAllPages } from './cursor-pages';
import type { AddressSource, SqlClient } from './sql-client';
import { isInternalTable, type TableColumn } from './table-shape';

/**
 * Rows of one stream in a table that Tapemend does not keep, or under another node id in one that it does. Their interval is that of the
 * column `interval`, else the distance of most of the first rows.
 */
export interface ForeignStream extends Omit<ForeignCandles, 'guess'> {
  /** Some of its columns are FLOAT: about seven digits of each number are left. */
  isSinglePrecision: boolean;
}

/** Fields of a candle with their columns; the first five have to be there. */
const COLUMNS: readonly (readonly [Exclude<keyof CandleColumns, 'rows' | 'openTime'>, string])[] = [
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['volume', 'volume'],
  ['quoteVolume', 'quote_volume'],
  ['trades', 'trades'],
  ['takerBase', 'taker_base'],
  ['takerQuote', 'taker_quote'],
];
const REQUIRED = 5;
const NUMBERS = /^(DOUBLE|FLOAT|LONG|INT|SHORT|BYTE|DECIMAL.*)$/;
const TEXTS = /^(SYMBOL|VARCHAR|STRING)$/;
/** Names that can stand between quotes, double or single; others are not looked at. */
const QUOTABLE = /^[\w.+ -]{1,127}$/;
const TABLES_AT_ONCE = 4;
/** Rows whose distances tell the interval. */
const ROWS_FOR_STEP = 500;

interface ForeignShape {
  table: string;
  /** SQL of a row's time as TIMESTAMP, and what orders the rows. */
  time: string;
  order: string;
  present: typeof COLUMNS;
  lacking: string[];
  isSinglePrecision: boolean;
  hasNodeId: boolean;
  interval: 'seconds' | 'text' | null;
}

interface ForeignColumn extends TableColumn {
  /** Different values that a SYMBOL has. */
  symbolTableSize: number | null;
}

interface StreamRow {
  node: string | null;
  span: string | number | null;
  rows: number;
  first: number | null;
  last: number | null;
}

/** Candles that others have written into the same database. Reads only. */
export class ForeignTables {
  constructor(
    private readonly sql: SqlClient,
    private readonly address: AddressSource,
  ) {}

  /**
   * Streams of all tables that have the columns of candles (a designated timestamp, or QMTL's `ts` in seconds; open, high, low,
   * close, volume), sorted by table. `ownOf` tells which rows of a table are Tapemend's own. Views are left out: most show rows of a
   * table that is listed itself.
   */
  async list(ownOf: (table: string) => CandleTable | null): Promise<ForeignStream[]> {
    const tables = await this.sql.query<{ table_name: string; table_type?: string }>(
      'SELECT * FROM tables() ORDER BY table_name',
      [],
      'tables of others are looked for',
    );
    const names = tables.filter(({ table_type = 'T' }) => table_type === 'T').map(({ table_name }) => table_name);
    const streams: ForeignStream[] = [];
    for (let at = 0; at < names.length; at += TABLES_AT_ONCE) {
      const some = names.slice(at, at + TABLES_AT_ONCE);
      streams.push(...(await Promise.all(some.map((name) => this.streamsOf(name, ownOf(name))))).flat());
    }
    return streams;
  }

  /** Streams of one table or view; none when it has no candles, does not exist, or is one of the programs' own. */
  async streamsOf(table: string, own: CandleTable | null): Promise<ForeignStream[]> {
    if (isInternalTable(table) || !QUOTABLE.test(table)) return [];
    try {
      const columns = await this.#columns(table);
      if (own && (await this.#isAllOwn(own, columns))) return [];
      const shape = shapeOfTable(table, columns);
      return shape ? await this.#streams(shape, own) : [];
    } catch (error) {
      // Others may drop their tables at any time.
      if (error instanceof AppError && error.code === 'questdb.no_table') return [];
      throw error;
    }
  }

  /** Candles of the stream, ascending by time; what the table does not have is NaN. Throws `questdb.*`. */
  async *read(stream: Pick<ForeignStream, 'table' | 'nodeId' | 'interval'>): AsyncGenerator<CandleColumns> {
    const shape = shapeOfTable(stream.table, QUOTABLE.test(stream.table) ? await this.#columns(stream.table) : []);
    if (!shape) throw noCandles(stream.table);
    const columns = shape.present.map(([field, column]) =>
      field === 'trades' ? `cast("${column}" AS LONG)` : `cast("${column}" AS DOUBLE)`,
    );
    const kinds = shape.present.map(([field]) => (field === 'trades' ? 'long' : 'double'));
    const sql = `SELECT ${[shape.time, ...columns].join(', ')} FROM "${shape.table}" ${conditionOf(shape, stream)} ORDER BY ${shape.order}`;
    for await (const page of readAllPages(this.address, sql, ['timestamp', ...kinds])) {
      if (page.rows === 0) continue;
      const candles = { rows: page.rows, openTime: page.columns[0]! } as CandleColumns;
      shape.present.forEach(([field], index) => {
        candles[field] = page.columns[index + 1]!;
      });
      for (const field of CANDLE_FIELDS) candles[field] ??= new Float64Array(page.rows).fill(Number.NaN);
      yield candles;
    }
  }

  async #streams(shape: ForeignShape, own: CandleTable | null): Promise<ForeignStream[]> {
    const { table, time, lacking, isSinglePrecision } = shape;
    const node = shape.hasNodeId ? '"node_id"' : 'NULL';
    const span = shape.interval ? '"interval"' : 'NULL';
    const groups = [shape.hasNodeId ? node : null, shape.interval ? span : null].filter((each) => each !== null);
    const rows = await this.sql.query<StreamRow>(
      `SELECT ${node} node, ${span} span, count() "rows", min(${time}) "first", max(${time}) "last" FROM "${table}"
        ${groups.length > 0 ? `GROUP BY ${groups.join(', ')}` : ''}`,
      [],
      `the rows of ${table} are counted`,
    );
    const streams: ForeignStream[] = [];
    for (const { node: nodeId, span: said, rows: count, first, last } of rows) {
      if (own && nodeId === own.nodeId && Number(said) === own.intervalSeconds) continue;
      if (count === 0 || first === null || last === null) continue;
      const interval = shape.interval ? intervalOf(said) : await this.#commonStep(shape, nodeId);
      streams.push({ table, nodeId, interval, rows: count, first, last, lacking, isSinglePrecision });
    }
    return streams.sort((a, b) => ((a.nodeId ?? '') < (b.nodeId ?? '') ? -1 : 1));
  }

  async #commonStep(shape: ForeignShape, nodeId: string | null): Promise<Interval | null> {
    const rows = await this.sql.query<{ t: number }>(
      `SELECT ${shape.time} t FROM "${shape.table}" ${conditionOf(shape, { nodeId, interval: null })} ORDER BY ${shape.order} LIMIT ${ROWS_FOR_STEP}`,
      [],
      `the first rows of ${shape.table} are read`,
    );
    return intervalOfTimes(rows.map(({ t }) => t));
  }

  /** Cheap: a large workspace has thousands of tables, and none of them is read. */
  async #isAllOwn({ table, nodeId }: CandleTable, columns: readonly ForeignColumn[]): Promise<boolean> {
    if (!columns.some(({ column, symbolTableSize }) => column === 'node_id' && symbolTableSize === 1)) return false;
    const rows = await this.sql.query<{ node_id: string }>(
      `SELECT node_id FROM "${table}" LIMIT 1`,
      [],
      `the first row of ${table} is read`,
    );
    return rows.every((row) => row.node_id === nodeId);
  }

  #columns(table: string): Promise<ForeignColumn[]> {
    return this.sql.query(
      `SELECT "column", type, designated, upsertKey, symbolTableSize FROM table_columns('${table}')`,
      [],
      `the columns of ${table} are looked at`,
    );
  }
}

/** How candles can be read from a table; null when it has none. */
function shapeOfTable(table: string, columns: readonly TableColumn[]): ForeignShape | null {
  const found = new Map(columns.map((column) => [column.column.toLowerCase(), column]));
  const isNumber = (name: string) => NUMBERS.test(found.get(name)?.type ?? '');
  const present = COLUMNS.filter(([, column]) => isNumber(column));
  if (COLUMNS.slice(0, REQUIRED).some(([, column]) => !isNumber(column))) return null;
  const designated = columns.find((column) => column.designated);
  const ts = ['LONG', 'INT'].includes(found.get('ts')?.type ?? '');
  if (!designated && !ts) return null;
  const span = found.get('interval')?.type ?? '';
  return {
    table,
    time: designated ? `cast("${designated.column}" AS TIMESTAMP)` : 'cast(cast("ts" AS LONG) * 1000000 AS TIMESTAMP)',
    order: designated ? `"${designated.column}"` : '"ts"',
    present,
    lacking: COLUMNS.filter(([, column]) => !isNumber(column)).map(([, column]) => column),
    isSinglePrecision: present.some(([, column]) => found.get(column)?.type === 'FLOAT'),
    hasNodeId: TEXTS.test(found.get('node_id')?.type ?? ''),
    interval: /^(INT|LONG|SHORT)$/.test(span) ? 'seconds' : TEXTS.test(span) ? 'text' : null,
  };
}

function conditionOf(
  { hasNodeId, interval: kind }: Pick<ForeignShape, 'hasNodeId' | 'interval'>,
  { nodeId, interval }: Pick<ForeignStream, 'nodeId' | 'interval'>,
): string {
  const conditions: string[] = [];
  if (hasNodeId) conditions.push(nodeId === null ? '"node_id" IS NULL' : `"node_id" = ${sqlText(nodeId)}`);
  if (kind !== null && interval !== null)
    conditions.push(`"interval" = ${kind === 'seconds' ? intervalSeconds(interval) : sqlText(interval)}`);
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}

/** Seconds, or a name of an interval. */
function intervalOf(said: string | number | null): Interval | null {
  if (typeof said === 'string' && isInterval(said)) return said;
  const seconds = Number(said);
  return INTERVALS.find((each) => intervalSeconds(each) === seconds) ?? null;
}

function noCandles(table: string): AppError {
  return new AppError(
    'usage.no_candles',
    `The table "${table}" has no candles that could be adopted: it needs a designated timestamp and numbers in open, high, low, close and volume.`,
    { table },
  );
}
