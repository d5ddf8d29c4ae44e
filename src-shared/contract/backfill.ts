import type { ExplainedSpan, Range } from '../market';
import type { ProvenanceRecord } from './provenance';

export type SourceTier = 'archiveMonthly' | 'archiveDaily' | 'rest';
export type SourceChoice = 'auto' | 'archive' | 'rest';

/** One file of a plan, or REST requests in a row. */
export interface PlannedPage {
  tier: SourceTier;
  /** From the first to behind the last bar that is wanted of it. */
  range: Range;
  /** Missing bars that it fetches. */
  bars: number;
  /** File name of an archive, null for REST. */
  file: string | null;
  /** Bars between the missing ones that REST answers along with them; they are not written. */
  refetched?: number;
  /** Why it asks for bars that are not missing, in a sentence. */
  note?: string;
  /** Aggregate trades that it is expected to bring: nobody can know before. */
  estimatedTrades?: number;
}

export interface SeriesPlan {
  key: string;
  range: Range;
  /** Grid bars in the range, how many are stored, and how many it makes no sense to ask for (known absent, unlisted, future). */
  asked: number;
  alreadyPresent: number;
  knownAbsent: number;
  /** Missing spans that will be fetched. */
  gaps: Range[];
  /** All pages, or in a very large plan the first of them. */
  pages: PlannedPage[];
  /** Pages of the plan, listed or not. */
  pageCount: number;
}

export interface PlanTotals {
  bars: number;
  gaps: number;
  archiveMonthly: number;
  archiveDaily: number;
  rest: number;
  requests: number;
  weight: number;
  bytes: number;
  /** Stored bars that REST answers along with missing ones, because one request for both is cheaper than two. */
  refetched: number;
  /** Aggregate trades that are expected; where there are any, requests, weight and bytes are estimates too. */
  estimatedTrades?: number;
  estimateMs: number;
}

/** What a backfill would do; plain data, shown before it runs. */
export interface BackfillPlan {
  source: SourceChoice;
  series: SeriesPlan[];
  totals: PlanTotals;
}

/** States of the parts of a job, those to look at first before the others. */
export const JOB_ITEM_STATES = [
  'running',
  'failed',
  'partial',
  'queued',
  'cancelled',
  'complete_with_explained_gaps',
  'complete',
] as const;

export type JobItemState = (typeof JOB_ITEM_STATES)[number];

export type JobState = JobItemState | 'paused';

/** One range of one series within a job. */
export interface JobItem {
  /** Place in the order asked, from 0. */
  index: number;
  key: string;
  range: Range;
  state: JobItemState;
  /** Bars that had to be fetched, and those stored, read back, or answered as absent so far; 0 until it was planned. */
  barsAsked: number;
  barsDone: number;
  /** Files and REST requests that delivered. */
  sources: Record<SourceTier, number>;
  lastError: string | null;
}

export interface JobProgress {
  jobId: string;
  state: JobState;
  /** Series of the job, each once; of a very large job the first 200. */
  keys: string[];
  /** Bars of the plan, and bars stored, read back, or answered as absent so far. */
  barsAsked: number;
  barsDone: number;
  barsPerSecond: number;
  remainingMs: number | null;
  retries: number;
  /** What is being fetched now, or what is waited for, in words, and where on the strip: `{key, from, to}`. */
  current: string | null;
  active: { key: string; range: Range }[];
  lastError: string | null;
  /** At most 200: those under way, then those that failed, then the waiting, then the rest. */
  items: JobItem[];
  itemTotals: { total: number; byState: Record<JobItemState, number> };
  sources: Record<SourceTier, number>;
  /** Runs or waits in this program, in another one of the workspace, or in none that lives. */
  owner: 'here' | 'elsewhere' | 'nobody';
  /** The higher goes first. */
  priority: number;
  /** The job whose failed items this one tries again. */
  retryOf: string | null;
  /** Tapemend itself asks again for what may have changed. */
  recheck?: true;
  /** Epoch ms. */
  queuedAt: number;
}

export interface SeriesReceipt {
  key: string;
  table: string;
  nodeId: string;
  from: number;
  to: number;
  asked: number;
  alreadyPresent: number;
  stored: number;
  stillMissing: number;
  gaps: ExplainedSpan[];
  sources: Record<SourceTier, number>;
  /** Only of trades, whose bars are minutes. */
  trades?: TradeReceipt;
  /** Things worth a look that did not stop the work (checksum mismatch, decimals that do not fit a double…). */
  findings: string[];
  /** Where the stored bars of the range come from, this job's and those that were there before; in a large job the first of them. */
  provenance: ProvenanceRecord[];
  /** Records that are not listed. */
  provenanceLeftOut: number;
}

/** Rows of a range of a series of trades. */
export interface TradeReceipt {
  /** Rows that the job added, and rows that were there before; both counted in the table. */
  stored: number;
  alreadyPresent: number;
  /** Aggregate ids of the range that the exchange itself has lost, or marked as no trade. */
  lostIds: number;
}

/** What a job did, read back from the store. */
export interface Receipt {
  jobId: string;
  status: 'complete' | 'complete_with_explained_gaps' | 'partial' | 'failed';
  series: SeriesReceipt[];
  requests: number;
  bytes: number;
  weightUsed: number;
  retries: number;
  durationMs: number;
  startedAt: number;
  errors: string[];
}
