export type { CandleSource } from './candle-source';
export { type ReplayClock, systemClock } from './replay-clock';
export { createReplaySession, MAX_WINDOW_CANDLES } from './replay-session';
export type { ReplaySession, ReplaySessionOptions } from './replay-types';
