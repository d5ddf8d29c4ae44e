/** Open of the first candle that any spot symbol can have; the exchange clamps earlier times to it. */
export const EXCHANGE_EPOCH_MS = Date.UTC(2017, 0, 1);

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads an ISO-8601 date or date-time (UTC when it names no zone) or epoch milliseconds. `null` for anything else, including
 * days that do not exist (2021-02-30).
 */
export function parseTime(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d{10,}$/.test(trimmed)) return Number(trimmed);
  const match = DATE_TIME.exec(trimmed);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = match;
  const ms = Number(fraction.padEnd(3, '0'));
  const local = Date.UTC(+year!, +month! - 1, +day!, +hour, +minute, +second, ms);
  const date = new Date(local);
  if (date.getUTCMonth() !== +month! - 1 || date.getUTCDate() !== +day! || +hour > 23 || +minute > 59 || +second > 59)
    return null;
  if (zone === 'Z') return local;
  const sign = zone[0] === '-' ? 1 : -1;
  const digits = zone.slice(1).replace(':', '');
  return local + sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

/** `2021-02-17 00:00`, with seconds only when they are not zero. UTC. */
export function formatTime(t: number): string {
  const iso = new Date(t).toISOString();
  const tail = iso.slice(17, 23);
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}${tail === '00.000' ? '' : `:${tail.replace('.000', '')}`}`;
}
