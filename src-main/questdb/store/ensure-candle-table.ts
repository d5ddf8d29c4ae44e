import { AppError } from '@shared/contract';
import { type CandleTable, checkTableName } from './candle-table';
import type { SqlClient } from './sql-client';
import { STATEMENTS } from './statements';

const EXAMPLE_TABLE = 'binance_spot_btcusdt_1m';

/** The one statement that creates a candle table. */
export function candleTableStatement({ table, intervalSeconds }: Omit<CandleTable, 'nodeId'>): string {
  const partition = intervalSeconds < 60 ? 'MONTH' : 'YEAR';
  return STATEMENTS['001_candles.sql']
    .replace(`"${EXAMPLE_TABLE}"`, `"${checkTableName(table)}"`)
    .replace('PARTITION BY YEAR', `PARTITION BY ${partition}`);
}

interface ColumnRow {
  column: string;
  type: string;
  designated: boolean;
  upsertKey: boolean;
}

const EXPECTED_COLUMNS: ReadonlyMap<string, string> = new Map(
  [...STATEMENTS['001_candles.sql'].matchAll(/^ {2}(\w+) ([A-Z]+),?$/gm)].map((match) => [match[1]!, match[2]!]),
);
const EXPECTED_KEYS = ['timestamp', 'node_id', 'interval'];

/**
 * Creates the table if it is absent; `IF NOT EXISTS` accepts a table of another shape silently, so the columns are compared.
 * Throws `questdb.schema` with the first column that differs.
 */
export async function ensureCandleTable(sql: SqlClient, table: Omit<CandleTable, 'nodeId'>): Promise<void> {
  const name = table.table;
  const doing = `the table ${name} is prepared`;
  let columns = await readColumns(sql, name, doing);
  if (!columns) {
    await sql.query(candleTableStatement(table), [], doing);
    columns = await readColumns(sql, name, doing);
  }
  const problem = columns ? schemaProblem(columns) : 'it vanished right after it was created';
  if (problem)
    throw new AppError(
      'questdb.schema',
      `The table ${name} does not have the shape of a candle table: ${problem}. Rename it, then Tapemend makes its own.`,
      { table: name },
    );
}

/** Whether a table has exactly the candle columns and keys; null when there is none. */
export async function isCandleTable(sql: SqlClient, name: string): Promise<boolean | null> {
  const columns = await readColumns(sql, name, `the table ${name} is looked at`);
  return columns && schemaProblem(columns) === null;
}

async function readColumns(sql: SqlClient, name: string, doing: string): Promise<ColumnRow[] | null> {
  try {
    const rows = await sql.query<ColumnRow>(
      `SELECT "column", type, designated, upsertKey FROM table_columns('${name}')`,
      [],
      doing,
    );
    return rows.length > 0 ? rows : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'questdb.no_table') return null;
    throw error;
  }
}

function schemaProblem(columns: readonly ColumnRow[]): string | null {
  const found = new Map(columns.map((column) => [column.column, column]));
  for (const [name, type] of EXPECTED_COLUMNS) {
    const column = found.get(name);
    if (!column) return `the column "${name}" is missing`;
    if (column.type !== type) return `the column "${name}" is ${column.type} instead of ${type}`;
    const isKey = EXPECTED_KEYS.includes(name);
    if (column.designated !== (name === 'timestamp')) return `the designated timestamp is not the column "timestamp"`;
    if (column.upsertKey !== isKey)
      return `the column "${name}" is ${isKey ? 'not ' : ''}one of the keys by which rows are deduplicated`;
  }
  // Writing a row again replaces it whole, so a further column would lose its values.
  const extra = columns.find((column) => !EXPECTED_COLUMNS.has(column.column));
  return extra ? `the column "${extra.column}" is not one of Tapemend's and would lose its values` : null;
}
