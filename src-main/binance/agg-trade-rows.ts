import { createTradeColumns, type Range } from '@shared/market';
import { badRow, LEAST_MICROSECONDS } from './bad-row';
import { parseDecimal, survivesDouble } from './decimal';
import { inexactFindings, named } from './source-finding';
import { type CheckedTrades, checkTrades } from './trade-check';

const WHOLE_FIELDS = [
  ['aggId', 'a'],
  ['firstId', 'f'],
  ['lastId', 'l'],
] as const;
const DECIMAL_FIELDS = [
  ['price', 'p'],
  ['quantity', 'q'],
] as const;

/**
 * Rows of an aggTrades answer as columns, with the same checks as archive rows. `range` (epoch ms) is what was asked for by
 * time, `fromId` what was asked for by id: rows outside are refused. `source` names the answer in errors. Throws
 * `exchange.bad_row`.
 */
export function parseAggTradeRows(
  rows: unknown,
  options: { range: Range | null; fromId: number | null; source: string },
): CheckedTrades {
  const { range, fromId, source } = options;
  if (!Array.isArray(rows)) throw badRow(source, null, 'it is no list of trades');
  const columns = createTradeColumns(rows.length);
  columns.rows = rows.length;
  let inexact = 0;
  let example = '';
  rows.forEach((row: unknown, index) => {
    if (typeof row !== 'object' || row === null) throw badRow(source, index, 'it is no trade');
    const fields = row as Record<string, unknown>;
    for (const [column, name] of WHOLE_FIELDS) {
      const value = fields[name];
      if (!Number.isSafeInteger(value)) {
        throw badRow(source, index, `value ${name}, ${JSON.stringify(value)}, is no whole number`);
      }
      columns[column][index] = value as number;
    }
    for (const [column, name] of DECIMAL_FIELDS) {
      const text = fields[name];
      const value = typeof text === 'string' ? parseDecimal(text) : Number.NaN;
      if (Number.isNaN(value))
        throw badRow(source, index, `value ${name}, ${JSON.stringify(text)}, is no decimal text`);
      if (!survivesDouble(text as string, value)) {
        inexact++;
        example ||= `${text} is stored as ${value}`;
      }
      columns[column][index] = value;
    }
    columns.time[index] = microsecondsOf(fields.T, source, index);
    if (typeof fields.m !== 'boolean') throw badRow(source, index, 'value m is neither true nor false');
    columns.buyerMaker[index] = fields.m ? 1 : 0;
    if (fromId !== null && columns.aggId[index]! < fromId) {
      throw badRow(source, index, `trade ${columns.aggId[index]} is before the first that was asked for`);
    }
  });
  const checked = checkTrades(columns, range, (index, reason) => badRow(source, index, reason));
  const findings = named(source, [...checked.findings, ...inexactFindings({ count: inexact, example })]);
  return { ...checked, findings };
}

function microsecondsOf(value: unknown, source: string, index: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw badRow(source, index, `its time, ${JSON.stringify(value)}, is no time`);
  }
  return value < LEAST_MICROSECONDS ? value * 1000 : value;
}
