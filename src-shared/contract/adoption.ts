import type { Interval, Range } from '../market';

/** Rows that another program has stored, whatever they lie in. */
interface OthersCandles {
  /** As the source says or its rows show; null when that is none of Binance's. */
  interval: Interval | null;
  rows: number;
  /** Times of the oldest and newest row, epoch ms. */
  first: number;
  last: number;
  /** Columns of a candle table that it does not have. */
  lacking: string[];
  /** Key of the series that it seems to be, by names and node id; null when they do not tell. */
  guess: string | null;
  /** Rows of it that were adopted and not taken back, by series. */
  adopted: { key: string; rows: number }[];
}

/** Candles in the database that Tapemend does not keep: one stream of a table of another program, or of one of ours under another node id. */
export interface ForeignCandles extends OthersCandles {
  table: string;
  /** What its rows carry in `node_id`; null where they have none. */
  nodeId: string | null;
}

/** A CSV file of candles, read through once. */
export interface CandleFile extends OthersCandles {
  /** Its whole path. */
  file: string;
}

/** A table that looks like candles and cannot be adopted as it is. */
export interface UnfitTable {
  table: string;
  /** Why, and what can be done, in one sentence. */
  reason: string;
}

/** What other programs have stored in the database. */
export interface ForeignTables {
  tables: ForeignCandles[];
  unfit: UnfitTable[];
}

/** Candles to adopt: a stream of a table (the only one that fits, without a node id), or a CSV file by its path. */
export type AdoptSource = { table: string; nodeId?: string | undefined } | { file: string };

/** What adopting rows of another program came to, or, of a trial, what it would come to. Counts are rows. */
export interface AdoptionReport {
  /** For undoing it; null when nothing was written. */
  jobId: string | null;
  key: string;
  table: string;
  /** Where the rows were, in words. */
  origin: string;
  /** From the first to behind the last bar that was adopted; null without any. */
  range: Range | null;
  /** All that were read. */
  rows: number;
  adopted: number;
  /** Left out, because their bar was stored before. */
  alreadyPresent: number;
  /** Word for word the same as the one before. */
  duplicates: number;
  refused: RefusedRows;
  /** Of those adopted: opens off the grid, and bars in which nothing was traded. */
  offGrid: number;
  flat: number;
  /** Columns that the source does not have; they stay empty. */
  lacking: string[];
  /** What is worth a look, in sentences; but for a trial also findings of the series. */
  findings: string[];
  /** Ended before all was read; counts are of what was read until then, and the same adoption again goes on from there. */
  isStopped: boolean;
}

export interface RefusedRows {
  /** Numbers or times that cannot be. */
  impossible: number;
  /** Rows that stand several times with different values; none of them is taken. */
  conflicting: number;
  /** Bars that are not closed yet. */
  unclosed: number;
  /** Bars that the exchange itself was asked for and does not have. */
  unknownToExchange: number;
}

/** How far an adoption, or the trial of one, has read. */
export interface AdoptionProgress {
  key: string;
  rows: number;
  of: number;
  /** Rows stored so far, and the job for taking them back: null before any, and of a trial. */
  adopted: number;
  jobId: string | null;
}

/** Whether a page may have the core read the file: a whole path (or one under `~`) of a CSV or text file. */
export function isCandlePath(path: string): boolean {
  return /^(\/|~[\\/]|[A-Za-z]:[\\/]|\\\\).*\.(csv|txt)$/i.test(path);
}

/** Rows that were not adopted, by why, in words behind a number; only those that there are. */
export function rowsLeftOut({ alreadyPresent, duplicates, refused }: AdoptionReport): [count: number, words: string][] {
  const all: [number, string][] = [
    [alreadyPresent, 'whose bars were stored before'],
    [duplicates, 'repeated'],
    [refused.unclosed, 'not closed yet'],
    [refused.impossible, 'that cannot be candles'],
    [refused.conflicting, 'that contradict each other'],
    [refused.unknownToExchange, 'that the exchange does not have'],
  ];
  return all.filter(([count]) => count > 0);
}
