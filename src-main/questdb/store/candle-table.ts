import { AppError } from '@shared/contract';
import { type CandleSeries, intervalSeconds, tableName } from '@shared/market';
import { streamNodeId } from '../../dag';

/** One stream's rows of a table. */
export interface CandleTable {
  /** Table name: letters, digits and `_`. */
  table: string;
  /** What the rows carry in `node_id` and `interval`. */
  nodeId: string;
  intervalSeconds: number;
}

/** Where a series is stored. */
export function candleTableOf(series: CandleSeries): CandleTable {
  return {
    table: tableName(series),
    nodeId: streamNodeId(series),
    intervalSeconds: intervalSeconds(series.interval),
  };
}

/** SQL condition for the stream's own rows: a table may also hold others' (QMTL writes what it likes). */
export function ownRows({ nodeId, intervalSeconds: seconds }: CandleTable): string {
  return `node_id = ${sqlText(nodeId)} AND interval = ${Number(seconds)}`;
}

export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The name, if it can stand in SQL and in lines without any escaping; else `questdb.bad_target`. */
export function checkTableName(name: string): string {
  if (/^[A-Za-z0-9_]{1,100}$/.test(name)) return name;
  throw new AppError(
    'questdb.bad_target',
    `"${name}" cannot be a table of Tapemend: use 1 to 100 letters, digits and _.`,
  );
}
