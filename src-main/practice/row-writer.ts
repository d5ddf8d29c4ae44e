import type { CandleBlock } from './candle-block';
import type { PracticeSymbol } from './symbols';

/** Rows are written as bytes: a page of 1,000 candles is a thousandth of a second of work, not ten. */

const POWERS = Array.from({ length: 9 }, (_, i) => 10 ** i);
const JSON_TAIL = Buffer.from('"0"],');
const CSV_TAIL = Buffer.from('0\n');
const ZERO = 48;
const COMMA = 44;
const QUOTE = 34;
/** Longest row: 12 fields of up to 25 bytes with quotes and commas. */
export const ROW_BYTES = 320;

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
function writeInteger(target: Buffer, at: number, value: number): number {
  if (value >= 1e8) {
    const high = Math.floor(value / 1e8);
    return writeDigits(target, writeInteger(target, at, high), value - high * 1e8, 8);
  }
  let digits = 1;
  while (digits < 8 && value >= POWERS[digits]!) digits++;
  return writeDigits(target, at, value, digits);
}

/** `value` counts units of 10^-decimals; the text always has eight decimals. */
function writeDecimal(target: Buffer, at: number, value: number, decimals: number): number {
  const scale = POWERS[decimals]!;
  const whole = Math.floor(value / scale);
  let end = writeInteger(target, at, whole);
  target[end++] = 46;
  if (decimals > 0) end = writeDigits(target, end, value - whole * scale, decimals);
  for (let i = decimals; i < 8; i++) target[end++] = ZERO;
  return end;
}

export interface RowStyle {
  /** JSON arrays with quoted decimals, or CSV lines. */
  json: boolean;
  micro: boolean;
}

/** Writes rows `[from, to)`; answers the end. JSON rows end with a comma, CSV lines with a newline. */
export function writeRows(
  target: Buffer,
  start: number,
  block: CandleBlock,
  from: number,
  to: number,
  symbol: PracticeSymbol,
  { json, micro }: RowStyle,
): number {
  let at = start;
  const decimal = (value: number, decimals: number) => {
    if (json) target[at++] = QUOTE;
    at = writeDecimal(target, at, value, decimals);
    if (json) target[at++] = QUOTE;
    target[at++] = COMMA;
  };
  const text = (value: string) => {
    if (json) target[at++] = QUOTE;
    at += target.write(value, at, 'latin1');
    if (json) target[at++] = QUOTE;
    target[at++] = COMMA;
  };
  const time = (value: number, filler: number) => {
    at = writeInteger(target, at, value);
    if (micro) for (let i = 0; i < 3; i++) target[at++] = filler;
    target[at++] = COMMA;
  };
  const { priceDecimals, volumeDecimals, quoteDecimals } = symbol;
  for (let i = from; i < to; i++) {
    if (json) target[at++] = 91;
    time(block.openTime[i]!, ZERO);
    const real = block.text?.[i];
    if (real) {
      for (let field = 0; field < 5; field++) text(real[field]!);
      time(block.closeTime[i]!, 57);
      text(real[5]!);
      at += target.write(`${real[6]},`, at, 'latin1');
      text(real[7]!);
      text(real[8]!);
    } else {
      decimal(block.open[i]!, priceDecimals);
      decimal(block.high[i]!, priceDecimals);
      decimal(block.low[i]!, priceDecimals);
      decimal(block.close[i]!, priceDecimals);
      decimal(block.volume[i]!, volumeDecimals);
      time(block.closeTime[i]!, 57);
      decimal(block.quote[i]!, quoteDecimals);
      at = writeInteger(target, at, block.trades[i]!);
      target[at++] = COMMA;
      decimal(block.takerBase[i]!, volumeDecimals);
      decimal(block.takerQuote[i]!, quoteDecimals);
    }
    if (json) at += JSON_TAIL.copy(target, at);
    else at += CSV_TAIL.copy(target, at);
  }
  return at;
}

/** One value as the exchange writes it. */
export function decimalText(value: number, decimals: number): string {
  const buffer = Buffer.allocUnsafe(40);
  return buffer.toString('latin1', 0, writeDecimal(buffer, 0, value, decimals));
}
