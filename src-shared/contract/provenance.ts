import type { Range, RowSource } from '../market';

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
