import type { SymbolInfo } from '@shared/contract';
import type { Market } from '@shared/market';
import type { ArchiveClient, BinanceRest } from '../binance';

/** The exchange as a backfill uses it; composed by the core. */
export interface ExchangeAccess {
  rest(market: Market): BinanceRest;
  readonly archives: ArchiveClient;
  /** Weight that may be used in a minute; undefined where nobody knows. */
  weightBudget?(market: Market): number | undefined;
  /** Exchange time in milliseconds, by the last measured offset of our clock. */
  now(): number;
  /** Asks the exchange for its time; throws `exchange.unreachable`. */
  syncClock(market: Market, signal?: AbortSignal): Promise<void>;
  /** The symbol as the exchange lists it; throws `usage.unknown_symbol`. */
  symbol(market: Market, symbol: string, signal?: AbortSignal): Promise<SymbolInfo>;
}
