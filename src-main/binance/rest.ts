import { performance } from 'node:perf_hooks';
import { AppError, type SymbolInfo } from '@shared/contract';
import type { Interval, Market, Range } from '@shared/market';
import { AggTrades, type AggTradesPage, type AggTradesRequest } from './agg-trades';
import { findFirstCandle, findLastCandle } from './candle-bounds';
import { MARKET_RULES, type MarketRules } from './endpoints';
import { ExchangeClock } from './exchange-clock';
import { parseExchangeInfo } from './exchange-info';
import { type CallOptions, ExchangeRequests, type Logger } from './exchange-requests';
import { AxiosHttpClient, type HttpGetter } from './http-client';
import { Klines, type KlinesPage, type KlinesRequest } from './klines';
import { DEFAULT_PATIENCE, type Patience } from './patience';
import type { RestContext } from './rest-context';
import { DEFAULT_RETRY, type RetryPolicy, realSleep, type Sleep } from './retry';
import type { WeightLimiter } from './weight-limiter';

export interface BinanceRestOptions {
  market: Market;
  /** Base addresses; the second is tried when the first cannot be reached, and so on. */
  urls: readonly string[];
  limiter: WeightLimiter;
  http?: HttpGetter;
  retry?: Partial<RetryPolicy>;
  patience?: Partial<Patience>;
  now?: () => number;
  sleep?: Sleep;
  random?: () => number;
  logger?: Logger;
}

/** The clock is asked when a person waits: at the start, and before the first page. */
const IMPATIENT = { attempts: 3, stallMs: 5_000 };

/** REST interface of one market. Every method throws `AppError` (`usage.*`, `exchange.*`) or the reason of its signal. */
export class BinanceRest {
  readonly market: Market;
  readonly #rules: MarketRules;
  readonly #limiter: WeightLimiter;
  readonly #requests: ExchangeRequests;
  readonly #clock: ExchangeClock;
  readonly #context: RestContext;
  readonly #klines: Klines;
  readonly #aggTrades: AggTrades;

  constructor(options: BinanceRestOptions) {
    const { market, urls, limiter, now = Date.now } = options;
    const patience = { ...DEFAULT_PATIENCE, ...options.patience };
    this.market = market;
    this.#rules = MARKET_RULES[market];
    this.#limiter = limiter;
    this.#clock = new ExchangeClock(now, options.now ?? (() => performance.now()));
    this.#requests = new ExchangeRequests({
      urls,
      setting: `binance.${market}.restUrl`,
      limiter,
      http: options.http ?? new AxiosHttpClient(),
      retry: { ...DEFAULT_RETRY, baseMs: patience.firstRetryMs, ...options.retry },
      patience,
      now,
      sleep: options.sleep ?? realSleep,
      random: options.random ?? Math.random,
      logger: options.logger ?? null,
    });
    this.#context = {
      market,
      rules: this.#rules,
      requests: this.#requests,
      clock: this.#clock,
      ensureClock: async (signal) => {
        if (this.#clock.isStale()) await this.#askTime(signal, true);
      },
    };
    this.#klines = new Klines(this.#context);
    this.#aggTrades = new AggTrades(this.#context);
  }

  /** Asks for the exchange's time and keeps the offset; answers that time as of now. */
  async syncClock(signal?: AbortSignal): Promise<number> {
    await this.#askTime(signal, false);
    return this.#clock.now();
  }

  /** Exchange time, by the offset of the last `syncClock`; this machine's until there was one. */
  now(): number {
    return this.#clock.now();
  }

  /** How far the exchange's clock is ahead of this machine's; negative when it is behind. */
  get clockOffsetMs(): number {
    return this.#clock.offsetMs;
  }

  /** All symbols of the market, whatever their status. The limiter takes over the exchange's limit. */
  async exchangeInfo(
    signal?: AbortSignal,
  ): Promise<{ symbols: SymbolInfo[]; serverTime: number; weightLimit: number }> {
    const { path, weight, weightLimit } = this.#rules;
    const reply = await this.#requests.get(path.exchangeInfo, weight.exchangeInfo, { signal });
    const info = parseExchangeInfo(reply.json, this.market);
    const limit = info.weightLimit ?? weightLimit;
    this.#limiter.setLimit(limit);
    this.#limiter.setRequestLimit(info.requestLimit);
    return { symbols: info.symbols, serverTime: info.serverTime, weightLimit: limit };
  }

  /** One request. See `KlinesPage` for what its answer means. */
  klinesPage(request: KlinesRequest, options: CallOptions = {}): Promise<KlinesPage> {
    return this.#klines.page(request, options);
  }

  /**
   * Pages through a half-open range of opens up to the newest closed candle. The pages' settled ranges follow each other
   * without overlap; no candle comes twice, and none is skipped.
   */
  klines(
    request: { symbol: string; interval: Interval; range: Range; limit?: number },
    options: CallOptions = {},
  ): AsyncGenerator<KlinesPage, void, void> {
    return this.#klines.pages(request, options);
  }

  /** Open of the very first candle of a symbol; null while it has none. */
  firstCandle(symbol: string, interval: Interval, options: CallOptions = {}): Promise<number | null> {
    return findFirstCandle(this.#context, symbol, interval, options);
  }

  /** Open of the newest candle, the running one included; for a symbol that is gone, its last. Null while it has none. */
  lastCandle(symbol: string, interval: Interval, options: CallOptions = {}): Promise<number | null> {
    return findLastCandle(this.#context, symbol, interval, options);
  }

  /**
   * Aggregate trades of a half-open range of times (epoch ms), or from an id on. Pages by id, so that nothing is lost when a
   * millisecond holds more than a page. See `AggTradesPage` for what an answer means. Throws `exchange.too_old` when the
   * exchange no longer serves trades as old as that, before any page.
   */
  aggTrades(request: AggTradesRequest, options: CallOptions = {}): AsyncGenerator<AggTradesPage, void, void> {
    return this.#aggTrades.pages(request, options);
  }

  /** Aggregate trades a minute, by the newest thousand; null for a symbol without any. One request. */
  tradesPerMinute(symbol: string, options: CallOptions = {}): Promise<number | null> {
    return this.#aggTrades.perMinute(symbol, options);
  }

  async #askTime(signal: AbortSignal | undefined, waitOutBlocks: boolean): Promise<void> {
    const { path, weight } = this.#rules;
    const reply = await this.#requests.get(path.time, weight.time, { signal, ...IMPATIENT, waitOutBlocks });
    const serverTime = (reply.json as { serverTime?: unknown } | null)?.serverTime;
    if (typeof serverTime !== 'number' || !Number.isSafeInteger(serverTime)) {
      throw new AppError(
        'exchange.bad_answer',
        `${path.time} did not answer with the exchange's time. Check that binance.${this.market}.restUrl is Binance's address.`,
        { answer: reply.json },
      );
    }
    this.#clock.sync(serverTime, reply.sentAt, reply.receivedAt);
    this.#limiter.setClockOffset(this.#clock.offsetMs);
  }
}
