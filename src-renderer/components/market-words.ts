import type { Market } from '@shared/market';

/** Markets as people call them. */
export const MARKET_WORDS: Record<Market, string> = { spot: 'Spot', um: 'USD-M', cm: 'COIN-M' };
