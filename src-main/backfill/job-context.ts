import type { SourceChoice } from '@shared/contract';
import type { Counters } from '../binance';
import type { BackfillDeps } from './backfill-deps';
import type { PageContext } from './page-context';
import type { ProgressMeter } from './progress';
import type { RetryBudget } from './retry-budget';

/** What an item shares with the job it belongs to. */
export interface JobContext {
  jobId: string;
  source: SourceChoice;
  deps: BackfillDeps;
  progress: ProgressMeter;
  counters: Counters;
  retries: RetryBudget;
  /** Records of provenance in an item's receipt. */
  mostProvenance: number;
  signal: AbortSignal;
  onTiming: NonNullable<PageContext['onTiming']>;
  /** The job is put down and goes on later: no receipt is wanted. */
  isHalted: () => boolean;
  /** Notes an error of the job and returns its sentence. */
  fail: (error: unknown, index: number) => string;
}
