import { AppError, type ExchangeStatus, type SymbolInfo } from '@shared/contract';
import { isSymbol, type Market } from '@shared/market';
import type { ExchangeAccess } from '../backfill';
import { ArchiveClient, type BinanceEndpoints, BinanceRest, WeightLimiter } from '../binance';
import { launchPracticeExchange, type PracticeProcessHandle } from '../practice';
import { nearestNames } from './nearest-names';

/** How long a list of symbols stays good; new listings are announced days ahead. */
const SYMBOLS_TTL_MS = 10 * 60_000;
/** Spot's budget per minute until the exchange itself says otherwise. */
const FIRST_WEIGHT_LIMIT = 6_000;

interface MarketAccess {
  rest: BinanceRest;
  limiter: WeightLimiter;
  symbols: Promise<SymbolInfo[]> | null;
  symbolsAt: number;
}

export interface ExchangeOptions {
  endpoints: BinanceEndpoints;
  weightShare: number;
  practice: boolean;
  /** Folder of real archive files that the practice exchange serves in place of its own. */
  practiceData?: string;
  onStatus?: (status: ExchangeStatus) => void;
}

/** Binance, or the practice exchange in a thread of its own: one client and one limiter per market. */
export class Exchange implements ExchangeAccess {
  readonly #markets = new Map<Market, MarketAccess>();
  #endpoints: BinanceEndpoints;
  #archives: ArchiveClient;
  #practice: PracticeProcessHandle | null = null;
  #reachable = false;
  #serverTime: number | null = null;
  #detail: string | null = null;

  constructor(private readonly options: ExchangeOptions) {
    this.#endpoints = options.endpoints;
    this.#archives = new ArchiveClient({ archiveUrl: options.endpoints.archiveUrl });
  }

  /** Starts the practice exchange when that is the choice; Binance needs no start. */
  async open(): Promise<void> {
    if (!this.options.practice) return;
    const { practiceData } = this.options;
    this.#practice = await launchPracticeExchange(practiceData ? { dataRoot: practiceData } : {});
    const { restUrl, streamUrl, archiveUrl, archiveListUrl } = this.#practice;
    this.#endpoints = {
      rest: { spot: [restUrl], um: [restUrl], cm: [restUrl] },
      stream: { spot: [streamUrl], um: [streamUrl], cm: [streamUrl] },
      archiveUrl,
      archiveListUrl,
    };
    this.#archives = new ArchiveClient({ archiveUrl });
  }

  async close(): Promise<void> {
    await this.#practice?.close();
    this.#practice = null;
  }

  get archives(): ArchiveClient {
    return this.#archives;
  }

  rest(market: Market): BinanceRest {
    return this.#market(market).rest;
  }

  now(): number {
    return this.#market('spot').rest.now();
  }

  weightBudget(market: Market): number {
    return this.#market(market).limiter.snapshot().limit * this.options.weightShare;
  }

  async syncClock(market: Market, signal?: AbortSignal): Promise<void> {
    try {
      this.#serverTime = await this.rest(market).syncClock(signal);
      this.#reachable = true;
      this.#detail = null;
    } catch (error) {
      this.#reachable = false;
      this.#detail = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      this.options.onStatus?.(this.status());
    }
  }

  async symbols(market: Market, signal?: AbortSignal): Promise<SymbolInfo[]> {
    const access = this.#market(market);
    if (!access.symbols || Date.now() - access.symbolsAt > SYMBOLS_TTL_MS) {
      const asked = access.rest.exchangeInfo(signal).then((info) => info.symbols);
      access.symbols = asked;
      access.symbolsAt = Date.now();
      asked.catch(() => {
        if (access.symbols === asked) access.symbols = null;
      });
    }
    return access.symbols;
  }

  async symbol(market: Market, symbol: string, signal?: AbortSignal): Promise<SymbolInfo> {
    if (!isSymbol(symbol)) {
      throw new AppError(
        'usage.unknown_symbol',
        `"${symbol}" is no symbol: symbols are capital letters and digits like BTCUSDT.`,
      );
    }
    const all = await this.symbols(market, signal);
    const found = all.find((info) => info.symbol === symbol);
    if (found) return found;
    const near = nearestNames(
      symbol,
      all.map((info) => info.symbol),
    );
    const hint = near.length > 0 ? ` Close to it: ${near.join(', ')}.` : '';
    throw new AppError(
      'usage.unknown_symbol',
      `The exchange lists no symbol ${symbol} in its ${market} market.${hint}`,
      { symbol, market },
    );
  }

  status(): ExchangeStatus {
    const access = this.#market('spot');
    const { used, limit } = access.limiter.snapshot();
    return {
      reachable: this.#reachable,
      practice: this.options.practice,
      serverTime: this.#serverTime,
      clockOffsetMs: this.#serverTime === null ? null : Math.round(access.rest.clockOffsetMs),
      weight: { used, limit },
      detail: this.#detail,
    };
  }

  #market(market: Market): MarketAccess {
    let access = this.#markets.get(market);
    if (!access) {
      const limiter = new WeightLimiter({ limitPerMinute: FIRST_WEIGHT_LIMIT, share: this.options.weightShare });
      access = {
        limiter,
        rest: new BinanceRest({ market, urls: this.#endpoints.rest[market], limiter }),
        symbols: null,
        symbolsAt: 0,
      };
      this.#markets.set(market, access);
    }
    return access;
  }
}
