import type { Market } from '@shared/market';

/** Rows of one request that a long range is fetched with; futures reward 499 (facts: 249 rows a weight, 200 at 1000). */
const PAGE_BARS: Record<Market, number> = { spot: 1000, um: 499, cm: 499 };
/** COIN-M answers for no longer window. */
const MOST_WINDOW_MS = 200 * 86_400_000;

export interface RestCost {
  requests: number;
  weight: number;
}

export function restPageBars(market: Market): number {
  return PAGE_BARS[market];
}

/** Requests and weight of a run of REST requests for so many bars that span so many milliseconds. */
export function restCost(market: Market, bars: number, spanMs: number): RestCost {
  const pageBars = PAGE_BARS[market];
  const windows = market === 'cm' ? Math.ceil(spanMs / MOST_WINDOW_MS) : 1;
  const requests = Math.max(1, windows, Math.ceil(bars / pageBars));
  const whole = Math.floor(bars / pageBars);
  const weight = whole * weightOf(market, pageBars) + (requests - whole) * weightOf(market, bars - whole * pageBars);
  return { requests, weight };
}

/** Weight of a klines request by its number of rows (facts: spot always 2, futures by class of `limit`). */
function weightOf(market: Market, rows: number): number {
  return market !== 'spot' && rows < 100 ? 1 : 2;
}
