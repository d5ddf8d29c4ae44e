import type { CandleSeries, ExplainedSpan, Interval, Market, Range, Span } from '../market';
import type { Failure } from './errors';

/** What the core answers: plain data, in the trusted direction, so types without validation. */

export type QuestDbState =
  | 'idle'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'crashed'
  | 'failed'
  | 'unreachable';

export interface QuestDbStatus {
  state: QuestDbState;
  /** True when Tapemend started (or joined) the workspace's own server, false for the user's. */
  managed: boolean;
  version: string | null;
  /** PG-wire address without the password. */
  address: string | null;
  /** What is being done ("downloading QuestDB 9.3.4 (12 of 30 MB)") or what went wrong, in a sentence. */
  detail: string | null;
}

export interface ExchangeStatus {
  reachable: boolean;
  practice: boolean;
  /** The exchange's clock when it was last asked, and how far ours is behind it (negative: ahead). */
  serverTime: number | null;
  clockOffsetMs: number | null;
  weight: { used: number; limit: number };
  detail: string | null;
}

export interface AppState {
  version: string;
  /** `setup` until the first start has been answered. */
  phase: 'setup' | 'starting' | 'ready' | 'failed';
  workspace: string;
  questdb: QuestDbStatus;
  exchange: ExchangeStatus;
  /** Why `phase` is `failed`; null otherwise. */
  failure: Failure | null;
  /** Jobs of an interrupted run that go on by themselves. */
  resumedJobs: number;
}

export interface SymbolInfo {
  market: Market;
  symbol: string;
  baseAsset: string;
  quoteAsset: string;
  /** The exchange's word: TRADING, BREAK, HALT… */
  status: string;
}

/** One row of the strips view. */
export interface SeriesSummary {
  key: string;
  table: string;
  nodeId: string;
  market: Market;
  symbol: string;
  interval: Interval;
  /** Stored candles, and the opens of the oldest and newest; null while nothing is stored. */
  bars: number;
  first: number | null;
  last: number | null;
  /** Open of the very first candle the exchange has, once known. */
  listedAt: number | null;
  missing: MissingBars;
  /** Grows with every change of the series' coverage. */
  revision: number;
}

export interface MissingBars {
  explained: number;
  unexplained: number;
}

/** Spans that cover the whole of `range`, sorted and disjoint, neighbours differing in verdict. */
export interface CoverageReport {
  key: string;
  range: Range;
  bars: number;
  spans: Span[];
  missing: MissingBars;
  revision: number;
}

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
  estimateMs: number;
}

/** What a backfill would do; plain data, shown before it runs. */
export interface BackfillPlan {
  source: SourceChoice;
  series: SeriesPlan[];
  totals: PlanTotals;
}

export type JobItemState =
  | 'queued'
  | 'running'
  | 'complete'
  | 'complete_with_explained_gaps'
  | 'partial'
  | 'failed'
  | 'cancelled';

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
  /** Things worth a look that did not stop the work (checksum mismatch, decimals that do not fit a double…). */
  findings: string[];
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

export type ReplayPhase = 'loading' | 'paused' | 'playing' | 'ended' | 'failed';

export interface ReplayState {
  sessionId: string;
  key: string;
  range: Range;
  phase: ReplayPhase;
  /** Everything with a close at or before this moment has been shown. */
  playhead: number;
  /** Candles shown since the start of the range, and stored candles in the range. */
  position: number;
  total: number;
  pace: ReplayPace;
  /** Candles per second really reached over the last second of playing. */
  achievedBarsPerSecond: number;
  /** Missing bars that the playhead has crossed. */
  barsSkipped: number;
  /** SHA-256 over the identity node's outputs from the start of the range to the playhead. */
  outputHash: string | null;
  detail: string | null;
}

/** Candles per second of real time; `max` is as fast as the consumer takes them. */
export type ReplayPace = number | 'max';

/** Answer of `evidence.read`: everything the inspector tells about one span. */
export interface SpanDetail {
  span: ExplainedSpan;
  series: CandleSeries;
  /** Position among the missing spans of the series, from 1; null for a present span. */
  gapNumber: number | null;
  gapCount: number;
}
