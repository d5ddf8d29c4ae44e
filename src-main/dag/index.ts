export {
  BackfillEngine,
  type BackfillEngineOptions,
  type BackfillLogEntry,
  type BackfillMetrics,
} from './backfill-engine';
export { BinanceHistoryStrategy, type SeriesHistory } from './binance-history-strategy';
export type { CacheView, CacheWindow, UpstreamView } from './cache-view';
export { candleNeeds } from './candle-needs';
export * from './history';
export { candleStream, IDENTITY, identityNode } from './identity';
export { type BuiltInFunction, type ComputeFunction, Node, type NodeOptions, ProcessingNode, SourceNode } from './node';
export { type CacheRow, NodeCache } from './node-cache';
export * from './node-ids';
export { type Moment, type OnMissing, parseInterval, parsePeriod } from './node-options';
export { Pipeline, type PipelineMessage, type PipelineOptions } from './pipeline';
export { type BacktestOptions, type BacktestReport, ensureHistory, Runner } from './runner';
export { type SerializedNode, Strategy, type StrategyOptions } from './strategy';
export { StreamInput, type StreamInputOptions } from './stream-input';
