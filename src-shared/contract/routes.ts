import { z } from 'zod';
import { INTERVALS, MARKETS, parseStoredSeriesKey, VERDICTS } from '../market';
import {
  type AdoptionProgress,
  type AdoptionReport,
  type CandleFile,
  type ForeignCandles,
  type ForeignTables,
  isCandlePath,
} from './adoption';
import type { AppState } from './app-state';
import type { BackfillPlan, JobProgress, Receipt } from './backfill';
import type { CoverageReport, SeriesSummary, SpanDetail } from './coverage';
import { type Finding, VERIFY_AGAINST, type VerifySeries } from './findings';
import type { OutageEntry, OutageList, OutageProposal } from './outages';
import type { Preflight } from './preflight';
import type { IngestBatch, ProvenanceSpan, ReingestResult } from './provenance';
import type { ReplayState } from './replay';
import type { CandleLife, SymbolInfo, Universe } from './symbols';

/**
 * Everything the renderer may ask of the core. Requests come from the untrusted side and are parsed; answers and events go
 * the trusted way and are plain types. Shape limits here keep a hostile page from asking for absurd amounts.
 */
const time = z.number().int().min(-8.64e15).max(8.64e15);
export const rangeSchema = z
  .object({ from: time, to: time })
  .strict()
  .refine((range) => range.from < range.to, 'a range must end after it starts');
export const seriesKeySchema = z
  .string()
  .max(64)
  .refine(
    (key) => parseStoredSeriesKey(key) !== null,
    'not a series key like binance:spot:BTCUSDT:1m or binance:spot:BTCUSDT:aggTrade',
  );
const keysSchema = z.array(seriesKeySchema).min(1).max(5_000);
const intervalSchema = z.enum(INTERVALS);
const marketSchema = z.enum(MARKETS);
const findingStateSchema = z.enum(['new', 'accepted', 'fixed']);
const idSchema = z.string().min(1).max(64);
const tableNameSchema = z.string().min(1).max(127);
const candlePathSchema = z.string().max(4_096).refine(isCandlePath, 'not the whole path of a .csv or .txt file');
const adoptSourceSchema = z.union([
  z.object({ table: tableNameSchema, nodeId: z.string().max(256).optional() }).strict(),
  z.object({ file: candlePathSchema }).strict(),
]);

const seriesRange = z.object({ key: seriesKeySchema, range: rangeSchema }).strict();
const backfillRequest = z
  .object({
    items: z.array(seriesRange).min(1).max(5_000),
    source: z.enum(['auto', 'archive', 'rest']).default('auto'),
  })
  .strict();
/** A job of higher priority goes first, and a running one of lower priority waits meanwhile. */
const startRequest = backfillRequest.extend({ priority: z.number().int().min(-10).max(10).default(0) }).strict();
export type BackfillRequest = z.output<typeof backfillRequest>;

const paceSchema = z.union([z.literal('max'), z.number().positive().max(1_000_000)]);

/** Ordinary calls: one request, one answer. */
export const requestSchemas = {
  'app.get_state': z.object({}).strict(),
  /** Answers the first start; the core then starts its database and exchange. */
  'app.complete_setup': z.object({ practice: z.boolean(), demo: z.boolean().default(false) }).strict(),
  /** Starts database and exchange again after a failure. */
  'app.retry_start': z.object({}).strict(),
  'symbols.search': z
    .object({ market: marketSchema, query: z.string().max(40), limit: z.number().int().min(1).max(500) })
    .strict(),
  /** Every symbol of a market, those that have ended included. */
  'universe.list': z.object({ market: marketSchema }).strict(),
  /** First and last candle of some symbols; one to some requests each. */
  'universe.life': z
    .object({
      market: marketSchema,
      symbols: z.array(z.string().min(1).max(20)).min(1).max(20),
      interval: intervalSchema,
    })
    .strict(),
  'series.list': z.object({}).strict(),
  'series.add': z
    .object({
      market: marketSchema,
      symbols: z.array(z.string().min(1).max(20)).min(1).max(5_000),
      intervals: z.array(intervalSchema).max(16),
      /** The symbols' aggregate trades too. */
      aggTrades: z.boolean().default(false),
    })
    .strict()
    .refine(({ intervals, aggTrades }) => intervals.length > 0 || aggTrades, 'neither intervals nor trades are chosen'),
  /** Takes series off the list; their tables stay. */
  'series.remove': z.object({ keys: keysSchema }).strict(),
  /** Coverage of each series over its whole extent (listing or first row until now), or over `range` when given. */
  'coverage.read': z.object({ keys: keysSchema, range: rangeSchema.optional() }).strict(),
  /** Re-derives coverage from the tables' content instead of the cached model. */
  'coverage.refresh': z.object({ keys: keysSchema }).strict(),
  /** The span at a moment, with its evidence. */
  'coverage.explain': z.object({ key: seriesKeySchema, at: time }).strict(),
  /**
   * Writes the gaps of these series and ranges that have one of the verdicts into a CSV file of the workspace's `exports` folder,
   * evidence included.
   */
  'gaps.export': z
    .object({
      items: z.array(seriesRange).min(1).max(5_000),
      verdicts: z.array(z.enum(VERDICTS)).min(1).max(VERDICTS.length),
    })
    .strict(),
  /** Takes the unexplained bars of a range as explained, for a person's reason; they are not asked for until that is withdrawn. */
  'gaps.accept': seriesRange.extend({ reason: z.string().trim().min(1).max(1_000) }).strict(),
  'gaps.withdraw': seriesRange,
  /** The outage catalogue: shipped entries and own ones. */
  'outages.list': z.object({}).strict(),
  /** Stops of the exchange that many series show and the catalogue does not have. */
  'outages.proposals': z.object({}).strict(),
  /** Takes a proposal into the catalogue, with a person's remark: at once it explains the gaps of all series. */
  'outages.accept': z.object({ id: idSchema, remark: z.string().trim().min(1).max(1_000) }).strict(),
  /** The stop is not proposed any more. */
  'outages.dismiss': z.object({ id: idSchema }).strict(),
  /** Takes an own entry out of the catalogue. */
  'outages.withdraw': z.object({ id: idSchema }).strict(),
  'backfill.plan': backfillRequest,
  /** Does a run over these ranges have the bars that it needs? */
  'run.preflight': z.object({ needs: z.array(seriesRange).min(1).max(200) }).strict(),
  'backfill.start': startRequest,
  /** Ends a job of any program of the workspace; what was stored stays. */
  'backfill.cancel': z.object({ jobId: idSchema }).strict(),
  /** Jobs under way and the newest finished ones, newest first. */
  'jobs.list': z.object({ limit: z.number().int().min(1).max(500).default(50) }).strict(),
  'jobs.receipt': z.object({ jobId: idSchema }).strict(),
  /** Puts a job down until `jobs.resume`, over restarts too. */
  'jobs.pause': z.object({ jobId: idSchema }).strict(),
  'jobs.resume': z.object({ jobId: idSchema }).strict(),
  /** What failed or is partial of a finished job, as a new job. */
  'jobs.retry': z.object({ jobId: idSchema }).strict(),
  /** What is on screen: waiting items and jobs of these series go first. Replaces what was preferred before. */
  'jobs.prefer': z.object({ keys: z.array(seriesKeySchema).max(500) }).strict(),
  /** Where the stored rows of a range come from. */
  'provenance.read': seriesRange,
  'findings.list': z
    .object({ states: z.array(findingStateSchema).max(3).optional(), keys: keysSchema.optional() })
    .strict(),
  /** `reason` is kept with the finding: why it is accepted. */
  'findings.set_state': z
    .object({ id: idSchema, state: findingStateSchema, reason: z.string().max(1_000).optional() })
    .strict(),
  /** Takes the rows of a replaced archive anew. */
  'findings.reingest': z.object({ id: idSchema }).strict(),
  /** Makes the rows of a finding's range what the exchange says now. */
  'findings.refetch': z.object({ id: idSchema }).strict(),
  /** Asks the archive whether files that stored rows rest on have been replaced; all series when no keys are given. */
  'archives.check': z.object({ keys: keysSchema.optional() }).strict(),
  /** Audits one series: against itself when `against` is left out. Nothing is changed but the list of findings. */
  'verify.run': z
    .object({ key: seriesKeySchema, against: z.enum(VERIFY_AGAINST).optional(), range: rangeSchema.optional() })
    .strict(),
  /** What jobs wrote, newest first, and taking one of them back. */
  'batches.list': z.object({ limit: z.number().int().min(1).max(500).default(100) }).strict(),
  'batches.revert': z.object({ jobId: idSchema, key: seriesKeySchema }).strict(),
  /** Candles that other programs have stored in the same database. */
  'tables.foreign': z.object({}).strict(),
  /** Tables of other programs that nothing was adopted from; quick, and without rows of others in our own tables. */
  'tables.suggested': z.object({}).strict(),
  /** The same of one table or view. */
  'tables.look': z.object({ table: tableNameSchema }).strict(),
  /** Reads a CSV file of candles through once. */
  'files.look': z.object({ path: candlePathSchema }).strict(),
  /**
   * Copies such rows into the series' own table, as one batch that can be undone. Bars that hold a row stay as they are. A trial
   * reads and checks all the same, and writes nothing, and ends with its caller; an adoption goes on without it.
   */
  'tables.adopt': z
    .object({ source: adoptSourceSchema, key: seriesKeySchema, isTrial: z.boolean().default(false) })
    .strict(),
  /** Ends adoptions into the series as soon as what they have read is stored; their callers get their reports. */
  'tables.stop_adopting': z.object({ key: seriesKeySchema }).strict(),
  'replay.open': z
    .object({
      key: seriesKeySchema,
      range: rangeSchema,
      pace: paceSchema.default(10),
      /** Candles before the range that the first frame also shows. */
      warmUp: z.number().int().min(0).max(5_000).default(0),
    })
    .strict(),
  'replay.play': z.object({ sessionId: idSchema }).strict(),
  'replay.pause': z.object({ sessionId: idSchema }).strict(),
  /** Positive steps forward, negative back. */
  'replay.step': z.object({ sessionId: idSchema, candles: z.number().int().min(-10_000).max(10_000) }).strict(),
  'replay.seek': z.object({ sessionId: idSchema, to: time }).strict(),
  'replay.set_pace': z.object({ sessionId: idSchema, pace: paceSchema }).strict(),
  'replay.close': z.object({ sessionId: idSchema }).strict(),
} as const;

/** Calls answered by a stream of column frames, paid for with credits. */
export const streamSchemas = {
  /**
   * Stored candles of `[from, to)` as candle frames (columns in the order of `CANDLE_FIELDS`), ascending. With `maxBars` the
   * core aggregates on the way so that at most that many candles come.
   */
  'candles.read': z
    .object({ key: seriesKeySchema, range: rangeSchema, maxBars: z.number().int().min(100).max(50_000).optional() })
    .strict(),
  /** Candles that leave the identity node of a replay session. A frame with the RESET flag replaces all that came before. */
  'replay.candles': z.object({ sessionId: idSchema }).strict(),
} as const;

export type RequestRoute = keyof typeof requestSchemas;
export type StreamRoute = keyof typeof streamSchemas;
/** What can be done about data that is stored. */
export type CurationRoute = Extract<
  RequestRoute,
  `${'provenance' | 'findings' | 'archives' | 'batches' | 'verify'}.${string}`
>;
/** What concerns candles of other programs. */
export type AdoptionRoute = Extract<RequestRoute, `${'tables' | 'files'}.${string}`>;

export type RequestBody<R extends RequestRoute> = z.output<(typeof requestSchemas)[R]>;
export type RequestInput<R extends RequestRoute> = z.input<(typeof requestSchemas)[R]>;
export type StreamBody<R extends StreamRoute> = z.output<(typeof streamSchemas)[R]>;
export type StreamInputBody<R extends StreamRoute> = z.input<(typeof streamSchemas)[R]>;

export interface Answers {
  'app.get_state': AppState;
  'app.complete_setup': AppState;
  'app.retry_start': AppState;
  'symbols.search': { symbols: SymbolInfo[]; total: number };
  'universe.list': Universe;
  'universe.life': { lives: { symbol: string; life: CandleLife | null; failure: string | null }[] };
  'series.list': { series: SeriesSummary[] };
  'series.add': { series: SeriesSummary[] };
  'series.remove': { removed: number };
  'coverage.read': { reports: CoverageReport[] };
  'coverage.refresh': { reports: CoverageReport[] };
  'coverage.explain': SpanDetail;
  /** The file's whole path, and the gaps in it. */
  'gaps.export': { path: string; gaps: number };
  /** How many bars that was. */
  'gaps.accept': { bars: number };
  'gaps.withdraw': { bars: number };
  'outages.list': OutageList;
  'outages.proposals': { proposals: OutageProposal[] };
  'outages.accept': { entry: OutageEntry };
  'outages.dismiss': { proposal: OutageProposal };
  'outages.withdraw': { entry: OutageEntry };
  'backfill.plan': BackfillPlan;
  'run.preflight': Preflight;
  /** The job is on the disk; its plan is `backfill.plan`'s. */
  'backfill.start': { jobId: string };
  'backfill.cancel': { cancelled: boolean };
  'jobs.list': { jobs: JobProgress[] };
  'jobs.receipt': { receipt: Receipt | null };
  /** False when there is no such open job. */
  'jobs.pause': { paused: boolean };
  'jobs.resume': { resumed: boolean };
  'jobs.retry': { jobId: string };
  /** Open jobs that hold any of the series. */
  'jobs.prefer': { jobs: number };
  'provenance.read': { spans: ProvenanceSpan[] };
  'findings.list': { findings: Finding[] };
  'findings.set_state': { finding: Finding };
  'findings.reingest': ReingestResult;
  'findings.refetch': ReingestResult;
  'archives.check': { checked: number; stale: Finding[]; failed: { file: string; reason: string }[] };
  'verify.run': VerifySeries;
  'batches.list': { batches: IngestBatch[] };
  /** Rows that were deleted, and rows that stood there before and were put back. */
  'batches.revert': { removed: number; restored: number };
  'tables.foreign': ForeignTables;
  'tables.suggested': { tables: string[] };
  'tables.look': { tables: ForeignCandles[] };
  'files.look': CandleFile;
  'tables.adopt': AdoptionReport;
  'tables.stop_adopting': { stopped: number };
  'replay.open': ReplayState;
  'replay.play': ReplayState;
  'replay.pause': ReplayState;
  'replay.step': ReplayState;
  'replay.seek': ReplayState;
  'replay.set_pace': ReplayState;
  'replay.close': { closed: boolean };
}

/** Pushed to every connected client. */
export interface Events {
  'app.state_changed': AppState;
  /** The list itself changed (added, removed). */
  'series.list_changed': Record<string, never>;
  /** How many of the series of a `series.add` under way are on the list with their coverage read. */
  'series.add_progressed': { done: number; total: number };
  /** Of an adoption or a trial under way, in any window. */
  'adoption.progressed': AdoptionProgress;
  /** How many adoptions are under way in this core, trials aside. */
  'adoption.count_changed': { running: number };
  /** Coverage of these series changed; sent at most a few times a second per series. */
  'coverage.changed': { summaries: SeriesSummary[] };
  /** Findings were added or changed their state, by any program of the workspace. */
  'findings.changed': Record<string, never>;
  /** Entries of the outage catalogue, or decisions about proposals, have changed, in any program of the workspace. */
  'outages.changed': Record<string, never>;
  'job.progressed': JobProgress;
  /** Of any program of the workspace. */
  'job.finished': { progress: JobProgress; receipt: Receipt };
  'replay.state_changed': ReplayState;
}

export type EventName = keyof Events;

/** Implemented by the core; a missing or extra handler does not compile. */
export type RequestHandlers = {
  [R in RequestRoute]: (body: RequestBody<R>, context: CallContext) => Promise<Answers[R]> | Answers[R];
};

/** A stream handler yields column frames; it is pulled only as fast as the consumer pays credits. */
export type StreamHandlers = {
  [R in StreamRoute]: (body: StreamBody<R>, context: CallContext) => AsyncIterable<ArrayBuffer>;
};

/** Structural twin of `AbortSignal`, since shared code knows neither DOM nor Node. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface CallContext {
  /** Aborted when the caller cancels or goes away. */
  signal: CancelSignal;
}
