export { type ArchiveLook, ArchiveWatch, type UsedFile, type WatchReport } from './archive-watch';
export { compareTrades, placeOf, type TradeComparison, toldOf } from './compare-trades';
export { diffRows, firstOf } from './diff-rows';
export { provenanceOf } from './provenance-of';
export { provenanceRecords } from './provenance-records';
export { type RevertOptions, type RevertResult, RevertService, type RevertStep } from './revert-service';
