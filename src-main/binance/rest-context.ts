import type { Market } from '@shared/market';
import type { MarketRules } from './endpoints';
import type { ExchangeClock } from './exchange-clock';
import type { ExchangeRequests } from './exchange-requests';

/** What the parts of one market's REST interface share. */
export interface RestContext {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly requests: ExchangeRequests;
  readonly clock: ExchangeClock;
  /** Asks for the exchange's time when the last answer is too old. */
  ensureClock(signal?: AbortSignal): Promise<void>;
}
