import { performance } from 'node:perf_hooks';
import { AppError, type SymbolInfo } from '@shared/contract';
import {
  type CandleColumns,
  createCandleColumns,
  EXCHANGE_EPOCH_MS,
  floorToGrid,
  gridOf,
  type Interval,
  intervalMs,
  type Market,
  type Range,
  sliceCandles,
  threeDayPhaseOf,
} from '@shared/market';
import { MARKET_RULES, type MarketRules } from './endpoints';
import { ExchangeClock } from './exchange-clock';
import { parseExchangeInfo } from './exchange-info';
import { type CallOptions, ExchangeRequests, type Logger } from './exchange-requests';
import { AxiosHttpClient, type HttpClient } from './http-client';
import { parseKlineRows } from './kline-rows';
import { DEFAULT_RETRY, type RetryPolicy, realSleep, type Sleep } from './retry';
import type { WeightLimiter } from './weight-limiter';

export interface BinanceRestOptions {
  market: Market;
  /** Base addresses; the second is tried when the first cannot be reached, and so on. */
  urls: readonly string[];
  limiter: WeightLimiter;
  http?: HttpClient;
  retry?: Partial<RetryPolicy>;
  now?: () => number;
  sleep?: Sleep;
  random?: () => number;
  logger?: Logger;
}

export interface KlinesPage {
  /** Closed candles only, judged by the exchange's clock; ascending; their opens lie in the asked range. */
  candles: CandleColumns;
  /**
   * The part of the asked range that this answer settles: bars in it that are not among the candles do not exist at the
   * exchange. It starts where the asked range does. Behind a full page it ends 1 ms after the last open, where the next page
   * has to start; it never reaches into bars that were not closed.
   */
  settled: Range;
  /** Exchange time at which the request left. */
  askedAt: number;
  /** Path and query, for evidence. */
  request: string;
  findings: string[];
}

export interface KlinesRequest {
  symbol: string;
  interval: Interval;
  /** Half-open range of opens, epoch ms. */
  from: number;
  to: number;
  /** Rows a page; the market's most when not given. */
  limit?: number;
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

  constructor(options: BinanceRestOptions) {
    const { market, urls, limiter, now = Date.now } = options;
    this.market = market;
    this.#rules = MARKET_RULES[market];
    this.#limiter = limiter;
    this.#clock = new ExchangeClock(now, options.now ?? (() => performance.now()));
    this.#requests = new ExchangeRequests({
      urls,
      setting: `binance.${market}.restUrl`,
      limiter,
      http: options.http ?? new AxiosHttpClient(),
      retry: { ...DEFAULT_RETRY, ...options.retry },
      now,
      sleep: options.sleep ?? realSleep,
      random: options.random ?? Math.random,
      logger: options.logger ?? null,
    });
  }

  /** Asks for the exchange's time and keeps the offset; answers that time as of now. */
  async syncClock(signal?: AbortSignal): Promise<number> {
    const { path, weight } = this.#rules;
    const reply = await this.#requests.get(path.time, weight.time, { signal, ...IMPATIENT });
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
    return { symbols: info.symbols, serverTime: info.serverTime, weightLimit: limit };
  }

  /** One request. See `KlinesPage` for what its answer means. */
  async klinesPage(request: KlinesRequest, options: CallOptions = {}): Promise<KlinesPage> {
    const { symbol, interval } = request;
    const from = Math.max(0, Math.ceil(request.from));
    const to = Math.max(from, Math.ceil(request.to));
    const limit = Math.min(Math.max(1, Math.floor(request.limit ?? Number.POSITIVE_INFINITY)), this.#rules.klinesLimit);
    this.#requirePagingForward();
    await this.#ensureClock(options.signal);
    if (to <= EXCHANGE_EPOCH_MS || from === to) return this.#emptyPage({ from, to });

    const target = this.#klinesTarget(symbol, interval, limit, Math.max(from, EXCHANGE_EPOCH_MS), to - 1);
    const reply = await this.#requests.get(target, this.#rules.weight.klines(limit), options);
    const { candles, findings } = parseKlineRows(reply.json, { interval, range: { from, to }, source: target });
    const settledTo = candles.rows < limit ? to : candles.openTime[candles.rows - 1]! + 1;
    const open = runningOpen(interval, candles, this.#clock.earliestAt(reply.sentAt));
    let closed = candles.rows;
    while (closed > 0 && candles.openTime[closed - 1]! >= open) closed--;
    return {
      candles: sliceCandles(candles, 0, closed),
      settled: { from, to: Math.max(from, Math.min(settledTo, open)) },
      askedAt: reply.sentAt + this.#clock.offsetMs,
      request: target,
      findings,
    };
  }

  /**
   * Pages through a half-open range of opens up to the newest closed candle. The pages' settled ranges follow each other
   * without overlap; no candle comes twice, and none is skipped.
   */
  async *klines(
    request: { symbol: string; interval: Interval; range: Range; limit?: number },
    options: CallOptions = {},
  ): AsyncGenerator<KlinesPage, void, void> {
    const { range, ...rest } = request;
    await this.#ensureClock(options.signal);
    for (let cursor = range.from; cursor < range.to; ) {
      // A bar that opens later than this is not closed whatever its grid: asking for it would fetch nothing.
      if (cursor + shortestBarMs(request.interval) > this.#clock.now()) return;
      const page = await this.klinesPage({ ...rest, from: cursor, to: range.to }, options);
      if (page.settled.to <= cursor) return;
      yield page;
      // Only a full page leaves something behind it; any other has reached the end or the running candle.
      const last = page.candles.openTime[page.candles.rows - 1];
      if (page.settled.to >= range.to || last === undefined || page.settled.to !== last + 1) return;
      cursor = page.settled.to;
    }
  }

  /** Open of the very first candle of a symbol; null while it has none. */
  async firstCandle(symbol: string, interval: Interval, options: CallOptions = {}): Promise<number | null> {
    return this.#oneCandle(symbol, interval, '&startTime=0', options);
  }

  /** Open of the newest candle, the running one included; for a symbol that is gone, its last. Null while it has none. */
  async lastCandle(symbol: string, interval: Interval, options: CallOptions = {}): Promise<number | null> {
    return this.#oneCandle(symbol, interval, '', options);
  }

  async #oneCandle(symbol: string, interval: Interval, bound: string, options: CallOptions): Promise<number | null> {
    this.#requirePagingForward();
    const { path, weight } = this.#rules;
    const target = `${path.klines}?symbol=${encodeURIComponent(symbol)}&interval=${interval}${bound}&limit=1`;
    const reply = await this.#requests.get(target, weight.klines(1), options);
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const { candles } = parseKlineRows(reply.json, { interval, range, source: target });
    return candles.openTime[0] ?? null;
  }

  #klinesTarget(symbol: string, interval: Interval, limit: number, startTime: number, endTime: number): string {
    const { klines } = this.#rules.path;
    return `${klines}?symbol=${encodeURIComponent(symbol)}&interval=${interval}&startTime=${startTime}&endTime=${endTime}&limit=${limit}`;
  }

  #emptyPage(range: Range): KlinesPage {
    return {
      candles: createCandleColumns(0),
      settled: range,
      askedAt: this.#clock.now(),
      request: 'no request: the exchange has nothing before 2017',
      findings: [],
    };
  }

  async #ensureClock(signal?: AbortSignal): Promise<void> {
    if (this.#clock.isStale()) await this.syncClock(signal);
  }

  /** COIN-M pages hold the newest rows of a range, so paging forward would skip rows without a sign. */
  #requirePagingForward(): void {
    if (this.market !== 'cm') return;
    throw new AppError('usage.market_not_supported', 'Candles of COIN-M futures cannot be fetched yet; use spot.');
  }
}

/** Months differ; no bar of an interval is shorter than this. */
function shortestBarMs(interval: Interval): number {
  return interval === '1M' ? 28 * 86_400_000 : intervalMs(interval);
}

/** The moment before which every bar that opens was closed at `now`. */
function runningOpen(interval: Interval, candles: CandleColumns, now: number): number {
  if (interval !== '3d') return floorToGrid(gridOf(interval), now);
  const first = candles.openTime[0];
  // The phase of 3d bars is known from any row only; without one, the latest open that must be closed has to do.
  if (first === undefined) return Math.floor(now) - intervalMs('3d') + 1;
  return floorToGrid(gridOf('3d', threeDayPhaseOf(first)), now);
}
