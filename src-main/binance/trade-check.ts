import type { FindingKind } from '@shared/contract';
import {
  countIds,
  type IdRange,
  idsText,
  pickTrades,
  type Range,
  TRADE_FIELDS,
  type TradeColumns,
} from '@shared/market';
import type { SourceFinding } from './source-finding';

export interface CheckedTrades {
  /** Ascending by id, one trade per id, without the rows that Binance marks as no trades. */
  trades: TradeColumns;
  /** First and last id of the rows, marked ones included; null when there is no row. */
  ids: IdRange | null;
  /** Ids between the first and the last that no row has. */
  missingIds: IdRange[];
  findings: SourceFinding[];
  oddities: TradeOddities;
}

/** What was not as it should be, and did not stop the reading. */
export interface TradeOddities {
  unsorted: boolean;
  /** Exact duplicates that were dropped, and rows that are marked as no trades. */
  duplicates: number;
  marked: number;
  /** Trades that are older than the one with the id before them. */
  stepsBack: number;
}

/** Builds the error for the row at an index of the unsorted columns. */
export type TradeRowError = (row: number, reason: string, kind?: FindingKind) => Error;

/**
 * By so much a trade may be older than the one with the id before it. Ids are given in the order of time; when time goes
 * back further, two series of ids have been mixed.
 */
export const MOST_STEP_BACK_US = 60_000_000;

/**
 * What every source's aggregate trades must fulfil: prices and quantities above zero, ids that fit together, times inside
 * `range` (epoch ms). Unsorted rows are sorted and exact duplicates dropped (both are findings), missing ids are listed; two
 * different trades with one id, or two series of ids, are an error. Rows that Binance marked as no trades when it restored
 * lost ones in April 2022 (price and quantity 0, first and last id -1) are dropped; their ids count as seen.
 */
export function checkTrades(columns: TradeColumns, range: Range | null, rowError: TradeRowError): CheckedTrades {
  const { ascending, marked } = checkRows(columns, range, rowError);
  const order = ascending ? null : sortedOrder(columns, rowError);
  const sorted = order ? pickTrades(columns, order.rows) : columns;
  const rowOf = (index: number) => order?.rows[index] ?? index;
  const stepsBack = refuseTwoStreams(sorted, (index, reason) => rowError(rowOf(index), reason));
  const missingIds = missingIn(sorted);
  const { aggId, rows } = sorted;
  const ids = rows > 0 ? { from: aggId[0]!, to: aggId[rows - 1]! } : null;
  const trades = marked > 0 ? withoutMarked(sorted) : sorted;
  const oddities = {
    unsorted: order?.unsorted ?? false,
    duplicates: order ? columns.rows - rows : 0,
    marked: rows - trades.rows,
    stepsBack,
  };
  return { trades, ids, missingIds, oddities, findings: tradeFindings(oddities, missingIds) };
}

/** The oddities of a page or file in sentences. */
export function tradeFindings(oddities: TradeOddities, missingIds: readonly IdRange[]): SourceFinding[] {
  const { unsorted, duplicates, stepsBack, marked } = oddities;
  const findings: SourceFinding[] = [];
  const add = (kind: FindingKind, sentence: string) => findings.push({ kind, sentence });
  if (unsorted) add('unsorted_rows', 'the rows were not in order of ids; sorted');
  if (duplicates > 0) add('duplicate_rows', `${duplicates} exact duplicate rows dropped`);
  if (stepsBack > 0) add('unsorted_rows', `${stepsBack} trades are older than the trade with the id before them`);
  if (marked > 0) add('marked_rows', `${marked} rows marked as no trades (price and quantity 0, trade id -1) left out`);
  if (missingIds.length > 0)
    add(
      'lost_trades',
      `${countIds(missingIds)} aggregate trade ids are missing in ${missingIds.length} places, ${idsText(missingIds[0]!)} first`,
    );
  return findings;
}

/** Throws at the first bad row; answers whether ids ascend strictly, and how many rows are marked. */
function checkRows(
  columns: TradeColumns,
  range: Range | null,
  rowError: TradeRowError,
): { ascending: boolean; marked: number } {
  const { rows, time, aggId, price, quantity, firstId, lastId } = columns;
  const from = range ? range.from * 1000 : Number.NEGATIVE_INFINITY;
  const to = range ? range.to * 1000 : Number.POSITIVE_INFINITY;
  let previous = Number.NEGATIVE_INFINITY;
  let ascending = true;
  let marked = 0;
  for (let i = 0; i < rows; i++) {
    const t = time[i]!;
    // Written so that NaN fails too.
    if (!(t >= from && t < to && t > 0 && t < Number.POSITIVE_INFINITY)) throw rowError(i, outsideReason(t, range));
    const id = aggId[i]!;
    if (!(id >= 0 && Number.isSafeInteger(id))) throw rowError(i, `the aggregate id, ${id}, must be a whole number`);
    if (id <= previous) ascending = false;
    previous = id;
    if (isMarked(columns, i)) {
      marked++;
      continue;
    }
    const p = price[i]!;
    const q = quantity[i]!;
    if (!(p > 0 && q > 0 && p + q < Number.POSITIVE_INFINITY)) {
      throw rowError(i, `price ${p} and quantity ${q} must be numbers above zero`);
    }
    const first = firstId[i]!;
    const last = lastId[i]!;
    if (!(first >= 0 && last >= first && Number.isSafeInteger(last))) {
      throw rowError(i, `first and last trade id, ${first} and ${last}, contradict each other`);
    }
  }
  return { ascending, marked };
}

function isMarked({ price, quantity, firstId, lastId }: TradeColumns, row: number): boolean {
  return price[row] === 0 && quantity[row] === 0 && firstId[row] === -1 && lastId[row] === -1;
}

function outsideReason(time: number, range: Range | null): string {
  const said = time > 0 && time < 8e18 ? isoOf(time) : `${time} µs`;
  if (range === null) return `its time, ${said}, is no time`;
  return `the trade is of ${said}, outside ${isoOf(range.from * 1000)} to ${isoOf(range.to * 1000)}`;
}

function isoOf(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString();
}

/** Rows in order of ids, exact duplicates left out. */
function sortedOrder(columns: TradeColumns, rowError: TradeRowError): { rows: Uint32Array; unsorted: boolean } {
  const { rows, aggId } = columns;
  const order = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) order[i] = i;
  order.sort((a, b) => aggId[a]! - aggId[b]! || a - b);
  let kept = 0;
  let unsorted = false;
  for (let i = 0; i < rows; i++) {
    const row = order[i]!;
    const last = order[kept - 1];
    if (last !== undefined && aggId[last] === aggId[row]) {
      if (!equalRows(columns, last, row)) {
        throw rowError(
          row,
          `another trade with the same aggregate id ${aggId[row]} has other values`,
          'conflicting_rows',
        );
      }
      continue;
    }
    if (last !== undefined && row < last) unsorted = true;
    order[kept++] = row;
  }
  return { rows: order.subarray(0, kept), unsorted };
}

function equalRows(columns: TradeColumns, a: number, b: number): boolean {
  return TRADE_FIELDS.every((field) => columns[field][a] === columns[field][b]);
}

/** Counts the small steps back in time; throws at a big one. The rows ascend by id. */
function refuseTwoStreams({ rows, time, aggId }: TradeColumns, rowError: TradeRowError): number {
  let steps = 0;
  for (let i = 1; i < rows; i++) {
    const back = time[i - 1]! - time[i]!;
    if (back <= 0) continue;
    if (back > MOST_STEP_BACK_US) {
      const one = { from: aggId[0]!, to: aggId[i - 1]! };
      throw rowError(i, mixedReason(one, { from: aggId[i]!, to: aggId[rows - 1]! }, time[i - 1]!, time[i]!));
    }
    steps++;
  }
  return steps;
}

/** Times in epoch µs: of the last trade of the one series and the first of the other. */
export function mixedReason(one: IdRange, other: IdRange, lastTime: number, firstTime: number): string {
  return `two series of aggregate ids are mixed, ${idsText(one)} and ${idsText(other)}: where the second begins, time goes back from ${isoOf(lastTime)} to ${isoOf(firstTime)}`;
}

function missingIn({ rows, aggId }: TradeColumns): IdRange[] {
  const missing: IdRange[] = [];
  for (let i = 1; i < rows; i++) {
    const next = aggId[i - 1]! + 1;
    if (aggId[i]! > next) missing.push({ from: next, to: aggId[i]! - 1 });
  }
  return missing;
}

function withoutMarked(columns: TradeColumns): TradeColumns {
  const kept = new Uint32Array(columns.rows);
  let rows = 0;
  for (let i = 0; i < columns.rows; i++) if (!isMarked(columns, i)) kept[rows++] = i;
  return pickTrades(columns, kept.subarray(0, rows));
}
