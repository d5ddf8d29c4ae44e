import { archiveInterval, type Interval, type Market, type Range } from '@shared/market';

/** The UTC month or day that one archive file is for. Months and days count from 1. */
export type ArchivePeriod =
  | { tier: 'archiveMonthly'; year: number; month: number }
  | { tier: 'archiveDaily'; year: number; month: number; day: number };

/** Opens that a file of this period may hold, half-open, epoch ms. */
export function archiveRange(period: ArchivePeriod): Range {
  if (period.tier === 'archiveMonthly') {
    return { from: Date.UTC(period.year, period.month - 1, 1), to: Date.UTC(period.year, period.month, 1) };
  }
  return {
    from: Date.UTC(period.year, period.month - 1, period.day),
    to: Date.UTC(period.year, period.month - 1, period.day + 1),
  };
}

/** `BTCUSDT-1m-2020-01-02.zip`; a month of monthly candles is spelt `BTCUSDT-1mo-2020-01.zip`. */
export function archiveFileName(symbol: string, interval: Interval, period: ArchivePeriod): string {
  const month = `${period.year}-${String(period.month).padStart(2, '0')}`;
  const date = period.tier === 'archiveDaily' ? `${month}-${String(period.day).padStart(2, '0')}` : month;
  return `${symbol}-${archiveInterval(interval)}-${date}.zip`;
}

const MARKET_FOLDER: Record<Market, string> = { spot: 'spot', um: 'futures/um', cm: 'futures/cm' };

/** Path of the file below the archive's address, without a leading slash. */
export function archivePath(market: Market, symbol: string, interval: Interval, period: ArchivePeriod): string {
  const tier = period.tier === 'archiveDaily' ? 'daily' : 'monthly';
  const folder = `data/${MARKET_FOLDER[market]}/${tier}/klines/${symbol}/${archiveInterval(interval)}`;
  return `${folder}/${archiveFileName(symbol, interval, period)}`;
}
