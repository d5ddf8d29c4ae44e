export {
  AggTradeArchive,
  type AggTradeArchiveRequest,
  type AggTradeArchiveSummary,
  readAggTradeArchive,
} from './agg-trade-archive';
export type { AggTradesPage, AggTradesRequest } from './agg-trades';
export {
  ArchiveClient,
  type ArchiveClientOptions,
  type ArchiveDownload,
  type ArchiveFileRequest,
  type ArchiveHead,
} from './archive-client';
export { ArchiveListing, type ArchiveListingOptions, type ListedArchive } from './archive-listing';
export {
  type ArchiveData,
  type ArchivePeriod,
  archiveFileName,
  archiveRange,
  DAILY_DELAY_MS,
  dailyFileExpectedAt,
  hasDailyArchives,
  periodOfFileName,
} from './archive-period';
export { type ArchiveContent, type ArchiveRequest, readKlineArchive } from './archive-reader';
export { BinanceFetcher, type BinanceFetcherOptions } from './binance-fetcher';
export { type Counters, createCounters } from './counters';
export type { InexactDecimals } from './csv-bytes';
export { parseDecimal, survivesDouble } from './decimal';
export { type BinanceEndpoints, DEFAULT_ENDPOINTS, klinesLimitFor, MARKET_RULES, requireInterval } from './endpoints';
export type { HttpClient, HttpGetOptions, HttpGetter, HttpReply } from './http-client';
export type { KlinesPage, KlinesRequest } from './klines';
export { LimiterMemory } from './limiter-memory';
export type { ArchiveObject } from './listing-xml';
export { MeasuredHttpClient } from './measured-http-client';
export type { Patience } from './patience';
export { BinanceRest, type BinanceRestOptions } from './rest';
export type { SourceFinding } from './source-finding';
export { candleLifeOf, goneSymbol, loadUniverse } from './universe';
export { type LimiterState, WeightLimiter, type WeightLimiterOptions, type WeightSnapshot } from './weight-limiter';
