import type { SqlClient } from './sql-client';
import { isInternalTable } from './table-shape';

/** What a catalogue look tells about a table, without reading it. Rows of other streams in it count too. */
export interface TableOverview {
  rows: number;
  /** Times of the oldest and newest row in epoch ms; null without rows. */
  first: number | null;
  last: number | null;
  /** See `QuestDbStore.contentVersion`. */
  version: string;
}

interface CatalogueRow {
  id: number;
  name: string;
  rows: number | null;
  first: number | null;
  last: number | null;
  designated: string | null;
  txn: number;
}

const CATALOGUE = `SELECT t.id id, t.table_name name, t.table_row_count "rows", t.table_min_timestamp "first",
  t.table_max_timestamp "last", t.designatedTimestamp designated, w.sequencerTxn txn FROM tables() t JOIN wal_tables() w ON t.table_name = w.name`;

/** All tables but Tapemend's own and QuestDB's, in one query. */
export async function readOverview(sql: SqlClient): Promise<Map<string, TableOverview>> {
  const rows = await sql.query<CatalogueRow>(CATALOGUE);
  const overview = new Map<string, TableOverview>();
  for (const row of rows) {
    if (isInternalTable(row.name)) continue;
    // The server learns counts of a table only when it opens it, some time after its own start.
    const known = row.rows === null && row.txn > 0 ? await countTable(sql, row) : row;
    overview.set(row.name, {
      rows: known.rows ?? 0,
      first: known.first,
      last: known.last,
      version: versionOf(row),
    });
  }
  return overview;
}

/** Versions of all tables by name. */
export async function tableVersions(sql: SqlClient): Promise<Map<string, string>> {
  const rows = await sql.query<CatalogueRow>(CATALOGUE);
  return new Map(rows.map((row) => [row.name, versionOf(row)]));
}

/** Text that changes with every write to the table and when it is made anew; null without the table. */
export async function tableVersion(sql: SqlClient, table: string): Promise<string | null> {
  const [row] = await sql.query<CatalogueRow>(`SELECT * FROM (${CATALOGUE}) WHERE name = $1`, [table]);
  return row ? versionOf(row) : null;
}

async function countTable(sql: SqlClient, table: CatalogueRow): Promise<Pick<CatalogueRow, 'rows' | 'first' | 'last'>> {
  const bounds = table.designated ? `, min("${table.designated}") "first", max("${table.designated}") "last"` : '';
  const rows = await sql.query<CatalogueRow>(`SELECT count() "rows"${bounds} FROM "${table.name}"`);
  return { rows: rows[0]?.rows ?? 0, first: rows[0]?.first ?? null, last: rows[0]?.last ?? null };
}

function versionOf(row: CatalogueRow): string {
  return `${row.id}:${row.txn}`;
}
