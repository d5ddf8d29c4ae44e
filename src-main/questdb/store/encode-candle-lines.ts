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

/** What a candle of another program may lack; the table then holds NULL. */
const OPTIONAL = [
  'quoteVolume',
  'trades',
  'takerBase',
  'takerQuote',
] as const satisfies readonly (keyof CandleColumns)[];
type OptionalField = (typeof OPTIONAL)[number];
const NOTHING_LACKS: readonly OptionalField[] = [];

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
  return encodeLines(candles, start, end, { target, lacking: NOTHING_LACKS, memory });
}

/**
 * Like `encodeCandleLines`, for candles that other programs stored: quote volume, trades and taker volumes may be NaN, which leaves the
 * column out, so that the table holds NULL. The lines come in parts, one for each run of rows that lack the same.
 */
export function encodePartialCandleLines(
  candles: CandleColumns,
  start: number,
  end: number,
  target: CandleTable,
): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let from = start; from < end; ) {
    const lacking = OPTIONAL.filter((field) => Number.isNaN(candles[field][from]));
    const isSame = (row: number) =>
      OPTIONAL.every((field) => Number.isNaN(candles[field][row]) === lacking.includes(field));
    let to = from + 1;
    while (to < end && isSame(to)) to++;
    parts.push(encodeLines(candles, from, to, { target, lacking, memory: freshMemory }));
    from = to;
  }
  return parts;
}

interface Encoding {
  target: CandleTable;
  lacking: readonly OptionalField[];
  memory: (bytes: number) => ArrayBufferLike;
}

function encodeLines(
  candles: CandleColumns,
  start: number,
  end: number,
  { target, lacking, memory }: Encoding,
): Uint8Array {
  const rows = Math.max(0, end - start);
  const layout = layOut(target, lacking);
  const bytes = new Uint8Array(memory(rows * layout.stride), 0, rows * layout.stride);
  const view = new DataView(bytes.buffer);
  let good = true;
  for (let from = start, at = 0; from < end; from += BLOCK_ROWS, at += BLOCK_ROWS * layout.stride) {
    const to = Math.min(from + BLOCK_ROWS, end);
    fillWithTemplate(bytes, at, (to - from) * layout.stride, layout.template);
    for (const { field, offset } of layout.doubles)
      good = writeDoubles(view, at + offset, candles[field], from, to, layout.stride) && good;
    good = writeIntegers(view, at, candles, from, to, layout) && good;
  }
  if (!good) refuseFirstBad(candles, start, end, target, lacking);
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
    whole = whole && isWhole(time, MAX_TIME);
    const seconds = Math.floor(time / 1000);
    writeTenDigits(view, row + secondsAt, seconds);
    if (tradesAt !== null) {
      const count = trades[i]!;
      whole = whole && isWhole(count, MAX_TRADES);
      writeTenDigits(view, row + tradesAt, count);
    }
    writeTenDigits(view, row + timeAt, seconds);
    writeThreeDigits(view, row + timeAt + 10, time - seconds * 1000);
  }
  return whole;
}

interface Layout {
  template: Uint8Array;
  stride: number;
  secondsAt: number;
  /** Null where the lines have no trades. */
  tradesAt: number | null;
  timeAt: number;
  doubles: { field: (typeof DOUBLES)[number][0]; offset: number }[];
}

function layOut(target: CandleTable, lacking: readonly OptionalField[]): Layout {
  let text = `${target.table},node_id=${target.nodeId} interval=${target.intervalSeconds}i,ts=`;
  const secondsAt = text.length;
  text += `${'0'.repeat(10)}i`;
  const lacks = (field: keyof CandleColumns) => lacking.some((each) => each === field);
  const doubles: Layout['doubles'] = [];
  for (const [field, column] of DOUBLES) {
    if (lacks(field)) continue;
    text += `,${column}=${BINARY_DOUBLE}`;
    doubles.push({ field, offset: text.length });
    text += '\0'.repeat(8);
  }
  let tradesAt: number | null = null;
  if (!lacks('trades')) {
    text += ',trades=';
    tradesAt = text.length;
    text += `${'0'.repeat(10)}i`;
  }
  text += ' ';
  const timeAt = text.length;
  text += `${'0'.repeat(13)}\n`;
  const template = new TextEncoder().encode(text);
  requireTarget(target.table, target.nodeId);
  return { template, stride: template.length, secondsAt, tradesAt, timeAt, doubles };
}

function refuseFirstBad(
  candles: CandleColumns,
  start: number,
  end: number,
  target: CandleTable,
  lacking: readonly OptionalField[],
): never {
  const has = (field: keyof CandleColumns) => !lacking.some((each) => each === field);
  for (let i = start; i < end; i++) {
    const time = candles.openTime[i]!;
    const count = has('trades') ? candles.trades[i]! : 0;
    const bad = !Number.isInteger(time) || time < 0 || time > MAX_TIME ? 'open time' : undefined;
    const field =
      bad ??
      (!Number.isInteger(count) || count < 0 || count > MAX_TRADES ? 'trades' : undefined) ??
      DOUBLES.find(([name]) => has(name) && !Number.isFinite(candles[name][i]))?.[0];
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
