import { type CandleSeries, DAY_MS, HOUR_MS, type Range, type Series } from '@shared/market';
import { candleTableOf, ownRows } from './candle-table';
import { candleTableStatement } from './ensure-candle-table';
import { timestampText } from './sql-client';
import { shapeOf } from './table-shape';
import { ownTrades, tradeTableOf, tradeTableStatement } from './trade-table';

/** Node id of a series: what the `node_id` column of its table holds. */
export function seriesNodeId(series: Series): string {
  return isCandles(series) ? candleTableOf(series).nodeId : tradeTableOf(series).nodeId;
}

function isCandles(series: Series): series is CandleSeries {
  return series.kind === 'kline' && series.interval !== null;
}

/** The table of a series, for what treats candles and trades alike. */
export interface SeriesTable {
  table: string;
  /** SQL condition for the series' own rows: others may be in the table too. */
  own: string;
  /** All columns, in the order of the statement, as SQL lists them. */
  columns: string;
  /** Statement that makes an empty table of the same shape under another name. */
  statement: (name: string) => string;
}

export function seriesTableOf(series: Series): SeriesTable {
  if (isCandles(series)) {
    const target = candleTableOf(series);
    const statement = (table: string) => candleTableStatement({ ...target, table });
    return { table: target.table, own: ownRows(target), columns: columnsOf(statement('any')), statement };
  }
  const target = tradeTableOf(series);
  return {
    table: target.table,
    own: ownTrades(target),
    columns: columnsOf(tradeTableStatement('any')),
    statement: tradeTableStatement,
  };
}

function columnsOf(statement: string): string {
  return [...shapeOf(statement).columns.keys()].join(', ');
}

/** Ranges that one statement names at most: the server compiles a condition of a hundred comparisons well. */
const RANGES_PER_CONDITION = 50;

/** SQL conditions that together hold for exactly the rows with a time in the normal list of ranges. */
export function rangeConditions(ranges: readonly Range[]): string[] {
  const conditions: string[] = [];
  for (let start = 0; start < ranges.length; start += RANGES_PER_CONDITION) {
    const part = ranges.slice(start, start + RANGES_PER_CONDITION);
    const hull = condition({ from: part[0]!.from, to: part[part.length - 1]!.to });
    conditions.push(
      part.length === 1 ? hull : `${hull} AND (${part.map((range) => `(${condition(range)})`).join(' OR ')})`,
    );
  }
  return conditions;
}

function condition({ from, to }: Range): string {
  return `timestamp >= '${timestampText(from)}' AND timestamp < '${timestampText(to)}'`;
}

/** A partition as `ALTER TABLE … DROP PARTITION LIST` names it. */
export interface Partition extends Range {
  name: string;
}

/** The partition that holds a moment; null for a table of another partitioning than those that Tapemend makes (and by hour). */
export function partitionAt(unit: string, t: number): Partition | null {
  const iso = new Date(t).toISOString();
  const date = new Date(t);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'YEAR':
      return { name: iso.slice(0, 4), from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0) };
    case 'MONTH':
      return { name: iso.slice(0, 7), from: Date.UTC(year, month), to: Date.UTC(year, month + 1) };
    case 'DAY':
      return { name: iso.slice(0, 10), ...stepAt(t, DAY_MS) };
    case 'HOUR':
      return { name: iso.slice(0, 13), ...stepAt(t, HOUR_MS) };
    default:
      return null;
  }
}

function stepAt(t: number, step: number): Range {
  const from = Math.floor(t / step) * step;
  return { from, to: from + step };
}
