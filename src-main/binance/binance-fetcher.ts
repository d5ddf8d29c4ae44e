import { AppError } from '@shared/contract';
import { type CandleSeries, candleSeries, type Interval, intervalSeconds, type Market } from '@shared/market';
import {
  type BoundStream,
  type DataFetcher,
  type HistoryQuery,
  type HistoryRow,
  payloadAt,
  seriesOfStreamConfig,
} from '../dag';
import { DEFAULT_ENDPOINTS, MARKET_RULES } from './endpoints';
import type { CallOptions } from './exchange-requests';
import { BinanceRest } from './rest';
import { WeightLimiter } from './weight-limiter';

export interface BinanceFetcherOptions {
  /** What to fetch. Without a symbol, the config of the stream that asks says it. */
  market?: Market;
  symbol?: string;
  interval?: Interval;
  /** A client to share, so that one limiter counts for all; by default the fetcher makes its own. */
  rest?: BinanceRest;
  /** Base addresses for an own client. */
  urls?: readonly string[];
  counters?: CallOptions['counters'];
}

/**
 * QMTL's fetcher for Binance candles: rows of the inclusive range `start..end` of opens in epoch seconds. Unlike QMTL's
 * example it pages through any range, leaves the running bar out, and gives prices as numbers.
 */
export class BinanceFetcher implements DataFetcher {
  readonly #series: CandleSeries | null;
  readonly #bound = new Map<string, CandleSeries>();
  readonly #clients = new Map<Market, BinanceRest>();
  readonly #urls: readonly string[] | null;
  readonly #counters: CallOptions['counters'];

  constructor(options: BinanceFetcherOptions = {}) {
    const { market = options.rest?.market ?? 'spot', symbol, interval } = options;
    if ((symbol === undefined) !== (interval === undefined)) {
      throw new AppError('usage.bad_fetcher', 'A BinanceFetcher needs both a symbol and an interval, or neither.');
    }
    this.#series = symbol !== undefined && interval !== undefined ? candleSeries(symbol, interval, market) : null;
    this.#urls = options.urls ?? null;
    this.#counters = options.counters;
    if (options.rest) this.#clients.set(options.rest.market, options.rest);
  }

  /** Remembers which series the stream's node id stands for. */
  bindStream(stream: BoundStream): void {
    const series = seriesOfStreamConfig(stream.config);
    if (series) this.#bound.set(stream.nodeId, series);
  }

  /** Throws `usage.unknown_stream` for a node id that no series is known for, and what `BinanceRest.klines` throws. */
  async fetch(start: number, end: number, query: HistoryQuery): Promise<HistoryRow[]> {
    const series = this.#series ?? this.#bound.get(query.nodeId);
    if (!series) {
      throw new AppError(
        'usage.unknown_stream',
        `No symbol is known for the stream ${query.nodeId}. Give the BinanceFetcher {market, symbol, interval}, or the StreamInput the config {exchange, market, symbol, interval}.`,
      );
    }
    if (query.interval !== intervalSeconds(series.interval)) {
      throw new AppError(
        'usage.interval_mismatch',
        `The stream asks for bars of ${query.interval} s, but its fetcher is for ${series.symbol} ${series.interval} (${intervalSeconds(series.interval)} s).`,
      );
    }
    const range = { from: start * 1000, to: end * 1000 + 1 };
    const { symbol, interval } = series;
    const pages = this.#clientOf(series.market).klines(
      { symbol, interval, range },
      { signal: query.signal, counters: this.#counters },
    );
    const rows: HistoryRow[] = [];
    for await (const { candles } of pages) {
      for (let i = 0; i < candles.rows; i++)
        rows.push({ ts: Math.floor(candles.openTime[i]! / 1000), ...payloadAt(candles, i) });
    }
    return rows;
  }

  #clientOf(market: Market): BinanceRest {
    let client = this.#clients.get(market);
    if (!client) {
      const limiter = new WeightLimiter({ limitPerMinute: MARKET_RULES[market].weightLimit, share: 0.5 });
      client = new BinanceRest({ market, urls: this.#urls ?? DEFAULT_ENDPOINTS.rest[market], limiter });
      this.#clients.set(market, client);
    }
    return client;
  }
}
