import { intersectRanges, normalizeRanges, type Range, subtractRanges } from './range';

/**
 * Aggregate trades in columns, ascending by `aggId`. Times are epoch microseconds (exact in a double until the year 2255);
 * sources that tell milliseconds only give whole thousands. All columns have `rows` valid values.
 */
export interface TradeColumns {
  rows: number;
  time: Float64Array;
  aggId: Float64Array;
  price: Float64Array;
  quantity: Float64Array;
  /** First and last of the single trades that were joined. */
  firstId: Float64Array;
  lastId: Float64Array;
  /** 1 when the buyer was the maker (the taker sold), else 0. */
  buyerMaker: Uint8Array;
}

/** The columns, in the order in which tables are read. */
export const TRADE_FIELDS = [
  'time',
  'aggId',
  'price',
  'quantity',
  'firstId',
  'lastId',
  'buyerMaker',
] as const satisfies readonly (keyof TradeColumns)[];

export function createTradeColumns(capacity: number): TradeColumns {
  const column = () => new Float64Array(capacity);
  return {
    rows: 0,
    time: column(),
    aggId: column(),
    price: column(),
    quantity: column(),
    firstId: column(),
    lastId: column(),
    buyerMaker: new Uint8Array(capacity),
  };
}

/** Rows `[start, end)` on the same memory. */
export function sliceTrades(trades: TradeColumns, start: number, end: number): TradeColumns {
  return {
    rows: end - start,
    time: trades.time.subarray(start, end),
    aggId: trades.aggId.subarray(start, end),
    price: trades.price.subarray(start, end),
    quantity: trades.quantity.subarray(start, end),
    firstId: trades.firstId.subarray(start, end),
    lastId: trades.lastId.subarray(start, end),
    buyerMaker: trades.buyerMaker.subarray(start, end),
  };
}

/** All rows, in the order given, in memory of their own. */
export function concatTrades(parts: readonly TradeColumns[]): TradeColumns {
  const all = createTradeColumns(parts.reduce((sum, { rows }) => sum + rows, 0));
  for (const part of parts) {
    for (const field of TRADE_FIELDS) all[field].set(part[field].subarray(0, part.rows), all.rows);
    all.rows += part.rows;
  }
  return all;
}

/** The rows at these places, in their order, in memory of their own. */
export function pickTrades(trades: TradeColumns, places: Uint32Array): TradeColumns {
  const picked = createTradeColumns(places.length);
  picked.rows = places.length;
  for (const field of TRADE_FIELDS) {
    const [from, to] = [trades[field], picked[field]];
    for (let i = 0; i < places.length; i++) to[i] = from[places[i]!]!;
  }
  return picked;
}

/** Ids, both ends inclusive. */
export interface IdRange {
  readonly from: number;
  readonly to: number;
}

/** Runs of ids that follow each other, of trades that ascend by id. */
export function idRunsOf({ aggId, rows }: TradeColumns): IdRange[] {
  const runs: { from: number; to: number }[] = [];
  for (let i = 0; i < rows; i++) {
    const id = aggId[i]!;
    const last = runs[runs.length - 1];
    if (last && id === last.to + 1) last.to = id;
    else runs.push({ from: id, to: id });
  }
  return runs;
}

/** Sorted, without overlapping or touching ranges. */
export function normalizeIds(ranges: readonly IdRange[]): IdRange[] {
  return normalizeRanges(ranges.map(({ from, to }) => ({ from, to: to + 1 }))).map(toInclusive);
}

/** Ids that are in `a` and not in `b`. */
export function subtractIds(a: readonly IdRange[], b: readonly IdRange[]): IdRange[] {
  return subtractRanges(a.map(toHalfOpen), b.map(toHalfOpen)).map(toInclusive);
}

export function intersectIds(a: readonly IdRange[], b: readonly IdRange[]): IdRange[] {
  return intersectRanges(a.map(toHalfOpen), b.map(toHalfOpen)).map(toInclusive);
}

export function countIds(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** `12 to 15`, `12`. */
export function idsText({ from, to }: IdRange): string {
  return from === to ? `${from}` : `${from} to ${to}`;
}

function toHalfOpen({ from, to }: IdRange): Range {
  return { from, to: to + 1 };
}

function toInclusive({ from, to }: Range): IdRange {
  return { from, to: to - 1 };
}
