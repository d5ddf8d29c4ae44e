import { AppError, type CandleLife, type ExchangeStatus, type SymbolInfo, type Universe } from '@shared/contract';
import { GONE, type Interval, isSymbol, MARKETS, type Market } from '@shared/market';
import type { ExchangeAccess } from '../backfill';
import {
  ArchiveClient,
  ArchiveListing,
  type BinanceEndpoints,
  BinanceRest,
  candleLifeOf,
  goneSymbol,
  LimiterMemory,
  loadUniverse,
  MARKET_RULES,
  MeasuredHttpClient,
  type Patience,
  WeightLimiter,
} from '../binance';
import { type Metrics, NO_METRICS, type WeightReading } from '../metrics';
import { launchPracticeExchange, type PracticeProcessHandle } from '../practice';
import { type Kept, keep, withSignal } from './kept-answer';
import { nearestNames } from './nearest-names';

/** A limiter's state goes to the disk at most so often, and at once when a block begins or ends. */
const REMEMBER_EVERY_MS = 2_000;

interface MarketAccess {
  rest: BinanceRest;
  limiter: WeightLimiter;
  universe: Kept<Universe> | null;
  symbols: Kept<SymbolInfo[]> | null;
  /** Symbols that the exchange does not list and the archive was asked about. */
  readonly gone: Map<string, Kept<SymbolInfo | null>>;
}

export interface ExchangeOptions {
  endpoints: BinanceEndpoints;
  weightShare: number;
  practice: boolean;
  /** Where limiters remember what they spent and how long they are blocked; they start anew without it. */
  limiterFile?: string;
  patience?: Partial<Patience>;
  /** Folder of real archive files that the practice exchange serves in place of its own. */
  practiceData?: string;
  onStatus?: (status: ExchangeStatus) => void;
  metrics?: Metrics;
}

/** Binance, or the practice exchange in a thread of its own: one client and one limiter per market. */
export class Exchange implements ExchangeAccess {
  readonly #markets = new Map<Market, MarketAccess>();
  #endpoints: BinanceEndpoints;
  #archives: ArchiveClient;
  #listing: ArchiveListing;
  readonly #memory: LimiterMemory | null;
  #remembered: Awaited<ReturnType<LimiterMemory['read']>> = {};
  readonly #metrics: Metrics;
  #practice: PracticeProcessHandle | null = null;
  readonly #goneNames = new Set<string>();
  readonly #closing = new AbortController();
  #reachable = false;
  #serverTime: number | null = null;
  #detail: string | null = null;

  constructor(private readonly options: ExchangeOptions) {
    this.#endpoints = options.endpoints;
    this.#metrics = options.metrics ?? NO_METRICS;
    this.#archives = this.#archiveClient(options.endpoints.archiveUrl);
    this.#metrics.watchWeights(() => this.weights());
    this.#listing = this.#archiveListing(options.endpoints.archiveListUrl);
    // The practice exchange has another address each time.
    this.#memory = options.limiterFile && !options.practice ? new LimiterMemory(options.limiterFile) : null;
  }

  /** Starts the practice exchange when that is the choice; Binance needs no start. */
  async open(): Promise<void> {
    // What cannot be read was caution for minutes.
    this.#remembered = (await this.#memory?.read().catch(() => ({}))) ?? {};
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
    this.#archives = this.#archiveClient(archiveUrl);
    this.#listing = this.#archiveListing(archiveListUrl);
  }

  async close(): Promise<void> {
    this.#closing.abort();
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

  blockedBecause(market: Market): string | null {
    return this.#markets.get(market)?.limiter.snapshot().blockedBecause ?? null;
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
    const ask = () => access.rest.exchangeInfo(this.#closing.signal).then((info) => info.symbols);
    access.symbols = keep(access.symbols, ask);
    return withSignal(access.symbols.value, signal);
  }

  /** Every symbol of the market, those that only the archive still knows included. */
  async universe(market: Market, signal?: AbortSignal): Promise<Universe> {
    const access = this.#market(market);
    const ask = () => loadUniverse(access.rest, this.#listing, { signal: this.#closing.signal });
    access.universe = keep(access.universe, ask);
    return withSignal(access.universe.value, signal);
  }

  /** First candle of a symbol, and the last of one that has ended; asked of the exchange each time. */
  async candleLife(market: Market, symbol: string, interval: Interval, signal?: AbortSignal): Promise<CandleLife> {
    const found = await this.symbol(market, symbol, signal);
    const sources = { rest: this.rest(market), listing: this.#listing };
    return candleLifeOf(found, interval, sources, signal ? { signal } : {});
  }

  /** As the exchange lists it, or with the status `GONE` when only the archive still has it. Throws `usage.unknown_symbol`. */
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
    let doubt = '';
    try {
      const gone = await this.#goneSymbol(market, symbol, all, signal);
      if (gone) return gone;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      doubt = ` Whether the archive still has it could not be learned: ${error.message}`;
    }
    const near = nearestNames(
      symbol,
      all.map((info) => info.symbol),
    );
    const hint = near.length > 0 ? ` Close to it: ${near.join(', ')}.` : '';
    throw new AppError(
      'usage.unknown_symbol',
      `Neither the exchange nor its archive has a symbol ${symbol} in the ${market} market.${hint}${doubt}`,
      { symbol, market },
    );
  }

  /** Whether only the archive still has the symbol, as far as this program was told so already. */
  isGone(market: Market, symbol: string): boolean {
    return this.#goneNames.has(`${market} ${symbol}`);
  }

  async #goneSymbol(
    market: Market,
    symbol: string,
    listed: readonly SymbolInfo[],
    signal: AbortSignal | undefined,
  ): Promise<SymbolInfo | null> {
    const access = this.#market(market);
    const inUniverse = (await access.universe?.value.catch(() => null))?.symbols.find((each) => each.symbol === symbol);
    const ask = async () => {
      if (inUniverse?.status === GONE) return inUniverse;
      const has = await this.#listing.has(market, symbol, { signal: this.#closing.signal });
      const quotes = [...new Set(listed.map(({ quoteAsset }) => quoteAsset))];
      return has ? goneSymbol(market, symbol, quotes) : null;
    };
    const kept = keep(access.gone.get(symbol) ?? null, ask);
    access.gone.set(symbol, kept);
    const gone = await withSignal(kept.value, signal);
    if (gone) this.#goneNames.add(`${market} ${symbol}`);
    return gone;
  }

  status(): ExchangeStatus {
    const access = this.#market('spot');
    const { used, limit } = access.limiter.snapshot();
    const markets = MARKETS.flatMap((market) => {
      const known = this.#markets.get(market);
      return known ? [{ market, share: this.options.weightShare, ...known.limiter.snapshot() }] : [];
    });
    return {
      reachable: this.#reachable,
      practice: this.options.practice,
      serverTime: this.#serverTime,
      clockOffsetMs: this.#serverTime === null ? null : Math.round(access.rest.clockOffsetMs),
      weight: { used, limit },
      markets,
      detail: this.#detail,
    };
  }

  /** Request weight of the markets that were used so far. */
  weights(): WeightReading[] {
    return [...this.#markets].map(([market, { limiter, rest }]) => {
      const { used, limit, blockedUntil } = limiter.snapshot();
      const blockedSeconds = blockedUntil === null ? 0 : Math.max(0, (blockedUntil - rest.now()) / 1000);
      return { market, used, limit, budget: limit * this.options.weightShare, blockedSeconds };
    });
  }

  get #patience(): { patience?: Partial<Patience> } {
    const { patience } = this.options;
    return patience ? { patience } : {};
  }

  #archiveClient(archiveUrl: string): ArchiveClient {
    const http = new MeasuredHttpClient('archive', this.#metrics);
    return new ArchiveClient({ archiveUrl, http, ...this.#patience });
  }

  #archiveListing(archiveListUrl: string): ArchiveListing {
    const http = new MeasuredHttpClient('archive_list', this.#metrics);
    return new ArchiveListing({ archiveListUrl, http, ...this.#patience });
  }

  #market(market: Market): MarketAccess {
    let access = this.#markets.get(market);
    if (!access) {
      const limiter = new WeightLimiter({
        limitPerMinute: MARKET_RULES[market].weightLimit,
        share: this.options.weightShare,
      });
      this.#remember(`${market} ${this.#endpoints.rest[market][0]}`, limiter);
      access = {
        limiter,
        rest: new BinanceRest({
          market,
          urls: this.#endpoints.rest[market],
          limiter,
          http: new MeasuredHttpClient(`rest:${market}`, this.#metrics),
          ...this.#patience,
        }),
        universe: null,
        symbols: null,
        gone: new Map(),
      };
      this.#markets.set(market, access);
    }
    return access;
  }

  /** A ban outlives this program, and is known to the others of the workspace. */
  #remember(key: string, limiter: WeightLimiter): void {
    const memory = this.#memory;
    if (!memory) return;
    const known = this.#remembered[key];
    if (known) limiter.restore(known);
    let writtenAt = Number.NEGATIVE_INFINITY;
    let writtenBlock = known?.blockedUntil ?? null;
    limiter.onChange(({ blockedUntil }) => {
      const now = performance.now();
      if (blockedUntil === writtenBlock && now - writtenAt < REMEMBER_EVERY_MS) return;
      writtenAt = now;
      writtenBlock = blockedUntil;
      // A full disk must not stop what the limiter is for.
      memory.write(key, limiter.state()).catch(() => undefined);
    });
  }
}
