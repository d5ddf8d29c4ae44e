import type { Market } from '@shared/market';
import type { FaultRule } from './fault-rules';
import type { FaultStorm } from './storm';

/** What the practice exchange is made of. Everything has a default; two exchanges with equal options serve equal bytes. */
export interface PracticeOptions {
  host?: '127.0.0.1';
  /** 0 (the default) takes a free port. */
  port?: number;
  /** Folder searched for real archive files; they replace the generated ones byte for byte, and REST serves their rows. */
  dataRoot?: string;
  /** Source of real time in epoch ms. */
  now?: () => number;
  /** The exchange's clock is this much ahead of `now`. With a large value the exchange lives in another year. */
  clockSkewMs?: number;
  /** Exchange milliseconds per real millisecond; 60 closes a 1m candle every second. */
  clockRate?: number;
  seed?: number;
  /** Added before every HTTP answer. */
  latencyMs?: number;
  /** Request weight of spot per minute (default 6000). */
  weightLimit?: number;
  /** The same of USD-M and of COIN-M, each of them (default 2400). */
  futuresWeightLimit?: number;
  /** Answers of 429 within one minute after which the caller is banned with 418 (default 10). */
  strikesBeforeBan?: number;
  /** Symbols beside the built-in ones; a bare name is listed on 2020-01-01 and trades around 1.0. */
  extraSymbols?: readonly (string | ExtraSymbol)[];
  /** REST serves the off-grid 1m candles of 2017-12 and 2018-02 as the monthly archive does (default: aligned ones). */
  offGridRest?: boolean;
  /** How far back aggregate trades of futures go over REST (default: to the listing). */
  futuresTradesDepthMs?: number;
  /** Now and then a busy minute has all its trades one by one, over a thousand of them in one millisecond (default false). */
  tradeCrowds?: boolean;
  publication?: PublicationOptions;
  /** Memory for generated archive files in bytes (default 64 MiB). */
  archiveCacheBytes?: number;
  stream?: StreamOptions;
  faults?: readonly (FaultRule | FaultStorm)[];
}

export interface ExtraSymbol {
  symbol: string;
  /** Spot when absent. A contract of COIN-M is worth ten dollars. */
  market?: Market;
  baseAsset?: string;
  quoteAsset?: string;
  /** Opens of the first and last 1m candle, epoch ms. */
  listedAt?: number;
  lastCandleAt?: number;
  price?: number;
  /** Share of minutes without trades, 0 to 1. */
  quiet?: number;
  /** Only the archive still has it; REST and exchangeInfo know it no more. */
  gone?: boolean;
}

export interface PublicationOptions {
  /** From the end of the day until its file is there (default 4 h). */
  dailyDelayMs?: number;
  /** From the end of the month until its file is there; by default it appears on the first Monday at 04:00 UTC. */
  monthlyDelayMs?: number;
}

/** Times are milliseconds; push and lifetime count on the exchange's clock, the others in real time. */
export interface StreamOptions {
  /** At most one frame per candle and period (default 2000; 1000 for `1s`). */
  pushMs?: number;
  /** Closing frames come up to this long after the close (default 2000). */
  finalDelayMs?: number;
  /** One of four closing frames of candles without trades never comes, as on the real exchange (default true). */
  silentQuietFinals?: boolean;
  /** How often the feed looks at the clock (default: derived from the push period and the clock rate). */
  tickMs?: number;
  pingMs?: number;
  pongTimeoutMs?: number;
  messagesPerSecond?: number;
  maxStreams?: number;
  lifetimeMs?: number;
  connectionsPer5Minutes?: number;
}
