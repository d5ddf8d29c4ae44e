import { type CandleColumns, createCandleColumns, type Interval, type Range } from '@shared/market';
import { badRow, LEAST_MICROSECONDS } from './bad-row';
import { checkCandles } from './candle-check';
import { parseDecimal, survivesDouble } from './decimal';
import { inexactFindings, named, type SourceFinding } from './source-finding';

export interface ParsedKlines {
  /** Ascending; the running candle is still among them. */
  candles: CandleColumns;
  findings: SourceFinding[];
}

const DECIMAL_FIELDS = [
  ['open', 1],
  ['high', 2],
  ['low', 3],
  ['close', 4],
  ['volume', 5],
  ['quoteVolume', 7],
  ['takerBase', 9],
  ['takerQuote', 10],
] as const;
const FIELDS_READ = 11;

/**
 * Rows of a klines answer (12 elements each) as columns, with the same checks as archive rows. `range` is what was asked for:
 * rows outside are refused. `source` names the answer in errors. Throws `exchange.bad_row`.
 */
export function parseKlineRows(
  rows: unknown,
  options: { interval: Interval; range: Range; source: string },
): ParsedKlines {
  const { interval, range, source } = options;
  if (!Array.isArray(rows)) throw badRow(source, null, 'it is no list of candles');
  const columns = createCandleColumns(rows.length);
  columns.rows = rows.length;
  let inexact = 0;
  let example = '';
  rows.forEach((row: unknown, index) => {
    if (!Array.isArray(row) || row.length < FIELDS_READ) {
      throw badRow(source, index, `it is no list of at least ${FIELDS_READ} values`);
    }
    columns.openTime[index] = openTimeOf(row[0], source, index);
    columns.trades[index] = typeof row[8] === 'number' ? row[8] : Number.NaN;
    for (const [field, position] of DECIMAL_FIELDS) {
      const text: unknown = row[position];
      const value = typeof text === 'string' ? parseDecimal(text) : Number.NaN;
      if (Number.isNaN(value)) {
        throw badRow(source, index, `value ${position + 1}, ${JSON.stringify(text)}, is no decimal text`);
      }
      if (!survivesDouble(text as string, value)) {
        inexact++;
        example ||= `${text} is stored as ${value}`;
      }
      columns[field][index] = value;
    }
  });
  const { candles, findings } = checkCandles(columns, {
    interval,
    range,
    rowError: (index, reason) => badRow(source, index, reason),
  });
  return { candles, findings: named(source, [...findings, ...inexactFindings({ count: inexact, example })]) };
}

function openTimeOf(value: unknown, source: string, index: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw badRow(source, index, `its open time, ${JSON.stringify(value)}, is no time`);
  }
  if (value < LEAST_MICROSECONDS) return value;
  if (value % 1000 !== 0) throw badRow(source, index, `the open ${value} µs is no whole millisecond`);
  return value / 1000;
}
