import { createTradeColumns, type TradeColumns } from '@shared/market';
import {
  ALWAYS_EXACT,
  COMMA,
  endOfField,
  type InexactDecimals,
  type LineError,
  latin1,
  MINUS,
  MS_DIGITS,
  microsecondsAt,
  millisecondsAt,
  NEWLINE,
  newlineEnded,
  POINT,
  RETURN,
  startsWithHeader,
  US_DIGITS,
} from './csv-bytes';
import { parseDecimal, survivesDouble } from './decimal';

export interface ParsedTradeCsv {
  /** In file order, unchecked beyond their form. */
  trades: TradeColumns;
  /** 1 when the file began with a header, else 0: row `i` stands on line `i + 1 + headerLines`. */
  headerLines: number;
  inexact: InexactDecimals;
}

/** Spot rows have an eighth field, isBestMatch, which says nothing any more. */
const LEAST_FIELDS = 7;
const MOST_FIELDS = 8;
/** Rows are rarely shorter, so the columns rarely have to grow. */
const BYTES_PER_ROW = 48;
/** Powers of ten that a double holds exactly, as far as fractions have digits here. */
const TENS = Array.from({ length: 16 }, (_, i) => 10 ** i);

const NAMES = ['aggregate id', 'price', 'quantity', 'first id', 'last id', 'time', 'buyer-maker flag'] as const;

/**
 * Reads aggregate trades (7 or 8 fields a row) from the bytes of a CSV into columns, without a string or an object per row.
 * Times may be in milliseconds (13 digits) or microseconds (16), row by row; booleans in any capitals; a header is accepted
 * on the first line. Throws what `lineError` makes for the first malformed line.
 */
export function parseAggTradeCsv(bytes: Uint8Array, lineError: LineError, mayHaveHeader = true): ParsedTradeCsv {
  const csv = newlineEnded(bytes);
  const headerLines = mayHaveHeader && startsWithHeader(csv, /^agg[_ ]?trade[_ ]?id,/i, lineError) ? 1 : 0;
  const reader = new RowReader(csv, headerLines === 1 ? csv.indexOf(NEWLINE) + 1 : 0, headerLines, lineError);
  let trades = createTradeColumns(Math.max(16, Math.ceil(csv.length / BYTES_PER_ROW)));
  let row = 0;
  for (; reader.more(); row++) {
    if (row === trades.time.length) trades = grown(trades);
    reader.row = row;
    reader.integer(0, trades.aggId);
    reader.decimal(1, trades.price);
    reader.decimal(2, trades.quantity);
    reader.integer(3, trades.firstId);
    reader.integer(4, trades.lastId);
    reader.time(trades.time);
    trades.buyerMaker[row] = reader.flag();
    reader.endOfRow();
  }
  trades.rows = row;
  return { trades, headerLines, inexact: reader.inexact };
}

/**
 * Walks over the bytes field by field. Numbers go straight into their column at `row`: returned, each would be an object on
 * the heap.
 */
class RowReader {
  row = 0;
  readonly inexact: InexactDecimals = { count: 0, example: null };
  readonly #view: DataView;

  constructor(
    readonly csv: Uint8Array,
    public pos: number,
    readonly headerLines: number,
    readonly lineError: LineError,
  ) {
    this.#view = new DataView(csv.buffer, csv.byteOffset, csv.byteLength);
  }

  more(): boolean {
    return this.pos < this.csv.length;
  }

  /** A whole number, which may be negative: ids of marked rows are -1. */
  integer(field: number, column: Float64Array): void {
    const { csv } = this;
    const start = this.pos;
    const negative = csv[start] === MINUS;
    let at = negative ? start + 1 : start;
    let value = 0;
    let digit = csv[at]! ^ 48;
    while (digit <= 9) {
      value = value * 10 + digit;
      digit = csv[++at]! ^ 48;
    }
    if (at === (negative ? start + 1 : start) || csv[at] !== COMMA || value > Number.MAX_SAFE_INTEGER) {
      throw this.#bad(field, start, 'is no whole number');
    }
    this.pos = at + 1;
    column[this.row] = negative ? -value : value;
  }

  decimal(field: number, column: Float64Array): void {
    const { csv } = this;
    const start = this.pos;
    let at = start;
    let mantissa = 0;
    let digits = 0;
    let digit = csv[at]! ^ 48;
    while (digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      digit = csv[++at]! ^ 48;
    }
    let fraction = 0;
    if (csv[at] === POINT && digits > 0) {
      digit = csv[++at]! ^ 48;
      while (digit <= 9) {
        mantissa = mantissa * 10 + digit;
        fraction++;
        digit = csv[++at]! ^ 48;
      }
      if (fraction === 0) digits = 0;
    }
    if (csv[at] === COMMA && digits > 0 && mantissa < ALWAYS_EXACT && fraction < TENS.length) {
      this.pos = at + 1;
      // An exact integer divided by an exact power of ten is the double nearest to the decimal.
      column[this.row] = mantissa / TENS[fraction]!;
    } else column[this.row] = this.#oddDecimal(field, start);
  }

  time(column: Float64Array): void {
    const { csv, pos } = this;
    const ms = millisecondsAt(csv, this.#view, pos, csv.length);
    if (ms >= 0) {
      this.pos = pos + MS_DIGITS + 1;
      column[this.row] = ms * 1000;
      return;
    }
    const us = microsecondsAt(csv, pos);
    if (us < 0) throw this.#bad(5, pos, 'is neither 13 digits of milliseconds nor 16 of microseconds');
    this.pos = pos + US_DIGITS + 1;
    column[this.row] = us;
  }

  /** `true` or `false` in any capitals, as the last field or the last but one. */
  flag(): 0 | 1 {
    const value = flagAt(this.csv, this.pos);
    if (value === null) throw this.#bad(6, this.pos, 'is neither true nor false', true);
    this.pos += value === 1 ? 4 : 5;
    return value;
  }

  /** Goes behind the newline; an eighth field must be a boolean too, or the row was cut. */
  endOfRow(): void {
    const { csv } = this;
    if (csv[this.pos] === COMMA) {
      const value = flagAt(csv, this.pos + 1);
      if (value === null) throw this.#error(`its field ${MOST_FIELDS} is neither true nor false`);
      this.pos += value === 1 ? 5 : 6;
    }
    if (csv[this.pos] === RETURN) this.pos++;
    if (csv[this.pos] !== NEWLINE) throw this.#error(`it has more than ${MOST_FIELDS} fields`);
    this.pos++;
  }

  #oddDecimal(field: number, start: number): number {
    const end = endOfField(this.csv, start);
    const text = latin1(this.csv, start, end);
    const value = this.csv[end] === COMMA ? parseDecimal(text) : Number.NaN;
    if (Number.isNaN(value)) throw this.#bad(field, start, 'is no number');
    if (!survivesDouble(text, value)) {
      this.inexact.count++;
      this.inexact.example ??= `${text} is stored as ${value}`;
    }
    this.pos = end + 1;
    return value;
  }

  #bad(field: number, start: number, reason: string, mayBeLast = false): Error {
    const end = endOfField(this.csv, start);
    if (this.csv[end] !== COMMA && !mayBeLast) {
      return this.#error(`it has ${field + 1} fields instead of ${LEAST_FIELDS} or ${MOST_FIELDS}`);
    }
    return this.#error(`its ${NAMES[field]}, "${latin1(this.csv, start, end).trim().slice(0, 40)}", ${reason}`);
  }

  #error(reason: string): Error {
    return this.lineError(this.row + 1 + this.headerLines, reason);
  }
}

const TRUE = [116, 114, 117, 101];
const FALSE = [102, 97, 108, 115, 101];
const LOWER_CASE = 32;

/** 1 or 0 when the field at `pos` is exactly a boolean, else null. */
function flagAt(csv: Uint8Array, pos: number): 0 | 1 | null {
  const value = (csv[pos]! | LOWER_CASE) === TRUE[0] ? 1 : 0;
  const word = value === 1 ? TRUE : FALSE;
  for (let i = 0; i < word.length; i++) if ((csv[pos + i]! | LOWER_CASE) !== word[i]) return null;
  const next = csv[pos + word.length];
  return next === COMMA || next === NEWLINE || next === RETURN ? value : null;
}

function grown(trades: TradeColumns): TradeColumns {
  const bigger = createTradeColumns(Math.ceil(trades.time.length * 1.5));
  bigger.time.set(trades.time);
  bigger.aggId.set(trades.aggId);
  bigger.price.set(trades.price);
  bigger.quantity.set(trades.quantity);
  bigger.firstId.set(trades.firstId);
  bigger.lastId.set(trades.lastId);
  bigger.buyerMaker.set(trades.buyerMaker);
  return bigger;
}
