import {
  archiveInterval,
  DAY_MS,
  HOUR_MS,
  INTERVALS,
  type Interval,
  MARKETS,
  type Market,
  type Range,
} from '@shared/market';
import type { PublicationOptions } from './options';

export type ArchiveTier = 'daily' | 'monthly';

export type ArchiveKind = 'klines' | 'aggTrades';

/** What a key like `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip` says. */
export interface ArchiveKey {
  market: Market;
  tier: ArchiveTier;
  kind: ArchiveKind;
  symbol: string;
  /** Null for trades. */
  interval: Interval | null;
  range: Range;
  /** `BTCUSDT-1m-2020-01-01`, `BTCUSDT-aggTrades-2020-01-01`. */
  stem: string;
  checksum: boolean;
}

/** Where a market's files are. */
export const ARCHIVE_ROOTS: Readonly<Record<Market, string>> = {
  spot: 'data/spot/',
  um: 'data/futures/um/',
  cm: 'data/futures/cm/',
};

const KEY =
  /^(data\/(?:spot|futures\/[uc]m)\/)(daily|monthly)\/(?:klines\/([A-Z0-9\-_.]{1,20})\/(\d{1,2}[a-z]{1,2})|aggTrades\/([A-Z0-9\-_.]{1,20}))\/([^/]+)\.zip(\.CHECKSUM)?$/;
const BY_NAME: ReadonlyMap<string, Interval> = new Map(INTERVALS.map((each) => [archiveInterval(each), each]));
const NO_DAILY_FILES: ReadonlySet<Interval> = new Set(['3d', '1w', '1M']);

/** Intervals that a market's tier has files of. */
export function archiveIntervals(market: Market, tier: ArchiveTier): Interval[] {
  return INTERVALS.filter((each) => hasFiles(market, tier, each));
}

function hasFiles(market: Market, tier: ArchiveTier, interval: Interval): boolean {
  return (tier === 'monthly' || !NO_DAILY_FILES.has(interval)) && (market === 'spot' || interval !== '1s');
}

/** Half-open range of a `YYYY-MM` or `YYYY-MM-DD`, null when there is no such day. */
export function periodOf(text: string): Range | null {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text);
  if (!match) return null;
  const [, year, month, day] = match;
  const from = Date.UTC(Number(year), Number(month) - 1, day === undefined ? 1 : Number(day));
  if (!new Date(from).toISOString().startsWith(text)) return null;
  return { from, to: day === undefined ? Date.UTC(Number(year), Number(month), 1) : from + DAY_MS };
}

export function parseArchiveKey(key: string): ArchiveKey | null {
  const match = KEY.exec(key);
  if (!match) return null;
  const [, root, tierName, ofCandles, name, ofTrades, stem, checksum] = match;
  const market = MARKETS.find((each) => ARCHIVE_ROOTS[each] === root)!;
  const tier = tierName as ArchiveTier;
  const symbol = ofCandles ?? ofTrades!;
  const interval = name === undefined ? null : BY_NAME.get(name);
  const head = `${symbol}-${name ?? 'aggTrades'}-`;
  if (interval === undefined || !stem!.startsWith(head)) return null;
  const date = stem!.slice(head.length);
  const range = date.length === (tier === 'daily' ? 10 : 7) ? periodOf(date) : null;
  if (!range || (interval && !hasFiles(market, tier, interval))) return null;
  const kind = interval ? 'klines' : 'aggTrades';
  return { market, tier, kind, symbol, interval, range, stem: stem!, checksum: checksum !== undefined };
}

/** The key of a file of spot candles. */
export function spotCandlesKey(tier: ArchiveTier, symbol: string, interval: string, date: string): string {
  return `${ARCHIVE_ROOTS.spot}${tier}/klines/${symbol}/${interval}/${symbol}-${interval}-${date}.zip`;
}

/** When a file of the period appears. `lastClose` is the end of its last candle, which may lie behind the period. */
export function publishedAt(tier: ArchiveTier, range: Range, lastClose: number, options: PublicationOptions): number {
  const { dailyDelayMs = 4 * HOUR_MS, monthlyDelayMs } = options;
  if (tier === 'daily') return range.to + dailyDelayMs;
  const rule = monthlyDelayMs === undefined ? firstMonday(range.to) + 4 * HOUR_MS : range.to + monthlyDelayMs;
  return Math.max(rule, lastClose + Math.min(4 * HOUR_MS, monthlyDelayMs ?? 4 * HOUR_MS));
}

function firstMonday(monthStart: number): number {
  const weekday = new Date(monthStart).getUTCDay();
  return monthStart + ((8 - weekday) % 7) * DAY_MS;
}
