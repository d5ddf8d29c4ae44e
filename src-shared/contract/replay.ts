import type { Range } from '../market';

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
