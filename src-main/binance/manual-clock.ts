import type { Sleep } from './retry';

/** A clock for tests that only moves when something sleeps (or when told), so that waits of minutes take no time. */
export class ManualClock {
  /** Every sleep, in milliseconds, in order. */
  readonly sleeps: number[] = [];

  constructor(public time: number) {}

  readonly now = (): number => this.time;

  readonly sleep: Sleep = async (ms, signal) => {
    // A turn of the event loop, so that what happens "meanwhile" can happen, and abort the sleep.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.time += ms;
  };
}
