import type { PlannedPage, SourceChoice } from '@shared/contract';
import {
  countBars,
  DAY_MS,
  type Grid,
  HOUR_MS,
  intersectRanges,
  type Market,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  subtractRanges,
  type TradeSeries,
} from '@shared/market';
import { archiveFileName, MARKET_RULES } from '../binance';
import { daysOf, isDailyPublished } from './publication';
import { ARCHIVE_FILE_COST, REST_WEIGHT_COST } from './rest-cost';

/** As the cost model of candles: a request counts by its weight, a file by its rows, in milliseconds of a calm connection. */
const ARCHIVE_COST_PER_TRADE = 0.0015;
const REST_BYTES_PER_TRADE = 110;
const ARCHIVE_BYTES_PER_TRADE = 11;
/** A look at its size, the file and its CHECKSUM. */
const ARCHIVE_REQUESTS = 3;
/** Whole requests that one lane makes in a row: a long range is shared by lanes, and an interruption loses little. */
const REQUESTS_IN_A_ROW = 20;
/** However quiet a symbol is, one page is of no more than this. */
const LONGEST_PAGE_MS = 7 * DAY_MS;
/** Futures serve about the last day of trades. What is older than this has to come from files. */
const FUTURES_AT_REST_MS = 20 * HOUR_MS;

export interface TradePlanOptions {
  source: SourceChoice;
  now: number;
  without?: ReadonlySet<string>;
  /** Trades that a minute is expected to have. */
  perMinute: number;
  /** Minutes of which an archive cannot have what is missing. */
  onlyAtRest: readonly Range[];
}

/**
 * Pages that fetch exactly `wanted` (ranges of whole minutes): daily files, since monthly ones have gigabytes, and REST for what is
 * too young for them, too little to be worth one, or what they lack. Pure: the same input, the same plan.
 */
export function planTradePages(
  series: TradeSeries,
  grid: Grid,
  wanted: readonly Range[],
  options: TradePlanOptions,
): PlannedPage[] {
  const { market, symbol } = series;
  const { source, now, perMinute, onlyAtRest, without } = options;
  const pages: PlannedPage[] = [];
  const forRest: Range[] = [];
  for (const day of daysOf(subtractRanges(wanted, onlyAtRest))) {
    const inDay = intersectRanges(subtractRanges(wanted, onlyAtRest), [day.range]);
    const file = archiveFileName(symbol, 'aggTrade', day.period);
    const usable = source !== 'rest' && isDayArchived(market, day.range, now) && !without?.has(file);
    const isOld = market !== 'spot' && day.range.from + FUTURES_AT_REST_MS < now;
    const minutes = minutesIn(grid, inDay);
    const fileCost = ARCHIVE_FILE_COST + ((perMinute * DAY_MS) / MINUTE_MS) * ARCHIVE_COST_PER_TRADE;
    if (usable && (source === 'archive' || isOld || fileCost <= restTime(market, inDay.length, minutes * perMinute)))
      pages.push({
        tier: 'archiveDaily',
        range: { from: inDay[0]!.from, to: inDay[inDay.length - 1]!.to },
        bars: minutes,
        file,
        estimatedTrades: Math.round(minutes * perMinute),
      });
    else forRest.push(...inDay);
  }
  if (source !== 'archive')
    for (const range of normalizeRanges([...forRest, ...intersectRanges(wanted, onlyAtRest)]))
      pages.push(...restPages(grid, range, perMinute));
  return pages.sort((a, b) => a.range.from - b.range.from);
}

/** Futures have nothing between the end of REST's day and the file, so that is looked for as soon as its day is over. */
function isDayArchived(market: Market, day: Range, now: number): boolean {
  return market === 'spot' ? isDailyPublished(day, now) : day.to <= now;
}

function restTime(market: Market, ranges: number, trades: number): number {
  return requestsFor(ranges, trades) * MARKET_RULES[market].weight.aggTrades * REST_WEIGHT_COST;
}

function requestsFor(ranges: number, trades: number): number {
  return ranges + Math.floor(trades / MARKET_RULES.spot.aggTradesLimit);
}

function restPages(grid: Grid, range: Range, perMinute: number): PlannedPage[] {
  const rows = REQUESTS_IN_A_ROW * MARKET_RULES.spot.aggTradesLimit;
  const minutes = Math.max(1, Math.floor(rows / Math.max(perMinute, Number.EPSILON)));
  const length = Math.min(LONGEST_PAGE_MS, minutes * MINUTE_MS);
  const pages: PlannedPage[] = [];
  for (let from = range.from; from < range.to; from += length) {
    const page = { from, to: Math.min(range.to, from + length) };
    const bars = countBars(grid, page);
    pages.push({ tier: 'rest', range: page, bars, file: null, estimatedTrades: Math.round(bars * perMinute) });
  }
  return pages;
}

/** What a page is expected to cost. */
export function tradePageCost(
  market: Market,
  { tier, estimatedTrades = 0 }: PlannedPage,
): { requests: number; weight: number; bytes: number } {
  if (tier !== 'rest')
    return { requests: ARCHIVE_REQUESTS, weight: 0, bytes: Math.round(estimatedTrades * ARCHIVE_BYTES_PER_TRADE) };
  const requests = requestsFor(1, estimatedTrades);
  return {
    requests,
    weight: requests * MARKET_RULES[market].weight.aggTrades,
    bytes: Math.round(estimatedTrades * REST_BYTES_PER_TRADE),
  };
}

function minutesIn(grid: Grid, ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + countBars(grid, range), 0);
}
