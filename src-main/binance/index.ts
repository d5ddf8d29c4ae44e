export {
  ArchiveClient,
  type ArchiveClientOptions,
  type ArchiveDownload,
  type ArchiveFileRequest,
} from './archive-client';
export { type ArchivePeriod, archiveFileName, archiveRange } from './archive-period';
export { type ArchiveContent, type ArchiveRequest, readKlineArchive } from './archive-reader';
export { BinanceFetcher, type BinanceFetcherOptions } from './binance-fetcher';
export { type Counters, createCounters } from './counters';
export { type BinanceEndpoints, DEFAULT_ENDPOINTS } from './endpoints';
export type { HttpClient, HttpGetOptions, HttpReply } from './http-client';
export { BinanceRest, type BinanceRestOptions, type KlinesPage, type KlinesRequest } from './rest';
export { WeightLimiter, type WeightLimiterOptions, type WeightSnapshot } from './weight-limiter';
