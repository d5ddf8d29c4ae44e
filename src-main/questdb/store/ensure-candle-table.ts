import { type CandleTable, checkTableName } from './candle-table';
import type { SqlClient } from './sql-client';
import { STATEMENTS } from './statements';
import { ensureTable, readColumns, shapeOf, shapeProblem } from './table-shape';

const EXAMPLE_TABLE = 'binance_spot_btcusdt_1m';

/** The one statement that creates a candle table. */
export function candleTableStatement({ table, intervalSeconds }: Omit<CandleTable, 'nodeId'>): string {
  const partition = intervalSeconds < 60 ? 'MONTH' : 'YEAR';
  return STATEMENTS['001_candles.sql']
    .replace(`"${EXAMPLE_TABLE}"`, `"${checkTableName(table)}"`)
    .replace('PARTITION BY YEAR', `PARTITION BY ${partition}`);
}

/** Creates the table if it is absent; `questdb.schema` when there is one of another shape. */
export function ensureCandleTable(sql: SqlClient, table: Omit<CandleTable, 'nodeId'>): Promise<void> {
  return ensureTable(sql, table.table, candleTableStatement(table), 'candle');
}

/** Whether a table has exactly the candle columns and keys; null when there is none. */
export async function isCandleTable(sql: SqlClient, name: string): Promise<boolean | null> {
  const columns = await readColumns(sql, name, `the table ${name} is looked at`);
  return columns && shapeProblem(columns, shapeOf(STATEMENTS['001_candles.sql'])) === null;
}
