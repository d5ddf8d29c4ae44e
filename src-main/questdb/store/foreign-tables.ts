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
import { type ForeignColumn, type ForeignShape, foreignShape } from './foreign-shape';
import type { AddressSource, SqlClient } from './sql-client';
import { isInternalTable } from './table-shape';

/**
 * Rows of one stream in a table that Tapemend does not keep, or under another node id in one that it does. Their interval is that of the
 * column `interval`, else the distance of most of the first rows.
 */
export interface ForeignStream extends Omit<ForeignCandles, 'guess' | 'adopted'> {
  /** Some of its columns are FLOAT: about seven digits of each number are left. */
  isSinglePrecision: boolean;
  /** What a column for the symbol says of all rows; null without one. */
  symbol: string | null;
}

/** What a table of others holds; `unfit` says in words why candles in it cannot be adopted. */
interface ForeignTable {
  streams: ForeignStream[];
  unfit: string | null;
}

const NOTHING: ForeignTable = { streams: [], unfit: null };

/** Names that can stand between quotes, double or single; others are not looked at. */
const QUOTABLE = /^[\w.+ -]{1,127}$/;
const TABLES_AT_ONCE = 4;
/** Rows whose distances tell the interval. */
const ROWS_FOR_STEP = 500;

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
   * close, volume), sorted by table, and tables that have some of them only. `ownOf` tells which rows of a table are Tapemend's
   * own. Views are left out: most show rows of a table that is listed itself.
   */
  async list(
    ownOf: (table: string) => CandleTable | null,
  ): Promise<{ streams: ForeignStream[]; unfit: { table: string; reason: string }[] }> {
    const names = await this.#names();
    const looks = await fewAtOnce(names, (name) => this.look(name, ownOf(name)));
    return {
      streams: looks.flatMap(({ streams }) => streams),
      unfit: looks.flatMap(({ unfit }, index) => (unfit === null ? [] : [{ table: names[index]!, reason: unfit }])),
    };
  }

  /**
   * Names of tables that hold candles by their columns and have a row, without those `passedBy`. No row is counted, so this can
   * be asked at a start.
   */
  async likely(passedBy: ReadonlySet<string>): Promise<string[]> {
    const names = (await this.#names()).filter((name) => !passedBy.has(name));
    const isLikely = await fewAtOnce(names, (name) => this.#isLikely(name));
    return names.filter((_, index) => isLikely[index]);
  }

  /** One table or view; nothing when it has no candles, does not exist, or is one of the programs' own. */
  async look(table: string, own: CandleTable | null): Promise<ForeignTable> {
    if (!isReadable(table)) return NOTHING;
    try {
      const columns = await this.#columns(table);
      if (own && (await this.#isAllOwn(own, columns))) return NOTHING;
      const shaped = foreignShape(table, columns);
      if (!shaped) return NOTHING;
      if ('unfit' in shaped) return { streams: [], unfit: shaped.unfit };
      return await this.#lookInto(shaped.shape, own);
    } catch (error) {
      if (isGone(error)) return NOTHING;
      throw error;
    }
  }

  /** Candles of the stream, ascending by time; what the table does not have is NaN. Throws `questdb.*`. */
  async *read(stream: Pick<ForeignStream, 'table' | 'nodeId' | 'interval'>): AsyncGenerator<CandleColumns> {
    const shaped = foreignShape(stream.table, QUOTABLE.test(stream.table) ? await this.#columns(stream.table) : []);
    if (!shaped || 'unfit' in shaped) throw noCandles(stream.table);
    const { shape } = shaped;
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

  async #names(): Promise<string[]> {
    const tables = await this.sql.query<{ table_name: string; table_type?: string }>(
      'SELECT * FROM tables() ORDER BY table_name',
      [],
      'tables of others are looked for',
    );
    return tables
      .filter(({ table_name: name, table_type: type = 'T' }) => type === 'T' && isReadable(name))
      .map(({ table_name: name }) => name);
  }

  async #isLikely(table: string): Promise<boolean> {
    try {
      const columns = await this.#columns(table);
      const shaped = foreignShape(table, columns);
      if (!shaped || 'unfit' in shaped) return false;
      const { symbolColumn } = shaped.shape;
      if (columns.some(({ column, symbolTableSize }) => column === symbolColumn && (symbolTableSize ?? 0) > 1))
        return false;
      const doing = `the first row of ${table} is read`;
      return (await this.sql.query(`SELECT 1 FROM "${table}" LIMIT 1`, [], doing)).length > 0;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  async #lookInto(shape: ForeignShape, own: CandleTable | null): Promise<ForeignTable> {
    const symbols = await this.#symbols(shape);
    if (symbols !== null && symbols.count > 1)
      return {
        streams: [],
        unfit: `its column ${shape.symbolColumn} names ${symbols.count.toLocaleString('en')} symbols, and a series has one; give it a view or a CSV file for each`,
      };
    const streams = await this.#streams(shape, own, symbols?.any ?? null);
    return { streams, unfit: streams.length === 0 && !own ? 'it has the columns of candles and no rows' : null };
  }

  /** How many symbols the rows are of, and one of them; null where no column tells. */
  async #symbols({ table, symbolColumn }: ForeignShape): Promise<{ count: number; any: string | null } | null> {
    if (symbolColumn === null) return null;
    const [found] = await this.sql.query<{ count: number; any: string | null }>(
      `SELECT count_distinct("${symbolColumn}") "count", first("${symbolColumn}") "any" FROM "${table}"`,
      [],
      `the symbols of ${table} are counted`,
    );
    return found ?? null;
  }

  async #streams(shape: ForeignShape, own: CandleTable | null, symbol: string | null): Promise<ForeignStream[]> {
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
      streams.push({ table, nodeId, interval, rows: count, first, last, lacking, isSinglePrecision, symbol });
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

function isReadable(table: string): boolean {
  return !isInternalTable(table) && QUOTABLE.test(table);
}

/** Others may drop their tables at any time. */
function isGone(error: unknown): boolean {
  return error instanceof AppError && error.code === 'questdb.no_table';
}

async function fewAtOnce<T>(names: readonly string[], work: (name: string) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let at = 0; at < names.length; at += TABLES_AT_ONCE)
    done.push(...(await Promise.all(names.slice(at, at + TABLES_AT_ONCE).map(work))));
  return done;
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
