import type { Market } from '@shared/market';
import { klinesLimitFor, MARKET_RULES } from '../binance';

/**
 * What a unit of weight and a file of the archive count in plans, in milliseconds of a calm connection. Weight counts more than the
 * time it takes, because it spends the shared budget and REST carries no checksum.
 */
export const REST_WEIGHT_COST = 105;
export const ARCHIVE_FILE_COST = 110;

export interface RestCost {
  requests: number;
  weight: number;
}

/** Rows of one request that a long range is fetched with. */
export function restPageBars(market: Market): number {
  return Math.max(...MARKET_RULES[market].klinesSizes);
}

/** Requests and weight of a run of REST requests for so many bars that span so many milliseconds. */
export function restCost(market: Market, bars: number, spanMs: number): RestCost {
  const { klinesWindowMs } = MARKET_RULES[market];
  const pageBars = restPageBars(market);
  const windows = klinesWindowMs === null ? 1 : Math.ceil(spanMs / klinesWindowMs);
  const requests = Math.max(1, windows, Math.ceil(bars / pageBars));
  const whole = Math.floor(bars / pageBars);
  const weight = whole * weightOf(market, pageBars) + (requests - whole) * weightOf(market, bars - whole * pageBars);
  return { requests, weight };
}

function weightOf(market: Market, rows: number): number {
  const rules = MARKET_RULES[market];
  return rules.weight.klines(klinesLimitFor(rules, rows));
}
