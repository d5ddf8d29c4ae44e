import type { JobProgress } from '@shared/contract';
import type { Market } from '@shared/market';
import type { BackfillMetrics } from '../dag';

/** Whom a request goes to. */
export type RequestSource = `rest:${Market}` | 'archive' | 'archive_list';

/**
 * How a request over HTTP ended. `missing`: there is no such thing (404); `throttled`: 429 or 418; `refused`: any other 4xx;
 * `failed`: 5xx; `unreachable`: no whole answer came; `cancelled`: we gave it up ourselves.
 */
export type RequestOutcome = 'ok' | 'missing' | 'throttled' | 'refused' | 'failed' | 'unreachable' | 'cancelled';

export interface RequestMetrics {
  /** `bytes` of the answer's body as they came over the wire. Tries count one by one. */
  requestDone(source: RequestSource, outcome: RequestOutcome, bytes: number): void;
}

/** `write`: a line-protocol request; `read`: a batch of rows; `statement`: everything else in SQL, waiting for the WAL too. */
export type DatabaseOperation = 'write' | 'read' | 'statement';

export interface DatabaseMetrics {
  databaseAnswered(operation: DatabaseOperation, seconds: number, isOk: boolean): void;
  /** Rows that were written, read back and entered into the ledger. */
  rowsWritten(rows: number): void;
}

/**
 * What pages of a backfill pass: files and REST pages being fetched, threads that read files, line-protocol requests. Each has a
 * bound of its own, so the stage that is never idle is what a backfill waits for.
 */
export const FLOW_STAGES = ['download', 'rest', 'ingest', 'write'] as const;
export type FlowStage = (typeof FLOW_STAGES)[number];

export interface FlowMetrics {
  /** So many pieces of work more (or fewer) are under way at a stage. */
  underWay(stage: FlowStage, change: number): void;
  /** So many bytes of files and encoded rows more (or fewer) are set aside for pages. */
  bytesHeld(change: number): void;
}

export interface JobMetrics {
  /** Called at every report of a job, its last one (with a final state) included. */
  jobProgressed(progress: Pick<JobProgress, 'jobId' | 'state' | 'barsAsked' | 'barsDone'>): void;
}

/** The request weight of one market, as its limiter knows it. */
export interface WeightReading {
  market: Market;
  /** In the current minute, by everybody at this address. */
  used: number;
  /** The exchange's limit a minute, and the part of it that may be used (`limits.weightShare`). */
  limit: number;
  budget: number;
  /** Seconds until requests may be sent again after a 429 or 418; 0 when they may. */
  blockedSeconds: number;
}

/** What the folders tell of their work. Every call is cheap and throws nothing. */
export interface Metrics extends RequestMetrics, DatabaseMetrics, BackfillMetrics, FlowMetrics, JobMetrics {
  /** `read` is called at every scrape, from now on. */
  watchWeights(read: () => readonly WeightReading[]): void;
}

/** Metrics that can be scraped. */
export interface ServedMetrics extends Metrics {
  /** Of what `read` gives: Prometheus' text format, version 0.0.4. */
  readonly contentType: string;
  read(): Promise<string>;
}

/** For programs whose metrics nobody asked for. */
export const NO_METRICS: Metrics = {
  requestDone() {},
  databaseAnswered() {},
  rowsWritten() {},
  underWay() {},
  bytesHeld() {},
  jobProgressed() {},
  jobsInProgress() {},
  lastTimestamp() {},
  retry() {},
  failure() {},
  watchWeights() {},
};
