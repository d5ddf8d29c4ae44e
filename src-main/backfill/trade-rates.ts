import { AppError } from '@shared/contract';
import { seriesKey, type TradeSeries } from '@shared/market';
import type { Counters } from '../binance';
import type { CoverageService } from '../coverage';
import type { ExchangeAccess } from './exchange-access';

/** Where nobody can be asked. */
const UNKNOWN_PER_MINUTE = 100;
const GOOD_FOR_MS = 10 * 60_000;

interface Known {
  perMinute: number;
  at: number;
}

/** How many aggregate trades a minute of a symbol is expected to have: the number of requests depends on it, and only on it. */
export class TradeRates {
  readonly #asked = new Map<string, Known>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** By what is stored; else by the exchange's newest thousand, which are asked for once in ten minutes. Never throws `exchange.*`. */
  async perMinute(
    series: TradeSeries,
    { coverage, exchange }: { coverage: Pick<CoverageService, 'storedIds'>; exchange: ExchangeAccess },
    options: { signal?: AbortSignal; counters?: Counters } = {},
  ): Promise<number> {
    const stored = (await coverage.storedIds(series)).perMinute;
    if (stored !== null) return stored;
    const key = seriesKey(series);
    const known = this.#asked.get(key);
    if (known && this.now() - known.at < GOOD_FOR_MS) return known.perMinute;
    if (exchange.blockedBecause(series.market) !== null) return UNKNOWN_PER_MINUTE;
    try {
      const perMinute = (await exchange.rest(series.market).tradesPerMinute(series.symbol, options)) ?? 0;
      this.#asked.set(key, { perMinute, at: this.now() });
      return perMinute;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return UNKNOWN_PER_MINUTE;
    }
  }
}
