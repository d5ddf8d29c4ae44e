export { CoverageCache } from './coverage-cache';
export { CoverageService, type CoverageStore } from './coverage-service';
export type { CoverageFacts } from './derive-spans';
export type { LedgerView } from './ledger-view';
export type { Outage, OutageWindow } from './outage-catalogue';
