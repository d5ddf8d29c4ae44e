import { DAY_MS } from '@shared/market';

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** Start of the UTC day that holds `t`. */
export function dayOf(t: number): number {
  return Math.floor(t / DAY_MS) * DAY_MS;
}

export function yearOf(t: number): number {
  return new Date(t).getUTCFullYear();
}

export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

/** `2021-02-17` */
export function dayText(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

export function weekdayOf(day: number): string {
  return WEEKDAYS[new Date(day).getUTCDay()]!;
}

/**
 * Where a key leads from a day: sideways a day, up and down a month, Page a year, Home and End the month's ends; null for other keys. A
 * day that the month lacks becomes its last one. Stays within the years `[first, last]`.
 */
export function movedDay(day: number, key: string, first: number, last: number): number | null {
  const date = new Date(day);
  const [year, month, of] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const inMonth = (months: number) => {
    const at = year * 12 + month + months;
    const [y, m] = [Math.floor(at / 12), at % 12];
    return Date.UTC(y, m, Math.min(of, daysInMonth(y, m)));
  };
  const target = new Map([
    ['ArrowLeft', day - DAY_MS],
    ['ArrowRight', day + DAY_MS],
    ['ArrowUp', inMonth(-1)],
    ['ArrowDown', inMonth(1)],
    ['PageUp', inMonth(-12)],
    ['PageDown', inMonth(12)],
    ['Home', Date.UTC(year, month, 1)],
    ['End', Date.UTC(year, month, daysInMonth(year, month))],
  ]).get(key);
  if (target === undefined) return null;
  return yearOf(target) < first || yearOf(target) > last ? day : target;
}

/** Where a key leads from a cell of a day: sideways a cell, up and down an hour, Home and End the hour's ends; null for other keys. */
export function movedCell(cell: number, key: string, columns: number): number | null {
  const cells = 24 * columns;
  const hour = Math.floor(cell / columns) * columns;
  const targets: Record<string, number> = {
    ArrowLeft: cell - 1,
    ArrowRight: cell + 1,
    ArrowUp: cell - columns,
    ArrowDown: cell + columns,
    Home: hour,
    End: hour + columns - 1,
  };
  const target = targets[key];
  if (target === undefined) return null;
  return target < 0 || target >= cells ? cell : target;
}
