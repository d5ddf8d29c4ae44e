import { AppError } from '@shared/contract';
import type { SqlClient } from './sql-client';
import { dropTorn } from './torn-table';

export interface TableColumn {
  column: string;
  type: string;
  designated: boolean;
  upsertKey: boolean;
}

/** What a table has to look like: its columns with their types, and the keys by which rows are deduplicated. */
export interface TableShape {
  columns: ReadonlyMap<string, string>;
  keys: readonly string[];
}

/** The shape that a statement of `sql/` gives its table. */
export function shapeOf(statement: string): TableShape {
  const columns = [...statement.matchAll(/^ {2}(\w+) ([A-Z]+)(?: CAPACITY \d+)?,?$/gm)];
  const keys = /UPSERT KEYS\(([^)]*)\)/.exec(statement)?.[1] ?? '';
  return {
    columns: new Map(columns.map((match) => [match[1]!, match[2]!])),
    keys: keys.split(',').map((key) => key.trim()),
  };
}

/** Whether Tapemend or QuestDB keeps its own affairs in a table of this name. */
export function isInternalTable(name: string): boolean {
  return /^(tapemend_|sys\.|telemetry|_)/.test(name);
}

/** Columns of a table; null when there is none. */
export async function readColumns(
  sql: Pick<SqlClient, 'query'>,
  name: string,
  doing: string,
): Promise<TableColumn[] | null> {
  try {
    const rows = await sql.query<TableColumn>(
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

/** Pauses between looks at a new table, in ms. */
const LOOKS_AT_NEW = [10, 30, 100, 300, 1_000, 3_000];

/** Where many tables are made at a time, the catalogue shows one some time after the server has said that it is there. */
async function readColumnsOfNew(
  sql: Pick<SqlClient, 'query'>,
  name: string,
  doing: string,
): Promise<TableColumn[] | null> {
  for (const pause of LOOKS_AT_NEW) {
    const columns = await readColumns(sql, name, doing);
    if (columns) return columns;
    await new Promise((done) => setTimeout(done, pause));
  }
  return readColumns(sql, name, doing);
}

/** The first difference in words; null when there is none. */
export function shapeProblem(columns: readonly TableColumn[], shape: TableShape): string | null {
  const found = new Map(columns.map((column) => [column.column, column]));
  for (const [name, type] of shape.columns) {
    const column = found.get(name);
    if (!column) return `the column "${name}" is missing`;
    if (column.type !== type) return `the column "${name}" is ${column.type} instead of ${type}`;
    const isKey = shape.keys.includes(name);
    if (column.designated !== (name === 'timestamp')) return `the designated timestamp is not the column "timestamp"`;
    if (column.upsertKey !== isKey)
      return `the column "${name}" is ${isKey ? 'not ' : ''}one of the keys by which rows are deduplicated`;
  }
  // Writing a row again replaces it whole, so a further column would lose its values.
  const extra = columns.find((column) => !shape.columns.has(column.column));
  return extra ? `the column "${extra.column}" is not one of Tapemend's and would lose its values` : null;
}

/**
 * Creates the table if it is absent; `IF NOT EXISTS` accepts a table of another shape silently, so the columns are compared.
 * Throws `questdb.schema` with the first column that differs. `kind` names the table in that sentence.
 */
export async function ensureTable(
  sql: Pick<SqlClient, 'query'>,
  name: string,
  statement: string,
  kind: string,
): Promise<void> {
  const doing = `the table ${name} is prepared`;
  let columns = await readColumns(sql, name, doing);
  if (!columns) {
    await create(sql, name, statement, doing);
    columns = await readColumnsOfNew(sql, name, doing);
  }
  const problem = columns ? shapeProblem(columns, shapeOf(statement)) : 'it vanished right after it was created';
  if (problem)
    throw new AppError(
      'questdb.schema',
      `The table ${name} does not have the shape of a ${kind} table: ${problem}. Rename it, then Tapemend makes its own.`,
      { table: name },
    );
}

/** A server that is short of files makes half a table (met at the 4,028th); what it left is dropped, and the table made anew, once. */
async function create(sql: Pick<SqlClient, 'query'>, name: string, statement: string, doing: string): Promise<void> {
  try {
    await sql.query(statement, [], doing);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'questdb.torn_table') throw error;
    await dropTorn(sql, name);
    await sql.query(statement, [], doing);
  }
}

/**
 * Creates one of Tapemend's own tables, or adds the columns that an older Tapemend's lacks, one after the other; old rows hold
 * NULL there. Resolves to whether it was altered: connections that are older than that should not be used any more.
 */
export async function createOrExtend(sql: SqlClient, name: string, statement: string): Promise<boolean> {
  const doing = `the table ${name} is prepared`;
  await create(sql, name, statement, doing);
  const lacking = async () => {
    const found = new Set((await readColumnsOfNew(sql, name, doing))?.map(({ column }) => column));
    return [...shapeOf(statement).columns].filter(([column]) => !found.has(column));
  };
  const missing = await lacking();
  for (const [column, type] of missing) {
    try {
      await sql.query(`ALTER TABLE "${name}" ADD COLUMN ${column} ${type}`, [], doing);
    } catch (error) {
      // Another program of the workspace may have been faster; the catalogue may show that later than the statement says it.
      if (error instanceof AppError && /already exists/.test(error.message)) continue;
      if ((await lacking()).some(([each]) => each === column)) throw error;
    }
  }
  return missing.length > 0;
}
