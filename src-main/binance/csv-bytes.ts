/** Reading numbers out of the bytes of a CSV file, without a string per field. */

import type { FindingKind } from '@shared/contract';

export const NEWLINE = 10;
export const RETURN = 13;
export const COMMA = 44;
export const POINT = 46;
export const MINUS = 45;

export const MS_DIGITS = 13;
export const US_DIGITS = 16;

/** Digits of every decimal that comes back unchanged from its double. */
const MOST_EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MOST_EXACT_DIGITS }, (_, power) => 10 ** power);

/** Below this every decimal mantissa comes back unchanged from its double (15 significant digits). */
export const ALWAYS_EXACT = 1e15;

/** Builds the error for a line, counted from 1; `kind` where it is not just a bad row. */
export type LineError = (line: number, reason: string, kind?: FindingKind) => Error;

/** Decimals whose double is another number. */
export interface InexactDecimals {
  count: number;
  example: string | null;
}

/** Value of 13 digits followed by a comma, negative when there is anything else. */
export function millisecondsAt(csv: Uint8Array, view: DataView, pos: number, end: number): number {
  if (pos + MS_DIGITS >= end || csv[pos + MS_DIGITS] !== COMMA) return -1;
  const first = fourDigits(view.getUint32(pos, true));
  const second = fourDigits(view.getUint32(pos + 4, true));
  const third = fourDigits(view.getUint32(pos + 8, true));
  const last = csv[pos + 12]! ^ 48;
  if (first < 0 || second < 0 || third < 0 || last > 9) return -1;
  return (first * 1e8 + second * 1e4 + third) * 10 + last;
}

/** Value of 16 digits followed by a comma, negative when there is anything else. */
export function microsecondsAt(csv: Uint8Array, pos: number): number {
  if (csv[pos + US_DIGITS] !== COMMA) return -1;
  const first = fourDigits(wordAt(csv, pos));
  const second = fourDigits(wordAt(csv, pos + 4));
  const third = fourDigits(wordAt(csv, pos + 8));
  const fourth = fourDigits(wordAt(csv, pos + 12));
  if (first < 0 || second < 0 || third < 0 || fourth < 0) return -1;
  return (first * 1e4 + second) * 1e8 + third * 1e4 + fourth;
}

/** A decimal of at most 15 digits in all, read in one go. */
export class ShortDecimal {
  /** Of the decimal that `read` found; NaN when it found none, or one that needs a closer look. */
  value = Number.NaN;

  /** Reads from `start` to a comma and answers the index behind what was read. */
  read(csv: Uint8Array, start: number): number {
    let at = start;
    let mantissa = 0;
    let digit = csv[at]! ^ 48;
    while (digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = csv[++at]! ^ 48;
    }
    let digits = at - start;
    let places = 0;
    if (digits > 0 && csv[at] === POINT) {
      const behind = ++at;
      digit = csv[at]! ^ 48;
      while (digit <= 9) {
        mantissa = mantissa * 10 + digit;
        digit = csv[++at]! ^ 48;
      }
      places = at - behind;
      digits = places > 0 ? digits + places : 0;
    }
    const isShort = digits > 0 && digits <= MOST_EXACT_DIGITS && csv[at] === COMMA;
    // An exact integer divided by an exact power of ten is the double nearest to the decimal.
    this.value = isShort ? mantissa / POWERS_OF_TEN[places]! : Number.NaN;
    return at;
  }
}

function wordAt(csv: Uint8Array, pos: number): number {
  return csv[pos]! | (csv[pos + 1]! << 8) | (csv[pos + 2]! << 16) | (csv[pos + 3]! << 24);
}

/** Value of four ASCII digits in a little-endian word, negative when one of the bytes is no digit. */
export function fourDigits(word: number): number {
  if (((word & 0xf0f0f0f0) ^ 0x30303030) !== 0 || (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030) !== 0) return -1;
  const pairs = (Math.imul(word & 0x0f0f0f0f, 2561) >>> 8) & 0x00ff00ff;
  return Math.imul(pairs, 6553601) >>> 16;
}

/** Index of the comma or newline that ends the field; the bytes end with a newline. */
export function endOfField(csv: Uint8Array, start: number): number {
  let at = start;
  while (csv[at] !== COMMA && csv[at] !== NEWLINE) at++;
  return at;
}

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** The bytes themselves when they end with a newline (or are none), else a copy that does. */
export function newlineEnded(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes[bytes.length - 1] === NEWLINE) return bytes;
  const copy = new Uint8Array(bytes.length + 1);
  copy.set(bytes);
  copy[bytes.length] = NEWLINE;
  return copy;
}

/** Whether the first line is a header that looks like this. Throws when it is neither that nor begins with a digit. */
export function startsWithHeader(csv: Uint8Array, header: RegExp, lineError: LineError): boolean {
  if (csv.length === 0 || (csv[0]! ^ 48) <= 9) return false;
  const line = latin1(csv, 0, Math.min(csv.indexOf(NEWLINE), 200));
  // Anything else in place of a first row would be a lost row.
  if (header.test(line)) return true;
  throw lineError(1, `it starts with "${line.slice(0, 40)}", neither a number nor a header`);
}
