import { AppError } from '@shared/contract';
import { parseTime } from '@shared/market';

/** Seconds of a bar: a positive integer, or digits with `s`, `m` or `h` (`"60s"`, `" 5M "`); nothing longer, nothing vaguer. */
export function parseInterval(value: unknown): number {
  if (typeof value === 'string') {
    const match = /^(\d+)([smh])$/.exec(value.trim().toLowerCase());
    const seconds = match ? Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as 's' | 'm' | 'h'] : Number.NaN;
    if (Number.isSafeInteger(seconds) && seconds > 0) return seconds;
    throw refused('interval', value, 'digits followed by s, m or h, like "60s", "5m" or "24h"');
  }
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw refused('interval', value, 'a positive whole number of seconds, or text like "60s"');
}

/** Number of bars in a node's window: a positive integer. */
export function parsePeriod(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw refused('period', value, 'a positive whole number of bars');
}

/** One tag: 1 to 100 letters, digits, `_`, `.`, `-`. */
export function parseTag(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9_.-]{1,100}$/.test(value)) return value;
  throw refused('tag', value, '1 to 100 letters, digits, underscores, hyphens or dots');
}

export function parseTags(values: readonly unknown[]): string[] {
  const tags = values.map(parseTag);
  const twice = tags.find((tag, index) => tags.indexOf(tag) !== index);
  if (twice !== undefined) throw refused('tag', twice, 'each tag once');
  return tags;
}

/** Whether a gap stops a run (`fail`) or leaves out the bar behind it (`skip`). */
export type OnMissing = 'skip' | 'fail';

/** Refuses every other text: a typing error must not hide gaps. */
export function parseOnMissing(value: unknown): OnMissing {
  if (value === 'skip' || value === 'fail') return value;
  throw refused('onMissing', value, '"skip" or "fail"');
}

/** Epoch seconds, a `Date`, or an ISO-8601 text (UTC when it names no zone). */
export type Moment = number | Date | string;

/** Epoch seconds of a moment; fractions of a second are cut off. */
export function parseMoment(option: string, value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  const ms = value instanceof Date ? value.getTime() : typeof value === 'string' ? parseIso(value) : null;
  if (ms !== null && Number.isFinite(ms)) return Math.floor(ms / 1000);
  throw refused(option, value, 'whole epoch seconds, a Date, or an ISO-8601 date or date-time');
}

/** Bare digits are refused: they would be milliseconds here and seconds in the number beside it. */
function parseIso(text: string): number | null {
  return /^\s*\d+\s*$/.test(text) ? null : parseTime(text);
}

/** Refuses a compute function that does not take exactly the view. */
export function checkComputeFunction(value: unknown): void {
  const fits = typeof value === 'function' && value.length === 1 && !hasMoreParameters(value.toString());
  if (!fits || value.constructor.name !== 'Function')
    throw refused('computeFn', value, 'a plain function of exactly one parameter, the view');
}

/** Finds a rest parameter or a second one with a default, which `length` does not count. */
function hasMoreParameters(source: string): boolean {
  const list = /^(?:function\b[^(]*|[\w$]+\s*)?\(([^)]*)\)/.exec(source)?.[1] ?? '';
  const withoutPatterns = list.replace(/\{[^}]*\}|\[[^\]]*\]/g, '').replace(/,\s*$/, '');
  return withoutPatterns.includes(',') || withoutPatterns.includes('...');
}

function refused(option: string, value: unknown, accepted: string): AppError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new AppError(`usage.${option.toLowerCase()}`, `${option} ${shown} is not accepted: it must be ${accepted}.`, {
    option,
  });
}
