export type { ContentDifference } from './content-difference';
export { CoverageCache } from './coverage-cache';
export { CoverageService, type CoverageStore, type Retry, type WantedBars } from './coverage-service';
export type { CoverageFacts } from './derive-spans';
export type { LedgerFold } from './ledger-view';
export type { Stored } from './model-content';
export type { Outage, OutageWindow } from './outage-catalogue';
export type { IdHole } from './trade-minutes';
