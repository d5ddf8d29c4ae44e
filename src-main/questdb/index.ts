export type { QuestDbAddress } from './address';
export type { ReadOptions } from './store/candle-reader';
export { candleTableStatement } from './store/candle-tables';
export { EMPTY_CONTENT, type SeriesContent } from './store/content';
export { encodeCandleLines, type LineTarget } from './store/encode-candle-lines';
export { IlpWriter, type IlpWriterOptions } from './store/ilp-writer';
export type { LedgerEntry } from './store/ledger';
export { QuestDbStore, type StoreOptions, type TableOverview } from './store/quest-db-store';
