import { AppError } from '@shared/contract';
import { DAY_MS, EXCHANGE_EPOCH_MS, HOUR_MS, INTERVALS, type Interval, type Market } from '@shared/market';

/** Addresses of the exchange. Of a list, the first that can be reached is used. */
export interface BinanceEndpoints {
  rest: Record<Market, string[]>;
  stream: Record<Market, string[]>;
  archiveUrl: string;
  archiveListUrl: string;
}

export const DEFAULT_ENDPOINTS: BinanceEndpoints = {
  rest: {
    spot: ['https://data-api.binance.vision', 'https://api.binance.com'],
    um: ['https://fapi.binance.com'],
    cm: ['https://dapi.binance.com'],
  },
  stream: {
    spot: ['wss://data-stream.binance.vision', 'wss://stream.binance.com:9443'],
    um: ['wss://fstream.binance.com'],
    cm: ['wss://dstream.binance.com'],
  },
  archiveUrl: 'https://data.binance.vision',
  archiveListUrl: 'https://s3-ap-northeast-1.amazonaws.com/data.binance.vision',
};

/** Where and how a market's REST interface differs from the others'. */
export interface MarketRules {
  /** How sentences call the market. */
  name: string;
  path: { time: string; exchangeInfo: string; klines: string; aggTrades: string };
  weight: { time: number; exchangeInfo: number; aggTrades: number; klines: (limit: number) => number };
  intervals: readonly Interval[];
  /** Most rows of one klines answer. */
  klinesLimit: number;
  /** Limits that are the cheapest for their number of rows, ascending; the last gives most rows for its weight. */
  klinesSizes: readonly number[];
  /**
   * `oldest`: of too many rows in a window the oldest are answered. `newest`: the newest are, and windows are bounded in
   * length, so that no row of a window may be left over.
   */
  klinesOrder: 'oldest' | 'newest';
  /** Longest window of start and end, in ms; null when any will do. */
  klinesWindowMs: number | null;
  aggTradesLimit: number;
  /** The same for aggregate trades. */
  aggTradesWindowMs: number | null;
  /** Whether times are in microseconds when asked for by header. */
  microseconds: boolean;
  /** The market has nothing before this, epoch ms. */
  epoch: number;
  /** Weight a minute until `exchangeInfo` tells the real figure. */
  weightLimit: number;
}

const futuresKlinesWeight = (limit: number): number => (limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1000 ? 5 : 10);

const FUTURES = {
  intervals: INTERVALS.filter((interval) => interval !== '1s'),
  klinesLimit: 1500,
  // 499 rows for 2 are 249 rows a weight; 1000 give 200, 1500 give 150.
  klinesSizes: [99, 499],
  aggTradesLimit: 1000,
  // Start and end have to be less than an hour apart.
  aggTradesWindowMs: HOUR_MS - 1,
  microseconds: false,
  weightLimit: 2400,
};

export const MARKET_RULES: Record<Market, MarketRules> = {
  spot: {
    name: 'spot',
    path: {
      time: '/api/v3/time',
      exchangeInfo: '/api/v3/exchangeInfo',
      klines: '/api/v3/klines',
      aggTrades: '/api/v3/aggTrades',
    },
    weight: { time: 1, exchangeInfo: 20, aggTrades: 4, klines: () => 2 },
    intervals: INTERVALS,
    klinesLimit: 1000,
    klinesSizes: [1000],
    klinesOrder: 'oldest',
    klinesWindowMs: null,
    aggTradesLimit: 1000,
    aggTradesWindowMs: null,
    microseconds: true,
    epoch: EXCHANGE_EPOCH_MS,
    weightLimit: 6000,
  },
  um: {
    ...FUTURES,
    name: 'USD-M futures',
    path: {
      time: '/fapi/v1/time',
      exchangeInfo: '/fapi/v1/exchangeInfo',
      klines: '/fapi/v1/klines',
      aggTrades: '/fapi/v1/aggTrades',
    },
    weight: { time: 1, exchangeInfo: 1, aggTrades: 20, klines: futuresKlinesWeight },
    klinesOrder: 'oldest',
    klinesWindowMs: null,
    epoch: EXCHANGE_EPOCH_MS,
  },
  cm: {
    ...FUTURES,
    name: 'COIN-M futures',
    path: {
      time: '/dapi/v1/time',
      exchangeInfo: '/dapi/v1/exchangeInfo',
      klines: '/dapi/v1/klines',
      aggTrades: '/dapi/v1/aggTrades',
    },
    weight: { time: 1, exchangeInfo: 1, aggTrades: 20, klines: futuresKlinesWeight },
    klinesOrder: 'newest',
    klinesWindowMs: 200 * DAY_MS,
    // The first candles of this market are of June 2020.
    epoch: Date.UTC(2020, 0, 1),
  },
};

/** The limit to ask klines with when `rows` are still wanted: the cheapest that covers them, else the best value. */
export function klinesLimitFor(rules: MarketRules, rows: number): number {
  const { klinesSizes } = rules;
  return klinesSizes.find((size) => size >= rows) ?? klinesSizes[klinesSizes.length - 1]!;
}

/** What paging through a stretch of so many bars costs when all of them exist. */
export function klinesCost(market: Market, bars: number): { requests: number; weight: number } {
  const rules = MARKET_RULES[market];
  let requests = 0;
  let weight = 0;
  // Where the oldest rows are answered, a full page is not known to be the last one.
  const atLeast = rules.klinesOrder === 'oldest' ? 0 : 1;
  for (let left = bars; left >= atLeast; ) {
    const limit = klinesLimitFor(rules, left + 1);
    requests++;
    weight += rules.weight.klines(limit);
    const rows = rules.klinesOrder === 'oldest' ? limit : limit - 1;
    if (left < rows) break;
    left -= rows;
  }
  return { requests, weight };
}

/** Throws `usage.interval_not_offered` when the market has no candles of this length. */
export function requireInterval(market: Market, interval: Interval): void {
  const { intervals, name } = MARKET_RULES[market];
  if (intervals.includes(interval)) return;
  throw new AppError(
    'usage.interval_not_offered',
    `Binance has no ${interval} candles of ${name}; the shortest are ${intervals[0]}. Choose another interval, or spot.`,
    { market, interval },
  );
}
