import { AppError } from '@shared/contract';
import type { SqlClient } from './sql-client';

/**
 * Resolves when everything acknowledged can be read. A suspended table (after a full disk) is resumed once;
 * `questdb.suspended` when it is suspended again.
 */
export async function settleTable(
  sql: SqlClient,
  table: string,
  logger?: { warn(fields: object, message: string): void },
): Promise<void> {
  const wait = () => sql.query(`SELECT wait_wal_table('${table}')`, [], `written rows of ${table} are waited for`);
  try {
    await wait();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'questdb.suspended') throw error;
    logger?.warn({ table }, 'table is suspended, resuming it');
    await sql.query(`ALTER TABLE "${table}" RESUME WAL`, [], `the suspended table ${table} is resumed`);
    await wait().catch(async (again: unknown) => {
      const [state] = await sql.query<{ errorMessage: string }>(
        'SELECT errorMessage FROM wal_tables() WHERE name = $1',
        [table],
      );
      throw again instanceof AppError && again.code === 'questdb.suspended'
        ? new AppError(
            'questdb.suspended',
            `QuestDB cannot apply written rows to ${table}: ${state?.errorMessage || 'no reason given'}. They are kept. Free disk space or restart QuestDB, then repeat.`,
            { table },
            { cause: again },
          )
        : again;
    });
  }
}
