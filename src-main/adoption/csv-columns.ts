import { AppError } from '@shared/contract';
import { CANDLE_FIELDS, type CandleColumns, parseTime } from '@shared/market';
import { parseDecimal } from '../binance';

export type CandleField = Exclude<keyof CandleColumns, 'rows'>;

/** Where the fields of a candle stand in a line, counted from 0. */
export interface CsvColumns {
  places: ReadonlyMap<CandleField, number>;
  /** Fields of a line. */
  width: number;
  hasHeader: boolean;
}

/** How headers name the fields, lower case, without blanks and underscores; of several the earlier name counts. */
const NAMES: Record<CandleField, readonly string[]> = {
  openTime: ['opentime', 'timestamp', 'unix', 'time', 'ts', 'datetime', 'date'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c'],
  volume: ['volume', 'v', 'basevolume'],
  quoteVolume: ['quotevolume', 'quoteassetvolume'],
  trades: ['trades', 'count', 'numberoftrades', 'tradecount'],
  takerBase: ['takerbase', 'takerbuyvolume', 'takerbuybasevolume', 'takerbuybaseassetvolume'],
  takerQuote: ['takerquote', 'takerbuyquotevolume', 'takerbuyquoteassetvolume'],
};
/** Lines of Binance's own files, without a header; and the shortest that holds a candle. */
const KLINE_FIELDS = [...CANDLE_FIELDS.slice(0, 6), null, ...CANDLE_FIELDS.slice(6), null];
const REQUIRED = CANDLE_FIELDS.slice(0, 6);

/** Reads the first line. Throws `usage.bad_file`. */
export function csvColumnsOf(firstLine: string, file: string): CsvColumns {
  const fields = fieldsOf(firstLine);
  const width = fields.length;
  if (!fields.some((field) => /^[A-Za-z]/.test(field) && timeOf(field) === null && !isNothing(field))) {
    const order = width === KLINE_FIELDS.length ? KLINE_FIELDS : width === REQUIRED.length ? REQUIRED : null;
    if (!order)
      throw badFile(
        file,
        `its first line has ${width} fields and no names. Give it a header like timestamp,open,high,low,close,volume`,
      );
    return { places: new Map(order.flatMap((field, at) => (field ? [[field, at]] : []))), width, hasHeader: false };
  }
  const names = fields.map((field) => field.toLowerCase().replace(/[\s_]+/g, ''));
  const places = new Map<CandleField, number>();
  for (const field of CANDLE_FIELDS) {
    const at = NAMES[field].map((name) => names.indexOf(name)).find((index) => index >= 0);
    if (at !== undefined) places.set(field, at);
  }
  const missing = REQUIRED.filter((field) => !places.has(field));
  if (missing.length > 0)
    throw badFile(
      file,
      `its header names no ${missing.map((field) => (field === 'openTime' ? 'timestamp' : field)).join(', ')}. It needs timestamp,open,high,low,close,volume, separated by commas`,
    );
  return { places, width, hasHeader: true };
}

/** Fields of a line, without quotes and blanks around them. */
export function fieldsOf(line: string): string[] {
  const fields = line.split(',');
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!.trim();
    fields[i] = field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1).trim() : field;
  }
  return fields;
}

/** A number, NaN where there is none; null for text that is no number. */
export function numberOf(text: string): number | null {
  const value = parseDecimal(text);
  if (!Number.isNaN(value)) return value;
  return isNothing(text) ? Number.NaN : null;
}

function isNothing(text: string): boolean {
  return text === '' || /^(nan|null|none)$/i.test(text);
}

const UNIT_OF_DIGITS: Record<number, number> = { 10: 1_000, 13: 1, 16: 1e-3, 19: 1e-6 };

/** Epoch ms of a time in seconds, milli-, micro- or nanoseconds (told by its digits), or of an ISO time (UTC unless it names a zone). */
export function timeOf(text: string): number | null {
  const digits = /^(\d{10,19})(?:\.0+)?$/.exec(text)?.[1];
  if (digits !== undefined) {
    const unit = UNIT_OF_DIGITS[digits.length];
    if (unit === undefined) return null;
    return unit >= 1 ? Number(digits) * unit : Number(digits.slice(0, 13)) + Number(digits.slice(13)) * unit;
  }
  // More than milliseconds can only be told when they are zero.
  return parseTime(text.replace(/(\.\d{3})0+/, '$1'));
}

export function badFile(file: string, reason: string): AppError {
  return new AppError('usage.bad_file', `${file} cannot be adopted: ${reason}. Nothing was changed.`, { file });
}
