import { AppError } from '@shared/contract';

/**
 * A float of a foreign config, printed as Python prints it (`1.0`, `1e-07`). Our own configs hold no floats; this exists so
 * that ids made elsewhere can be checked.
 */
export class ForeignFloat {
  constructor(readonly value: number) {}
}

/**
 * Text that config, schema and DAG hashes are taken of: keys sorted by code point at every depth, `", "` and `": "` between,
 * everything outside printable ASCII escaped. Takes strings, safe integers, bigints, booleans, null, arrays, plain objects;
 * anything else is refused, because JavaScript and Python would print it differently.
 */
export function canonicalJsonV1(value: unknown): string {
  return print(value, '$');
}

function print(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return printString(value, path);
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return String(value);
    throw refusal(path, `the number ${value} is not a safe integer; write it as text`);
  }
  if (value instanceof ForeignFloat) return printFloat(value.value);
  if (Array.isArray(value)) return `[${value.map((item, index) => print(item, `${path}[${index}]`)).join(', ')}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .sort(byCodePoint)
      .map((key) => `${printString(key, path)}: ${print(value[key], `${path}.${key}`)}`);
    return `{${members.join(', ')}}`;
  }
  throw refusal(path, `${typeof value === 'object' ? 'an object with a class' : typeof value} is not allowed`);
}

function printString(text: string, path: string): string {
  // UTF-8 has no lone surrogates, so such a text would have no well-defined hash.
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
    throw refusal(path, 'the text holds half a surrogate pair');
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Python's repr of a float: shortest digits, scientific below 1e-4 and from 1e16 on, always marked as a float. */
function printFloat(value: number): string {
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e');
  const exponent = Number(power);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** UTF-8 bytes sort like code points; UTF-16 units do not, once there are surrogates. */
function byCodePoint(a: string, b: string): number {
  if (!/[\ud800-\uffff]/.test(a + b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function refusal(path: string, reason: string): AppError {
  return new AppError('usage.config_value', `Config or schema value at ${path} cannot be hashed: ${reason}.`, { path });
}
