import { DEFAULT_RETRY } from './retry';

/** How long requests wait for what may not come, in milliseconds. */
export interface Patience {
  /** A REST request of which nothing arrives for so long is given up and tried again. */
  restStallMs: number;
  /** The same of archives, whose files are made when they are asked for. */
  archiveStallMs: number;
  /** An address is left alone for so long when its firewall refuses (403): twice as long each time, until it answers again. */
  firewallPauseMs: number;
  /** The longest pause before the first repetition of a request that failed: twice as long before each one after. */
  firstRetryMs: number;
}

/** The exchange's own time-out is 10 s and ends in an answer, so silence beyond that is a dead connection. */
export const DEFAULT_PATIENCE: Patience = {
  restStallMs: 15_000,
  archiveStallMs: 30_000,
  firewallPauseMs: 30_000,
  firstRetryMs: DEFAULT_RETRY.baseMs,
};
