import { CANDLE_FIELDS, type CandleColumns, createCandleColumns } from '@shared/market';
import {
  ALWAYS_EXACT,
  COMMA,
  endOfField,
  fourDigits,
  type InexactDecimals,
  type LineError,
  latin1,
  MS_DIGITS,
  microsecondsAt,
  millisecondsAt,
  NEWLINE,
  newlineEnded,
  POINT,
  RETURN,
  ShortDecimal,
  startsWithHeader,
  US_DIGITS,
} from './csv-bytes';
import { parseDecimal, survivesDouble } from './decimal';

export interface ParsedCsv {
  /** In file order, unchecked beyond their form. */
  candles: CandleColumns;
  /** 1 when the file began with a header, else 0: row `i` stands on line `i + 1 + headerLines`. */
  headerLines: number;
  inexact: InexactDecimals;
}

const MOST_INT32_DIGITS = 9;

/** Targets of fields 1 to 10 of a row; field 6 is the close time, which is read and then written over by the last one. */
const FIELD_OF = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'takerQuote',
  'quoteVolume',
  'trades',
  'takerBase',
  'takerQuote',
] as const;
const CLOSE_TIME_FIELD = 6;
const LAST_FIELD = 11;

/**
 * Reads kline rows of 12 fields from the bytes of a CSV into columns, without a string or an object per row. Opens may be in
 * milliseconds (13 digits) or microseconds (16), row by row; a header is accepted on the first line.
 * `columns`: memory to read into, of one row or more; what it held is lost. Throws what `lineError` makes for the first malformed line.
 */
export function parseKlineCsv(
  bytes: Uint8Array,
  options: { expectedRows: number; lineError: LineError; columns?: CandleColumns | undefined },
): ParsedCsv {
  const { lineError } = options;
  const csv = newlineEnded(bytes);
  const view = new DataView(csv.buffer, csv.byteOffset, csv.byteLength);
  const end = csv.length;
  const inexact: InexactDecimals = { count: 0, example: null };
  const headerLines = startsWithHeader(csv, /^open[_ ]?time,/i, lineError) ? 1 : 0;
  let pos = headerLines === 1 ? csv.indexOf(NEWLINE) + 1 : 0;

  let candles = options.columns ?? createCandleColumns(Math.max(16, options.expectedRows));
  let targets = targetsOf(candles);
  const short = new ShortDecimal();
  let row = 0;
  while (pos < end) {
    if (row === candles.openTime.length) {
      candles = grown(candles);
      targets = targetsOf(candles);
    }
    let time = millisecondsAt(csv, view, pos, end);
    if (time >= 0) pos += MS_DIGITS;
    else {
      time = microsecondsAt(csv, pos);
      if (time < 0) throw lineError(row + 1 + headerLines, badTimeReason(csv, pos));
      if (time % 1000 !== 0) throw lineError(row + 1 + headerLines, `the open ${time} µs is no whole millisecond`);
      time /= 1000;
      pos += US_DIGITS;
    }
    candles.openTime[row] = time;
    pos++;

    for (let field = 1; field < LAST_FIELD; field++) {
      if (field === CLOSE_TIME_FIELD) {
        const isMs = millisecondsAt(csv, view, pos, end) >= 0;
        if (isMs || microsecondsAt(csv, pos) >= 0) {
          pos += (isMs ? MS_DIGITS : US_DIGITS) + 1;
          continue;
        }
      }
      const start = pos;
      let whole = 0;
      let digit = csv[pos]! ^ 48;
      while (digit <= 9) {
        whole = (whole * 10 + digit) | 0;
        digit = csv[++pos]! ^ 48;
      }
      const digits = pos - start;
      let value = Number.NaN;
      if (digits > 0 && digits <= MOST_INT32_DIGITS) {
        if (csv[pos] === COMMA) value = whole;
        else if (csv[pos] === POINT && pos + 9 < end && csv[pos + 9] === COMMA) {
          const left = fourDigits(view.getUint32(pos + 1, true));
          const right = fourDigits(view.getUint32(pos + 5, true));
          const mantissa = whole * 1e8 + left * 1e4 + right;
          // An exact integer divided by an exact power of ten is the double nearest to the decimal.
          if (left >= 0 && right >= 0 && mantissa < ALWAYS_EXACT) {
            value = mantissa / 1e8;
            pos += 9;
          }
        }
      }
      if (Number.isNaN(value)) {
        pos = short.read(csv, start);
        value = short.value;
      }
      if (Number.isNaN(value)) {
        pos = endOfField(csv, start);
        const text = latin1(csv, start, pos);
        value = csv[pos] === COMMA ? parseDecimal(text) : Number.NaN;
        if (Number.isNaN(value))
          throw lineError(row + 1 + headerLines, badFieldReason(field, text, csv[pos] === COMMA));
        if (field !== CLOSE_TIME_FIELD && !survivesDouble(text, value)) {
          inexact.count++;
          inexact.example ??= `${text} is stored as ${value}`;
        }
      }
      targets[field - 1]![row] = value;
      pos++;
    }

    // The last field means nothing; it only has to be there, and to be the last.
    let lineEnd = pos;
    while (csv[lineEnd] !== NEWLINE && csv[lineEnd] !== COMMA) lineEnd++;
    const lastEnd = csv[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    if (csv[lineEnd] === COMMA) throw lineError(row + 1 + headerLines, `it has more than ${LAST_FIELD + 1} fields`);
    if (lastEnd === pos) throw lineError(row + 1 + headerLines, 'its last field is cut off');
    pos = lineEnd + 1;
    row++;
  }
  candles.rows = row;
  return { candles, headerLines, inexact };
}

/** Column of each field from 1 to 10. */
function targetsOf(candles: CandleColumns): Float64Array[] {
  return FIELD_OF.map((field) => candles[field]);
}

function grown(candles: CandleColumns): CandleColumns {
  const bigger = createCandleColumns(candles.openTime.length * 2);
  for (const field of CANDLE_FIELDS) bigger[field].set(candles[field]);
  return bigger;
}

function badTimeReason(csv: Uint8Array, start: number): string {
  const text = latin1(csv, start, endOfField(csv, start)).slice(0, 40);
  return `its open time, "${text}", is neither 13 digits of milliseconds nor 16 of microseconds`;
}

function badFieldReason(field: number, text: string, complete: boolean): string {
  if (!complete) return `it has ${field + 1} fields instead of ${LAST_FIELD + 1}`;
  return `field ${field + 1}, "${text.slice(0, 40)}", is no number`;
}
