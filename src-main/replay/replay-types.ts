import type { ReplayPace, ReplayState } from '@shared/contract';
import type { CandleSeries, Range, Span } from '@shared/market';
import type { CandleSource } from './candle-source';
import type { ReplayClock } from './replay-clock';

export interface ReplaySessionOptions {
  id: string;
  series: CandleSeries;
  /** Candles that open in it are replayed. */
  range: Range;
  pace: ReplayPace;
  /** Candles before the range that the first frame also shows. */
  warmUp: number;
  source: CandleSource;
  /** Coverage of the range; bars of its missing spans are counted as the playhead crosses them. */
  spans?: readonly Span[];
  clock?: ReplayClock;
  onState(state: ReplayState): void;
}

/**
 * A transport over stored candles. A candle exists from its close: everything that closed at or before the playhead has been
 * shown, and nothing else. Commands answer with the state after them; failures of the source become phase `failed`, from
 * which play and seek try again.
 */
export interface ReplaySession {
  readonly state: ReplayState;
  /** Plays on; at the end it plays again from the start. */
  play(): Promise<ReplayState>;
  pause(): Promise<ReplayState>;
  /** Pauses and moves by candles, back when negative. */
  step(candles: number): Promise<ReplayState>;
  /** Moves the playhead; a later seek takes the place of one under way. */
  seek(to: number): Promise<ReplayState>;
  setPace(pace: ReplayPace): Promise<ReplayState>;
  /** Ends `frames()` and lets go of the source. */
  close(): ReplayState;
  /**
   * Candle frames as they leave the identity node; nothing is read ahead of what is pulled. The first frame has the RESET
   * flag, as have those after a seek or a step back: they hold the window before the playhead. A new call takes over.
   */
  frames(): AsyncIterable<ArrayBuffer>;
}
