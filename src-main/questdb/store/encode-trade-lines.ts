import { AppError } from '@shared/contract';
import type { TradeColumns } from '@shared/market';
import {
  BINARY_DOUBLE,
  BLOCK_ROWS,
  fillWithTemplate,
  freshMemory,
  isWhole,
  requireTarget,
  writeDoubles,
  writeSixteenDigits,
} from './line-template';
import type { TradeTable } from './trade-table';

/** Microseconds of the year 2255 and the largest id: what a double holds exactly. */
const MOST = Number.MAX_SAFE_INTEGER;
const DIGITS = '0'.repeat(16);

/** The integers of a line in the order in which they stand in it; the time stands at its end. */
const INTEGERS = [
  ['aggId', 'agg_id'],
  ['firstId', 'first_trade_id'],
  ['lastId', 'last_trade_id'],
] as const satisfies readonly (readonly [keyof TradeColumns, string])[];
const DOUBLES = ['price', 'quantity'] as const satisfies readonly (keyof TradeColumns)[];

/**
 * Encodes the trades `[start, end)` as whole lines of QuestDB's line protocol (HTTP, `precision=us`: a writer opened with that
 * precision; binary doubles, so that values arrive bit for bit). All lines have one length: a template row is copied and its
 * numbers are written over it. Pure; made for worker threads.
 *
 * Throws `questdb.bad_trade` for a time or an id that is negative or no exact integer, for a price or quantity that is not finite
 * (the server would store NULL), and for a maker flag that is neither 0 nor 1.
 *
 * The lines lie in what `memory` gives for their number of bytes (or for more): fresh memory by default.
 */
export function encodeTradeLines(
  trades: TradeColumns,
  start: number,
  end: number,
  target: TradeTable,
  memory: (bytes: number) => ArrayBufferLike = freshMemory,
): Uint8Array {
  const rows = Math.max(0, end - start);
  const layout = layOut(target);
  const bytes = new Uint8Array(memory(rows * layout.stride), 0, rows * layout.stride);
  const view = new DataView(bytes.buffer);
  let good = true;
  for (let from = start, at = 0; from < end; from += BLOCK_ROWS, at += BLOCK_ROWS * layout.stride) {
    const to = Math.min(from + BLOCK_ROWS, end);
    fillWithTemplate(bytes, at, (to - from) * layout.stride, layout.template);
    for (let i = 0; i < INTEGERS.length; i++)
      good = writeIntegers(view, at + layout.integersAt[i]!, trades[INTEGERS[i]![0]], from, to, layout.stride) && good;
    for (let i = 0; i < DOUBLES.length; i++)
      good = writeDoubles(view, at + layout.doublesAt[i]!, trades[DOUBLES[i]!], from, to, layout.stride) && good;
    good = writeIntegers(view, at + layout.timeAt, trades.time, from, to, layout.stride) && good;
    good = writeFlags(view, at + layout.flagAt, trades.buyerMaker, from, to, layout.stride) && good;
  }
  if (!good) refuseFirstBad(trades, start, end, target);
  return bytes;
}

function writeIntegers(
  view: DataView,
  at: number,
  column: Float64Array,
  from: number,
  to: number,
  stride: number,
): boolean {
  let whole = true;
  for (let i = from, position = at; i < to; i++, position += stride) {
    const value = column[i]!;
    whole = whole && isWhole(value, MOST);
    writeSixteenDigits(view, position, value);
  }
  return whole;
}

const FALSE = 'f'.charCodeAt(0);
const TRUE = 't'.charCodeAt(0);

function writeFlags(view: DataView, at: number, column: Uint8Array, from: number, to: number, stride: number): boolean {
  let most = 0;
  for (let i = from, position = at; i < to; i++, position += stride) {
    const value = column[i]!;
    most |= value;
    view.setUint8(position, value === 0 ? FALSE : TRUE);
  }
  return most <= 1;
}

interface Layout {
  template: Uint8Array;
  stride: number;
  integersAt: number[];
  doublesAt: number[];
  flagAt: number;
  timeAt: number;
}

function layOut({ table, nodeId }: TradeTable): Layout {
  let text = `${table},node_id=${nodeId} `;
  const integersAt = INTEGERS.map(([, column]) => {
    text += `${column}=`;
    const at = text.length;
    text += `${DIGITS}i,`;
    return at;
  });
  const doublesAt = DOUBLES.map((column) => {
    text += `${column}=${BINARY_DOUBLE}`;
    const at = text.length;
    text += `${'\0'.repeat(8)},`;
    return at;
  });
  text += 'buyer_maker=';
  const flagAt = text.length;
  text += 'f ';
  const timeAt = text.length;
  text += `${DIGITS}\n`;
  requireTarget(table, nodeId);
  const template = new TextEncoder().encode(text);
  return { template, stride: template.length, integersAt, doublesAt, flagAt, timeAt };
}

function refuseFirstBad(trades: TradeColumns, start: number, end: number, target: TradeTable): never {
  for (let i = start; i < end; i++) {
    const field =
      (['time', 'aggId', 'firstId', 'lastId'] as const).find((name) => !isWhole(trades[name][i]!, MOST)) ??
      DOUBLES.find((name) => !Number.isFinite(trades[name][i])) ??
      (trades.buyerMaker[i]! > 1 ? 'buyerMaker' : undefined);
    if (!field) continue;
    throw new AppError(
      'questdb.bad_trade',
      `The trade ${trades.aggId[i]} of ${target.table} cannot be stored: its ${field} is ${trades[field][i]}. Its source has to be checked.`,
      { row: i, field, value: trades[field][i] },
    );
  }
  throw new Error('a row was refused and none is bad');
}
