import type { Range } from '../market';

/** Candles, or minutes of trades, that a run reads. */
export interface RunNeed {
  key: string;
  range: Range;
}

/** What is there of one need. */
export interface NeedState extends RunNeed {
  /** Whole bars of the grid in the range. */
  bars: number;
  present: number;
  /** Missing bars that nobody has, or that do not exist yet: a run has to live without them. */
  explained: number;
  /** Runs of bars that can still be asked for, and the bars in them. */
  holes: number;
  missing: number;
}

/** Whether a run has the bars that it needs. */
export interface Preflight {
  needs: NeedState[];
  /** No hole that a fetch could fill is left in any need. */
  ready: boolean;
  holes: number;
  missing: number;
  /** What to backfill to close the holes; empty when `ready`. */
  items: RunNeed[];
  /** How long that is expected to take; null without items. */
  estimateMs: number | null;
}
