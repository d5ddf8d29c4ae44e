export { CoverageCache } from './coverage-cache';
export { CoverageService, type CoverageStore, missingBars } from './coverage-service';
export { barsToAsk, type CoverageFacts, deriveSpans, openOfRunningBar } from './derive-spans';
export { evidenceOf } from './evidence';
export { foldLedger, type LedgerView } from './ledger-view';
export { CATALOGUE_VERSION, type Outage, type OutageWindow, outageWindows, SPOT_OUTAGES } from './outage-catalogue';
