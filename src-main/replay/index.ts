export type { CandleSource } from './candle-source';
export type { ReplayClock } from './replay-clock';
export { createReplaySession } from './replay-session';
export type { ReplaySession, ReplaySessionOptions } from './replay-types';
