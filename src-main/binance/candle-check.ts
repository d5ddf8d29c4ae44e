import type { FindingKind } from '@shared/contract';
import {
  CANDLE_FIELDS,
  type CandleColumns,
  createCandleColumns,
  gridOf,
  type Interval,
  intervalMs,
  type Range,
  threeDayPhaseOf,
} from '@shared/market';
import type { SourceFinding } from './source-finding';

export interface CheckedCandles {
  /** Ascending, one candle per open. */
  candles: CandleColumns;
  findings: SourceFinding[];
}

/** Builds the error for the row at an index of the unsorted columns; `kind` where it is not just a bad row. */
export type RowError = (row: number, reason: string, kind?: FindingKind) => Error;

/**
 * What every source's candles must fulfil before anybody sees them: finite, OHLC-consistent, volumes and trade counts not
 * negative, opens inside `range`. Unsorted rows are sorted and exact duplicates dropped (both are findings); two different
 * candles with one open are an error. Off-grid opens are kept and counted.
 */
export function checkCandles(
  columns: CandleColumns,
  options: { interval: Interval; range: Range; rowError: RowError },
): CheckedCandles {
  const findings: SourceFinding[] = [];
  const ascending = checkRows(columns, options.range, options.rowError);
  const candles = ascending ? columns : sortAndDrop(columns, options.rowError, findings);
  const offGrid = offGridRows(candles, options.interval);
  if (offGrid.count > 0) {
    findings.push({
      kind: 'off_grid_rows',
      sentence: `${offGrid.count} candles open off the ${options.interval} grid, the first at ${new Date(offGrid.first).toISOString()}; kept as they are`,
    });
  }
  return { candles, findings };
}

/** Throws at the first bad row; answers whether the opens ascend strictly. */
function checkRows(columns: CandleColumns, range: Range, rowError: RowError): boolean {
  const { rows, openTime, open, high, low, close, volume, quoteVolume, trades, takerBase, takerQuote } = columns;
  let previous = Number.NEGATIVE_INFINITY;
  let ascending = true;
  for (let i = 0; i < rows; i++) {
    const time = openTime[i]!;
    // Written so that NaN and Infinity fail too.
    if (!(time >= range.from && time < range.to)) throw rowError(i, outsideReason(time, range));
    const h = high[i]!;
    const l = low[i]!;
    const o = open[i]!;
    const c = close[i]!;
    if (!(l >= 0 && l <= o && l <= c && o <= h && c <= h && h < Number.POSITIVE_INFINITY)) {
      throw rowError(i, `open ${o}, high ${h}, low ${l}, close ${c} contradict each other`);
    }
    // A sum of numbers of which none is negative is finite only when all are.
    const v = volume[i]!;
    const q = quoteVolume[i]!;
    const tb = takerBase[i]!;
    const tq = takerQuote[i]!;
    if (!(v >= 0 && q >= 0 && tb >= 0 && tq >= 0 && v + q + tb + tq < Number.POSITIVE_INFINITY)) {
      throw rowError(i, `volumes ${v}, ${q}, ${tb}, ${tq} must be numbers that are not negative`);
    }
    const n = trades[i]!;
    if (!(n >= 0 && Number.isSafeInteger(n))) throw rowError(i, `the number of trades, ${n}, must be a whole number`);
    if (time <= previous) ascending = false;
    previous = time;
  }
  return ascending;
}

function outsideReason(time: number, range: Range): string {
  const said = Number.isFinite(time) ? new Date(time).toISOString() : String(time);
  return `the candle opens at ${said}, outside ${new Date(range.from).toISOString()} to ${new Date(range.to).toISOString()}`;
}

function sortAndDrop(columns: CandleColumns, rowError: RowError, findings: SourceFinding[]): CandleColumns {
  const { rows, openTime } = columns;
  const order = Array.from({ length: rows }, (_, i) => i).sort((a, b) => openTime[a]! - openTime[b]! || a - b);
  const kept: number[] = [];
  for (const row of order) {
    const last = kept[kept.length - 1];
    if (last === undefined || openTime[last] !== openTime[row]) kept.push(row);
    else if (CANDLE_FIELDS.some((field) => columns[field][last] !== columns[field][row])) {
      throw rowError(Math.max(last, row), 'a second candle with the same open has other values', 'conflicting_rows');
    }
  }
  if (kept.some((row, i) => i > 0 && row < kept[i - 1]!))
    findings.push({ kind: 'unsorted_rows', sentence: 'the rows were not in order of time; sorted' });
  if (kept.length < rows)
    findings.push({ kind: 'duplicate_rows', sentence: `${rows - kept.length} exact duplicate rows dropped` });
  const sorted = createCandleColumns(kept.length);
  sorted.rows = kept.length;
  for (const field of CANDLE_FIELDS) {
    const from = columns[field];
    const to = sorted[field];
    for (let i = 0; i < kept.length; i++) to[i] = from[kept[i]!]!;
  }
  return sorted;
}

function offGridRows(candles: CandleColumns, interval: Interval): { count: number; first: number } {
  const { rows, openTime } = candles;
  if (rows === 0) return { count: 0, first: Number.NaN };
  const grid = interval === '3d' ? gridOf('3d', threeDayPhaseOf(openTime[0]!)) : gridOf(interval);
  const step = intervalMs(interval);
  let expected = Number.NaN;
  let count = 0;
  let first = Number.NaN;
  for (let i = 0; i < rows; i++) {
    const time = openTime[i]!;
    // One step behind an aligned open is aligned too, except for months.
    if (time !== expected && grid.openAt(grid.indexOf(time)) !== time) {
      if (count === 0) first = time;
      count++;
      expected = Number.NaN;
      continue;
    }
    expected = interval === '1M' ? Number.NaN : time + step;
  }
  return { count, first };
}
