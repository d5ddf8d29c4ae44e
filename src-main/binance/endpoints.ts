import type { Market } from '@shared/market';

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
  path: { time: string; exchangeInfo: string; klines: string };
  weight: { time: number; exchangeInfo: number; klines: (limit: number) => number };
  /** Most rows of one klines answer. */
  klinesLimit: number;
  /** Weight a minute until `exchangeInfo` tells the real figure. */
  weightLimit: number;
}

const futuresKlinesWeight = (limit: number): number => (limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1000 ? 5 : 10);

export const MARKET_RULES: Record<Market, MarketRules> = {
  spot: {
    path: { time: '/api/v3/time', exchangeInfo: '/api/v3/exchangeInfo', klines: '/api/v3/klines' },
    weight: { time: 1, exchangeInfo: 20, klines: () => 2 },
    klinesLimit: 1000,
    weightLimit: 6000,
  },
  um: {
    path: { time: '/fapi/v1/time', exchangeInfo: '/fapi/v1/exchangeInfo', klines: '/fapi/v1/klines' },
    weight: { time: 1, exchangeInfo: 1, klines: futuresKlinesWeight },
    klinesLimit: 1500,
    weightLimit: 2400,
  },
  cm: {
    path: { time: '/dapi/v1/time', exchangeInfo: '/dapi/v1/exchangeInfo', klines: '/dapi/v1/klines' },
    weight: { time: 1, exchangeInfo: 1, klines: futuresKlinesWeight },
    klinesLimit: 1500,
    weightLimit: 2400,
  },
};
