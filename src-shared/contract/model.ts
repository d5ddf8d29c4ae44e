import type { ExplainedSpan, Interval, Market, Range, RowSource, SeriesKind, Span, StoredSeries } from '../market';
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
  /** Of spot. */
  weight: { used: number; limit: number };
  /** Every market that was asked so far. */
  markets: MarketWeight[];
  detail: string | null;
}

/** Budget of requests of one market. Times are epoch ms by the exchange's clock. */
export interface MarketWeight {
  market: Market;
  /** Weight used in the exchange's current minute, its limit, and the share of it that may be used. */
  used: number;
  limit: number;
  share: number;
  /** Nothing is sent before this moment, after a 429, a ban or a firewall's refusal. */
  blockedUntil: number | null;
  /** Why and until when, in a sentence. */
  blockedBecause: string | null;
  /** Requests that wait for the budget, and when the next may leave. */
  waiting: number;
  nextAt: number | null;
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
  /** Futures only: PERPETUAL, CURRENT_QUARTER… */
  contractType?: string;
  /** When a contract ends, epoch ms; absent for perpetual ones and spot. */
  deliveryDate?: number;
}

/** A symbol of the universe: one that only the archive still knows has the status `GONE`. */
export interface UniverseSymbol extends SymbolInfo {
  /** Whether the archive has monthly files of candles. */
  archived: boolean;
}

export interface Universe {
  market: Market;
  /** Sorted by name. */
  symbols: UniverseSymbol[];
  /** What could not be learned, in sentences; the rest is good. */
  findings: string[];
}

/** When a symbol's candles begin and end, epoch ms. */
export interface CandleLife {
  /** Open of the first candle; null while there is none. */
  first: number | null;
  /** Open of the last candle; null for a symbol that may go on. */
  last: number | null;
  /** `archive`: the listing's first and last month, so the first and last possible opens in them. */
  source: 'rest' | 'archive';
}

/** One row of the strips view. */
export interface SeriesSummary {
  key: string;
  table: string;
  nodeId: string;
  market: Market;
  symbol: string;
  kind: SeriesKind;
  /** Null for trades, whose bars are the minutes. */
  interval: Interval | null;
  /** Trades: rows in the table. */
  trades?: number;
  /** Stored candles, or minutes of which every trade is stored, and the opens of the oldest and newest; null while nothing is stored. */
  bars: number;
  first: number | null;
  last: number | null;
  /** Candles: stored ones in which nothing was traded. They are present. */
  flat?: number;
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
  /** Trades: rows in the whole table. Bars are minutes then. */
  trades?: number;
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
  series: StoredSeries;
  /** Position among the missing spans of the series, from 1; null for a present span. */
  gapNumber: number | null;
  gapCount: number;
}

/** What shows that the exchange stood still: series of one market and interval that were asked about the same bars. */
export interface OutageEvidence {
  interval: Interval;
  /** How many symbols were asked and lived then, and how many of them have none of the bars, by REST's word. */
  asked: number;
  lacking: number;
  /** Some of those that lack them, and of those that do not. */
  lackingSymbols: string[];
  havingSymbols: string[];
  /** Candles without any trade that lead into it, of the symbol that has most. */
  flatsBefore: number;
}

/** An exchange-wide stop: `from` is the open of the first missing minute, `to` is behind the last one. */
export interface OutageEntry {
  /** Stable; named in proofs. Shipped entries are numbered. */
  id: string;
  origin: 'shipped' | 'own';
  market: Market;
  from: number;
  to: number;
  /** Independent public sources of a shipped entry, symbols that lacked the bars of an own one. */
  sources: number;
  remark: string | null;
  /** Of own entries. */
  evidence: OutageEvidence | null;
}

/** A stop that many series show and the catalogue does not know. Once dismissed it is not proposed again. */
export interface OutageProposal {
  id: string;
  market: Market;
  from: number;
  to: number;
  evidence: OutageEvidence;
}

export interface OutageList {
  /** Changes with every entry, shipped or own. */
  version: string;
  /** In order of time. */
  entries: OutageEntry[];
}

/** Where the rows of a stored range come from. */
export interface ProvenanceSpan {
  from: number;
  to: number;
  source: RowSource;
  /** Archive file (or adopted one) with its SHA-256 in hex and the ETag it was served with; null for other sources, or where unknown. */
  file: string | null;
  sha256: string | null;
  etag: string | null;
  /** The (first) request of an answer that is no file; of adopted rows the table that they were in. */
  request: string | null;
  jobId: string;
  /** The exchange's time of the answer. */
  at: number;
}

/** Where a run of stored bars comes from, as documents tell it; answers of one source and job that follow each other are one. */
export interface ProvenanceRecord {
  from: number;
  to: number;
  source: RowSource;
  /** Archive file (or adopted one) with its SHA-256 in hex; null for other sources. */
  file: string | null;
  sha256: string | null;
  /** The first request of answers that are no file; of adopted rows the table that they were in. */
  request: string | null;
  job: string;
  /** The exchange's time of the (last) answer. */
  at: number;
}

export type FindingKind =
  /** A file was replaced at its source after rows were taken from it. */
  | 'stale_archive'
  /** A file that was not used, because its hash, its zip or its rows could not be trusted. */
  | 'checksum_mismatch'
  | 'bad_archive'
  | 'bad_rows'
  | 'conflicting_rows'
  /** Rows that were used, mended on the way. */
  | 'duplicate_rows'
  | 'unsorted_rows'
  | 'off_grid_rows'
  | 'inexact_decimals'
  /** Trades: rows that are none, and ids that the source does not have. */
  | 'marked_rows'
  | 'lost_trades'
  /** A file lacks bars that another source had. */
  | 'archive_lacks_rows'
  /** The database acknowledged rows that could not be read back. */
  | 'lost_rows'
  /** How a file that was taken anew differs from what was stored. */
  | 'row_diff'
  /** What an audit noticed: rows that cannot be, and what is only remarkable. */
  | 'impossible_candle'
  | 'price_jump'
  | 'volume_outlier'
  | 'archive_seam'
  /** Candles of bars that the exchange does not have: without a trade, with trades, and from the exchange's own files. */
  | 'filled_candle'
  | 'phantom_candle'
  | 'stale_candle'
  /** How stored candles differ from finer ones, from their trades, from their source. */
  | 'rollup_difference'
  | 'trade_difference'
  | 'source_difference'
  /** A table holds other rows than were remembered of its version. */
  | 'content_difference'
  | 'other';

/** Findings about stored candles that asking the exchange once more can settle. */
export const REFETCHABLE_FINDINGS: readonly FindingKind[] = [
  'impossible_candle',
  'duplicate_rows',
  'price_jump',
  'volume_outlier',
  'archive_seam',
  'filled_candle',
  'phantom_candle',
  'stale_candle',
  'source_difference',
];

export type FindingState = 'new' | 'accepted' | 'fixed';

/** Something about the data that a person should look at. The same thing found twice has one id. */
export interface Finding {
  id: string;
  at: number;
  /** Key of the series. */
  key: string;
  kind: FindingKind;
  range: Range;
  sentence: string;
  /** Details by kind, as JSON has them. */
  data: unknown;
  state: FindingState;
}

/** What one job wrote into one series: the unit that can be taken back. */
export interface IngestBatch {
  jobId: string;
  /** Key of the series. */
  key: string;
  /** The exchange's time of the batch's last answer. */
  at: number;
  /** Smallest range that holds everything written. */
  range: Range;
  /** Bars written; null for trades. */
  bars: number | null;
  /** When it was taken back; null while its rows stand. */
  revertedAt: number | null;
}

/** What taking a replaced archive anew came to: rows by how they differ from those stored before. */
export interface ReingestResult {
  jobId: string;
  key: string;
  file: string;
  added: number;
  /** No longer in the file, and kept; or not at REST, and deleted. */
  removed: number;
  changed: number;
  /** The rows themselves, of each kind the first hundred. */
  diff: RowDiff | TradeDiff;
}

/** A value that is another one than before. */
export interface RowChange {
  field: string;
  old: number;
  fresh: number;
}

/** How the candles of a range that was fetched again differ from those stored before. Times are opens. */
export interface RowDiff {
  added: number[];
  removed: number[];
  changed: { openTime: number; fields: RowChange[] }[];
}

/** The same of aggregate trades, by their ids; times are microseconds. */
export interface TradeDiff {
  addedIds: number[];
  removedIds: number[];
  changedTrades: { aggId: number; fields: RowChange[] }[];
}

/** What stored data is held against, besides itself. */
export const VERIFY_AGAINST = ['rest', 'archive', 'intervals'] as const;
export type VerifyAgainst = (typeof VERIFY_AGAINST)[number];

/** Audit of one series. */
export interface VerifySeries {
  key: string;
  table: string;
  range: Range;
  /** Stored bars of the range, counted anew from the table. */
  bars: number;
  missing: MissingBars;
  /** Of the unexplained: bars that nobody has asked a source for yet, which is no fault. */
  notAsked: number;
  /** Stored bars in which nothing was traded; null when it was not looked at. */
  flat: number | null;
  /** Candles that were held against something, and those that differ. */
  compared: number;
  different: number;
  findings: Finding[];
  /** Earlier findings that are gone. */
  fixed: number;
  /** Findings that say that rows are wrong, and that nobody accepted. */
  faults: number;
  /** Sources that could not be asked, in sentences. */
  failures: string[];
}
