import type { SourceChoice } from '@shared/contract';
import type { Range } from '@shared/market';

export interface BackfillItem {
  key: string;
  range: Range;
}

/** What a backfill was asked to do; plain data, kept in the journal so that an interrupted job can go on. */
export interface JobRequest {
  items: BackfillItem[];
  source: SourceChoice;
  /** The higher goes first; 0 when left out. */
  priority?: number;
  /** The job whose failed items this one tries again. */
  retryOf?: string;
  /** Nobody's wish: what REST is known not to have is asked of it once more. Such a job gives way to all others. */
  recheck?: true;
}
