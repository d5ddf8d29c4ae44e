/** Real time for a replay; tests bring their own. */
export interface ReplayClock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls back once after the delay; the disposer takes it back. */
  wake(delayMs: number, callback: () => void): () => void;
}

export const systemClock: ReplayClock = {
  now: () => performance.now(),
  wake: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
