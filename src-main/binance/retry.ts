import { setTimeout as pause } from 'node:timers/promises';

/** Resolves after `ms`; rejects with an `AbortError` when the signal is aborted first. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const realSleep: Sleep = async (ms, signal) => {
  await pause(ms, undefined, signal ? { signal } : {});
};

export interface RetryPolicy {
  /** How often something is tried in all. */
  attempts: number;
  baseMs: number;
  capMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseMs: 500, capMs: 15_000 };

/** Exponential back-off with full jitter: any time up to the doubled limit, so that callers do not come back together. */
export function backoffMs(policy: RetryPolicy, failures: number, random: () => number): number {
  return random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
}

/** Milliseconds to wait by a `Retry-After` header (seconds or an HTTP date); null when it says nothing usable. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
