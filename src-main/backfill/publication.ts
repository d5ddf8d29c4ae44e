import { DAY_MS, HOUR_MS, type Interval, type Range } from '@shared/market';
import { type ArchivePeriod, DAILY_DELAY_MS, hasDailyArchives } from '../binance';

/**
 * When archive files can be expected. The last two days are always REST's; monthly files appear on the first Monday of the next month. A file that is late all the same
 * answers 404 and the work falls to the next tier.
 */
const MONTHLY_DELAY_MS = 12 * HOUR_MS;

export function monthRange(year: number, month: number): Range {
  return { from: Date.UTC(year, month - 1, 1), to: Date.UTC(year, month, 1) };
}

export function isDailyPublished(day: Range, now: number): boolean {
  return day.to + DAILY_DELAY_MS <= now;
}

export function isMonthlyPublished(month: Range, now: number): boolean {
  const firstOfNext = new Date(month.to);
  const daysToMonday = (8 - firstOfNext.getUTCDay()) % 7;
  return month.to + daysToMonday * DAY_MS + MONTHLY_DELAY_MS <= now;
}

/** Tiers that exist for an interval: no daily files beyond one day; a month of seconds is too big to hold (350 MB of text). */
export function archiveTiersOf(interval: Interval): { monthly: boolean; daily: boolean } {
  return { monthly: interval !== '1s', daily: hasDailyArchives(interval) };
}

export function monthOf(t: number): ArchivePeriod & { tier: 'archiveMonthly' } {
  const date = new Date(t);
  return { tier: 'archiveMonthly', year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

export function dayOf(t: number): ArchivePeriod & { tier: 'archiveDaily' } {
  const date = new Date(t);
  return { tier: 'archiveDaily', year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export interface Period<P extends ArchivePeriod> {
  period: P;
  range: Range;
}

/** The UTC days that the ranges touch. */
export function daysOf(ranges: readonly Range[]): Period<ArchivePeriod & { tier: 'archiveDaily' }>[] {
  const days = new Map<number, Period<ArchivePeriod & { tier: 'archiveDaily' }>>();
  for (const range of ranges) {
    for (let day = Math.floor(range.from / DAY_MS) * DAY_MS; day < range.to; day += DAY_MS) {
      days.set(day, { period: dayOf(day), range: { from: day, to: day + DAY_MS } });
    }
  }
  return [...days.values()].sort((a, b) => a.range.from - b.range.from);
}
