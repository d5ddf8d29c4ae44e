import type { SourceChoice } from '@shared/contract';
import type { Range, StoredSeries } from '@shared/market';
import type { Counters } from '../binance';
import type { WantedBars } from '../coverage';
import type { BackfillDeps } from './backfill-deps';
import type { PageContext } from './page-context';
import type { ProgressMeter } from './progress';
import type { RetryBudget } from './retry-budget';

/** What an item shares with the job it belongs to. */
export interface JobContext {
  jobId: string;
  source: SourceChoice;
  /** Bars that were answered as absent, or gave up, are asked for once more. */
  recheck: boolean;
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

/** What the job has to ask for of a range, as things stand. */
export function wantedBy(
  { deps, jobId, recheck }: Pick<JobContext, 'deps' | 'jobId' | 'recheck'>,
  series: StoredSeries,
  range: Range,
): Promise<WantedBars> {
  return deps.coverage.wanted(series, range, recheck ? { jobId } : undefined);
}
