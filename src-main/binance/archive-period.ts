import { archiveInterval, DAY_MS, type Interval, type Market, type Range } from '@shared/market';

/** Whether an interval has daily files; candles longer than a day have monthly ones only. */
export function hasDailyArchives(interval: Interval): boolean {
  return interval !== '3d' && interval !== '1w' && interval !== '1M';
}

/** Daily files appear the next day, mostly within 6 hours, and stall at times: after so long they can be counted on. */
export const DAILY_DELAY_MS = 2 * DAY_MS;

/** When the daily file of the UTC day that holds `t` can be counted on. */
export function dailyFileExpectedAt(t: number): number {
  return (Math.floor(t / DAY_MS) + 1) * DAY_MS + DAILY_DELAY_MS;
}

/** The UTC month or day that one archive file is for. Months and days count from 1. */
export type ArchivePeriod =
  | { tier: 'archiveMonthly'; year: number; month: number }
  | { tier: 'archiveDaily'; year: number; month: number; day: number };

/** What a file holds: candles of an interval, or aggregate trades. */
export type ArchiveData = Interval | 'aggTrade';

/** Opens (or times of trades) that a file of this period may hold, half-open, epoch ms. */
export function archiveRange(period: ArchivePeriod): Range {
  if (period.tier === 'archiveMonthly') {
    return { from: Date.UTC(period.year, period.month - 1, 1), to: Date.UTC(period.year, period.month, 1) };
  }
  return {
    from: Date.UTC(period.year, period.month - 1, period.day),
    to: Date.UTC(period.year, period.month - 1, period.day + 1),
  };
}

/**
 * `BTCUSDT-1m-2020-01-02.zip`, `BTCUSDT-aggTrades-2020-01-02.zip`; a month of monthly candles is spelt
 * `BTCUSDT-1mo-2020-01.zip`.
 */
export function archiveFileName(symbol: string, data: ArchiveData, period: ArchivePeriod): string {
  const month = `${period.year}-${String(period.month).padStart(2, '0')}`;
  const date = period.tier === 'archiveDaily' ? `${month}-${String(period.day).padStart(2, '0')}` : month;
  return `${archiveFileStart(symbol, data)}${date}.zip`;
}

/** What the names of all of a symbol's files begin with, before the date. */
export function archiveFileStart(symbol: string, data: ArchiveData): string {
  return `${symbol}-${data === 'aggTrade' ? 'aggTrades' : archiveInterval(data)}-`;
}

const MARKET_FOLDER: Record<Market, string> = { spot: 'spot', um: 'futures/um', cm: 'futures/cm' };

/** Path of the file below the archive's address, without a leading slash. */
export function archivePath(market: Market, symbol: string, data: ArchiveData, period: ArchivePeriod): string {
  return archiveFolder(market, period.tier, symbol, data) + archiveFileName(symbol, data, period);
}

/** Folder of a symbol's files, with a final slash. */
export function archiveFolder(market: Market, tier: ArchivePeriod['tier'], symbol: string, data: ArchiveData): string {
  const symbols = archiveSymbolsFolder(market, tier, data === 'aggTrade' ? 'aggTrade' : 'kline');
  return data === 'aggTrade' ? `${symbols}${symbol}/` : `${symbols}${symbol}/${archiveInterval(data)}/`;
}

/** Folder that holds a folder for every symbol, with a final slash. */
export function archiveSymbolsFolder(market: Market, tier: ArchivePeriod['tier'], kind: 'kline' | 'aggTrade'): string {
  const span = tier === 'archiveDaily' ? 'daily' : 'monthly';
  return `data/${MARKET_FOLDER[market]}/${span}/${kind === 'kline' ? 'klines' : 'aggTrades'}/`;
}

/** The period in the name of a zip (`…-2020-01.zip`, `…-2020-01-02.zip`); null for other names, CHECKSUM files among them. */
export function periodOfFileName(file: string): ArchivePeriod | null {
  const match = /-(\d{4})-(\d{2})(?:-(\d{2}))?\.zip$/.exec(file);
  if (!match) return null;
  const [, year, month, day] = match;
  const base = { year: Number(year), month: Number(month) };
  if (base.month < 1 || base.month > 12) return null;
  return day === undefined ? { tier: 'archiveMonthly', ...base } : { tier: 'archiveDaily', ...base, day: Number(day) };
}
