import type { Market } from '../market';
import type { Failure } from './errors';

export type QuestDbState =
  | 'idle'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'crashed'
  | 'failed'
  | 'unreachable';

export interface QuestDbStatus {
  state: QuestDbState;
  /** True when Tapemend started (or joined) the workspace's own server, false for the user's. */
  managed: boolean;
  version: string | null;
  /** PG-wire address without the password. */
  address: string | null;
  /** What is being done ("downloading QuestDB 9.3.4 (12 of 30 MB)") or what went wrong, in a sentence. */
  detail: string | null;
}

export interface ExchangeStatus {
  reachable: boolean;
  practice: boolean;
  /** The exchange's clock when it was last asked, and how far ours is behind it (negative: ahead). */
  serverTime: number | null;
  clockOffsetMs: number | null;
  /** Of spot. */
  weight: { used: number; limit: number };
  /** Every market that was asked so far. */
  markets: MarketWeight[];
  detail: string | null;
}

/** Budget of requests of one market. Times are epoch ms by the exchange's clock. */
export interface MarketWeight {
  market: Market;
  /** Weight used in the exchange's current minute, its limit, and the share of it that may be used. */
  used: number;
  limit: number;
  share: number;
  /** Nothing is sent before this moment, after a 429, a ban or a firewall's refusal. */
  blockedUntil: number | null;
  /** Why and until when, in a sentence. */
  blockedBecause: string | null;
  /** Requests that wait for the budget, and when the next may leave. */
  waiting: number;
  nextAt: number | null;
}

export interface AppState {
  version: string;
  /** `setup` until the first start has been answered. */
  phase: 'setup' | 'starting' | 'ready' | 'failed';
  workspace: string;
  questdb: QuestDbStatus;
  exchange: ExchangeStatus;
  /** Why `phase` is `failed`; null otherwise. */
  failure: Failure | null;
  /** Jobs of an interrupted run that go on by themselves. */
  resumedJobs: number;
}
