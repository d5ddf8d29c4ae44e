export { acceptGap, withdrawGap } from './accept-gap';
export { CoverageCache } from './coverage-cache';
export { CoverageService, type CoverageStore, type WantedBars } from './coverage-service';
export type { CoverageFacts } from './derive-spans';
export type { LedgerView } from './ledger-view';
export type { Stored } from './model-content';
export type { IdHole } from './trade-minutes';
