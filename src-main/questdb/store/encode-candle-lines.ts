import { AppError } from '@shared/contract';
import { type CandleColumns, formatTime } from '@shared/market';
import type { CandleTable } from './candle-table';
import {
  BINARY_DOUBLE,
  BLOCK_ROWS,
  fillWithTemplate,
  freshMemory,
  isWhole,
  requireTarget,
  writeDoubles,
  writeTenDigits,
  writeThreeDigits,
} from './line-template';

/** The doubles of a line, in the order in which they stand in it. */
const DOUBLES = [
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['volume', 'volume'],
  ['quoteVolume', 'quote_volume'],
  ['takerBase', 'taker_base'],
  ['takerQuote', 'taker_quote'],
] as const satisfies readonly (readonly [keyof CandleColumns, string])[];

const MAX_TRADES = 9_999_999_999;
const MAX_TIME = 9_999_999_999_999;

/**
 * Encodes the candles `[start, end)` as whole lines of QuestDB's line protocol (HTTP, `precision=ms`, binary doubles, so that
 * values arrive bit for bit). All lines have one length: a template row is copied and its numbers are written over it; counts
 * are zero-padded, which the server reads as plain integers. Pure; made for worker threads.
 *
 * Throws `questdb.bad_candle` for a time outside 1970…2286, a trade count that is no integer of ten digits, or a value that is
 * not finite (the server would store NULL).
 *
 * The lines lie in what `memory` gives for their number of bytes (or for more): fresh memory by default.
 */
export function encodeCandleLines(
  candles: CandleColumns,
  start: number,
  end: number,
  target: CandleTable,
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
    for (let i = 0; i < DOUBLES.length; i++)
      good = writeDoubles(view, at + layout.doublesAt[i]!, candles[DOUBLES[i]![0]], from, to, layout.stride) && good;
    good = writeIntegers(view, at, candles, from, to, layout) && good;
  }
  if (!good) refuseFirstBad(candles, start, end, target);
  return bytes;
}

/** False when a time or a count is out of bounds or no integer. */
function writeIntegers(
  view: DataView,
  at: number,
  candles: CandleColumns,
  from: number,
  to: number,
  layout: Layout,
): boolean {
  const { openTime, trades } = candles;
  const { secondsAt, tradesAt, timeAt, stride } = layout;
  let whole = true;
  for (let i = from, row = at; i < to; i++, row += stride) {
    const time = openTime[i]!;
    const count = trades[i]!;
    whole = whole && isWhole(time, MAX_TIME) && isWhole(count, MAX_TRADES);
    const seconds = Math.floor(time / 1000);
    writeTenDigits(view, row + secondsAt, seconds);
    writeTenDigits(view, row + tradesAt, count);
    writeTenDigits(view, row + timeAt, seconds);
    writeThreeDigits(view, row + timeAt + 10, time - seconds * 1000);
  }
  return whole;
}

interface Layout {
  template: Uint8Array;
  stride: number;
  secondsAt: number;
  tradesAt: number;
  timeAt: number;
  doublesAt: number[];
}

function layOut(target: CandleTable): Layout {
  let text = `${target.table},node_id=${target.nodeId} interval=${target.intervalSeconds}i,ts=`;
  const secondsAt = text.length;
  text += `${'0'.repeat(10)}i`;
  const doublesAt: number[] = [];
  for (const [, column] of DOUBLES) {
    text += `,${column}=${BINARY_DOUBLE}`;
    doublesAt.push(text.length);
    text += '\0'.repeat(8);
  }
  text += ',trades=';
  const tradesAt = text.length;
  text += `${'0'.repeat(10)}i `;
  const timeAt = text.length;
  text += `${'0'.repeat(13)}\n`;
  const template = new TextEncoder().encode(text);
  requireTarget(target.table, target.nodeId);
  return { template, stride: template.length, secondsAt, tradesAt, timeAt, doublesAt };
}

function refuseFirstBad(candles: CandleColumns, start: number, end: number, target: CandleTable): never {
  for (let i = start; i < end; i++) {
    const time = candles.openTime[i]!;
    const count = candles.trades[i]!;
    const bad = !Number.isInteger(time) || time < 0 || time > MAX_TIME ? 'open time' : undefined;
    const field =
      bad ??
      (!Number.isInteger(count) || count < 0 || count > MAX_TRADES ? 'trades' : undefined) ??
      DOUBLES.find(([name]) => !Number.isFinite(candles[name][i]))?.[0];
    if (!field) continue;
    const value = field === 'open time' ? time : candles[field as 'open'][i];
    const when = Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? formatTime(time) : `row ${i}`;
    throw new AppError(
      'questdb.bad_candle',
      `The candle of ${target.table} at ${when} cannot be stored: its ${field} is ${value}. Its source has to be checked.`,
      { row: i, field, value },
    );
  }
  throw new Error('a row was refused and none is bad');
}
