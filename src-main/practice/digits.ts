/** Numbers are written as bytes: a page of 1,000 rows is a thousandth of a second of work, not ten. */

const POWERS = Array.from({ length: 9 }, (_, i) => 10 ** i);
const ZERO = 48;
const POINT = 46;
/** Decimals of every price and quantity of spot. */
export const SPOT_DECIMALS = 8;

function writeDigits(target: Buffer, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    target[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

/** Non-negative integer up to 2^53. */
export function writeInteger(target: Buffer, at: number, value: number): number {
  if (value >= 1e8) {
    const high = Math.floor(value / 1e8);
    return writeDigits(target, writeInteger(target, at, high), value - high * 1e8, 8);
  }
  let digits = 1;
  while (digits < 8 && value >= POWERS[digits]!) digits++;
  return writeDigits(target, at, value, digits);
}

/**
 * `value` counts units of 10^-decimals (up to 8); the text has `width` decimals, and no point when that is none. `trim` leaves
 * out closing zeros.
 */
export function writeDecimal(
  target: Buffer,
  at: number,
  value: number,
  decimals: number,
  width = SPOT_DECIMALS,
  trim = false,
): number {
  const scale = POWERS[decimals]!;
  const whole = Math.floor(value / scale);
  let end = writeInteger(target, at, whole);
  if (width === 0) return end;
  target[end++] = POINT;
  if (decimals > 0) end = writeDigits(target, end, value - whole * scale, decimals);
  for (let i = decimals; i < width; i++) target[end++] = ZERO;
  if (!trim) return end;
  while (target[end - 1] === ZERO) end--;
  return target[end - 1] === POINT ? end - 1 : end;
}

/** One value as spot writes it. */
export function decimalText(value: number, decimals: number): string {
  const buffer = Buffer.allocUnsafe(40);
  return buffer.toString('latin1', 0, writeDecimal(buffer, 0, value, decimals));
}
