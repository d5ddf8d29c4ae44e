import { AppError } from '@shared/contract';
import type { SqlClient } from './sql-client';

/**
 * Drops the table if a kill has cut its making off: then it stands in the catalogue and can be read, but takes no row and cannot
 * be altered (`questdb.torn_table`). Resolves to whether it did. One that holds rows is left alone.
 */
export async function dropTorn(sql: Pick<SqlClient, 'query'>, table: string): Promise<boolean> {
  const doing = `the table ${table} is looked at`;
  // Measured: the list of its transactions needs what a torn table lacks.
  const look = () => sql.query(`SELECT 1 FROM wal_transactions('${table}') LIMIT 1`, [], doing);
  if (!(await isRefusedAsTorn(look))) return false;
  const [counted] = await sql.query<{ rows: number }>(`SELECT count() AS rows FROM "${table}"`, [], doing);
  if (!counted || Number(counted.rows) > 0) return false;
  // Another program of the workspace may just have made it anew.
  if (!(await isRefusedAsTorn(look))) return false;
  // The server drops it and then fails over what made it torn.
  await isRefusedAsTorn(() => sql.query(`DROP TABLE "${table}"`, [], `the torn table ${table} is dropped`));
  return true;
}

/** False also where the table is gone meanwhile. */
async function isRefusedAsTorn(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'questdb.torn_table') return true;
    if (error.code === 'questdb.no_table') return false;
    throw error;
  }
}
