import type { QuestDbStore } from '../questdb';
import type { EvidenceStore } from './span-evidence';

/** What coverage needs of the store. */
export type CoverageStore = Pick<
  QuestDbStore,
  | 'content'
  | 'contentVersion'
  | 'countFlat'
  | 'ledgerAppend'
  | 'ledgerCounts'
  | 'ledgerRead'
  | 'settle'
  | 'tablesOverview'
  | 'tableVersions'
  | 'tradeParts'
> &
  EvidenceStore;
