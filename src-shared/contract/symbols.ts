import type { Market } from '../market';

export interface SymbolInfo {
  market: Market;
  symbol: string;
  baseAsset: string;
  quoteAsset: string;
  /** The exchange's word: TRADING, BREAK, HALT… */
  status: string;
  /** Futures only: PERPETUAL, CURRENT_QUARTER… */
  contractType?: string;
  /** When a contract ends, epoch ms; absent for perpetual ones and spot. */
  deliveryDate?: number;
}

/** A symbol of the universe: one that only the archive still knows has the status `GONE`. */
export interface UniverseSymbol extends SymbolInfo {
  /** Whether the archive has monthly files of candles. */
  archived: boolean;
}

export interface Universe {
  market: Market;
  /** Sorted by name. */
  symbols: UniverseSymbol[];
  /** What could not be learned, in sentences; the rest is good. */
  findings: string[];
}

/** When a symbol's candles begin and end, epoch ms. */
export interface CandleLife {
  /** Open of the first candle; null while there is none. */
  first: number | null;
  /** Open of the last candle; null for a symbol that may go on. */
  last: number | null;
  /** `archive`: the listing's first and last month, so the first and last possible opens in them. */
  source: 'rest' | 'archive';
}
