import type { CandleLife, SymbolInfo } from '@shared/contract';
import type { Interval, Market } from '@shared/market';
import type { ArchiveClient, BinanceRest } from '../binance';

/** The exchange as a backfill uses it; composed by the core. */
export interface ExchangeAccess {
  rest(market: Market): BinanceRest;
  readonly archives: ArchiveClient;
  /** Weight that may be used in a minute; undefined where nobody knows. */
  weightBudget?(market: Market): number | undefined;
  /** Why nothing is sent to the market's REST for a while, in a sentence; null when it may be asked. */
  blockedBecause(market: Market): string | null;
  /** Exchange time in milliseconds, by the last measured offset of our clock. */
  now(): number;
  /** Asks the exchange for its time; throws `exchange.unreachable`. */
  syncClock(market: Market, signal?: AbortSignal): Promise<void>;
  /** The symbol as the exchange lists it, or `GONE` when only the archive has it; throws `usage.unknown_symbol`. */
  symbol(market: Market, symbol: string, signal?: AbortSignal): Promise<SymbolInfo>;
  /** Whether only the archive still has the symbol, as far as that was asked before; asks nobody. */
  isGone(market: Market, symbol: string): boolean;
  /** First and last possible candle of a symbol: of the exchange, or of the archive for one that is gone. */
  candleLife(market: Market, symbol: string, interval: Interval, signal?: AbortSignal): Promise<CandleLife>;
}
