import { type SqlClient, type SqlValue, timestampText } from './sql-client';

export const SERIES_TABLE = 'tapemend_series';
const ROWS_PER_INSERT = 1_000;

/** Follows the series, or no longer; resolves when `readTrackedSeries` shows it. */
export async function trackSeries(
  sql: SqlClient,
  keys: readonly string[],
  active: boolean,
  now: () => number,
): Promise<void> {
  if (keys.length === 0) return;
  const doing = 'the list of series is written';
  const newest = await sql.query<{ at: number | null }>(`SELECT max(timestamp) at FROM ${SERIES_TABLE}`, [], doing);
  // The newest row decides, also after this machine's clock was set back.
  const at = timestampText(Math.max(now(), Math.floor(newest[0]?.at ?? 0) + 1));
  for (let start = 0; start < keys.length; start += ROWS_PER_INSERT) {
    const values: SqlValue[] = [at, active];
    const rows = keys.slice(start, start + ROWS_PER_INSERT).map((key) => `($1, $${values.push(key)}, $2)`);
    await sql.query(`INSERT INTO ${SERIES_TABLE} (timestamp, series, active) VALUES ${rows.join(', ')}`, values, doing);
  }
  await sql.query(`SELECT wait_wal_table('${SERIES_TABLE}')`, [], doing);
}

/** Keys of the followed series, sorted. */
export async function readTrackedSeries(sql: SqlClient): Promise<string[]> {
  const rows = await sql.query<{ series: string }>(
    `SELECT series FROM (SELECT * FROM ${SERIES_TABLE} LATEST ON timestamp PARTITION BY series) WHERE active`,
    [],
    'the list of series is read',
  );
  return rows.map((row) => row.series).sort();
}
