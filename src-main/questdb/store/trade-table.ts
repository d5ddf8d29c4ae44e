import { AppError } from '@shared/contract';
import { type Series, seriesKey, tableName } from '@shared/market';
import { canonicalHash, codeHash, nodeIdV1 } from '../../dag';
import { checkTableName, sqlText } from './candle-table';
import { STATEMENTS } from './statements';

/** One symbol's aggregate trades of a table. */
export interface TradeTable {
  /** Table name: letters, digits and `_`. */
  table: string;
  /** What the rows carry in `node_id`. */
  nodeId: string;
}

const EXAMPLE_TABLE = 'binance_spot_btcusdt_aggtrade';

/** Where the aggregate trades of a series are stored; `usage.not_trades` for a series of another kind. */
export function tradeTableOf(series: Series): TradeTable {
  if (series.kind !== 'aggTrade')
    throw new AppError(
      'usage.not_trades',
      `${seriesKey(series)} is no series of aggregate trades; their keys end in aggTrade.`,
    );
  return { table: tableName(series), nodeId: tradeNodeId(series) };
}

/** Node id of the stream of aggregate trades, by the same rule as that of candles. */
function tradeNodeId({ exchange, market, symbol, kind }: Series): string {
  return nodeIdV1({
    nodeType: 'StreamInput',
    codeHash: codeHash(null),
    configHash: canonicalHash({ exchange, market, symbol, kind }),
    schemaHash: canonicalHash({}),
  });
}

/** The one statement that creates a table of aggregate trades. */
export function tradeTableStatement(table: string): string {
  return STATEMENTS['002_aggtrade.sql'].replace(`"${EXAMPLE_TABLE}"`, `"${checkTableName(table)}"`);
}

/** SQL condition for the stream's own rows. */
export function ownTrades({ nodeId }: Pick<TradeTable, 'nodeId'>): string {
  return `node_id = ${sqlText(nodeId)}`;
}
