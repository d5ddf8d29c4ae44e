import { AppError } from '@shared/contract';

/** ASCII of 0000…9999, little-endian, so that four digits are one store. */
const FOUR_DIGITS = new Uint32Array(10_000);
for (let i = 0; i < 10_000; i++) {
  const text = String(i).padStart(4, '0');
  FOUR_DIGITS[i] =
    text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);
}

/** Line-protocol text that marks a binary double: eight little-endian bytes follow. */
export const BINARY_DOUBLE = '=\u0010';
/** Rows written in one go: few enough to stay in the processor's cache while columns are laid over each other. */
export const BLOCK_ROWS = 256;

/** The writers below take whole numbers that fit, zero-padded; a check of the same row refuses others. */
export function writeThreeDigits(view: DataView, at: number, value: number): void {
  const digits = FOUR_DIGITS[value]! >>> 8;
  view.setUint16(at, digits & 0xffff, true);
  view.setUint8(at + 2, digits >>> 16);
}

export function writeTenDigits(view: DataView, at: number, value: number): void {
  const top = Math.floor(value / 100_000_000);
  view.setUint16(at, (FOUR_DIGITS[top] ?? 0) >>> 16, true);
  writeEightDigits(view, at + 2, value - top * 100_000_000);
}

export function writeSixteenDigits(view: DataView, at: number, value: number): void {
  const top = Math.floor(value / 100_000_000);
  writeEightDigits(view, at, top);
  writeEightDigits(view, at + 8, value - top * 100_000_000);
}

function writeEightDigits(view: DataView, at: number, value: number): void {
  const top = (value / 10_000) | 0;
  view.setUint32(at, FOUR_DIGITS[top]!, true);
  view.setUint32(at + 4, FOUR_DIGITS[value - top * 10_000]!, true);
}

export function isWhole(value: number, most: number): boolean {
  return value >= 0 && value <= most && Math.floor(value) === value;
}

/** Every byte is overwritten, so it need not be cleared; an ArrayBuffer of its own can be transferred. */
export function freshMemory(bytes: number): ArrayBuffer {
  return Buffer.allocUnsafeSlow(bytes).buffer;
}

export function fillWithTemplate(bytes: Uint8Array, at: number, length: number, template: Uint8Array): void {
  bytes.set(template, at);
  for (let filled = template.length; filled < length; filled *= 2)
    bytes.copyWithin(at + filled, at, at + Math.min(filled, length - filled));
}

/** Writes a column's rows `[from, to)`, a stride apart; false when a value is not finite. */
export function writeDoubles(
  view: DataView,
  at: number,
  column: Float64Array,
  from: number,
  to: number,
  stride: number,
): boolean {
  let differences = 0;
  for (let i = from, position = at; i < to; i++, position += stride) {
    const value = column[i]!;
    // Zero for every finite value, NaN for the others.
    differences += value - value;
    view.setFloat64(position, value, true);
  }
  return differences === 0;
}

/** Throws `questdb.bad_target` for names that the line protocol would read otherwise. */
export function requireTarget(table: string, nodeId: string): void {
  if (/^\w+$/.test(table) && /^[\w:]+$/.test(nodeId)) return;
  throw new AppError(
    'questdb.bad_target',
    `"${table}" with node id "${nodeId}" cannot be written: use letters, digits and _.`,
  );
}
