/** Quartz drifts by some milliseconds in this time. */
const MOST_AGE_MS = 15 * 60_000;
/** A machine's clock that moved by more than this against the monotonic one was set by somebody. */
const MOST_STEP_MS = 1_000;

/** The exchange's clock, kept as an offset to this machine's. All times are epoch milliseconds. */
export class ExchangeClock {
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #offsetMs = 0;
  #errorMs = 0;
  #synced: { wall: number; monotonic: number } | null = null;

  /** `monotonic` in milliseconds from any origin; it tells when `now` was set. */
  constructor(now: () => number, monotonic: () => number) {
    this.#now = now;
    this.#monotonic = monotonic;
  }

  /** How far the exchange's clock is ahead of this machine's; negative when it is behind. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Sets the clock by one answer; its moment is taken as the middle of the round trip. */
  sync(serverTime: number, sentAt: number, receivedAt: number): void {
    this.#offsetMs = Math.round(serverTime - (sentAt + receivedAt) / 2);
    this.#errorMs = Math.ceil((receivedAt - sentAt) / 2);
    this.#synced = { wall: this.#now(), monotonic: this.#monotonic() };
  }

  now(): number {
    return this.#now() + this.#offsetMs;
  }

  /** The earliest that the exchange's clock can have shown at this machine's `localTime`: safe for judging what is closed. */
  earliestAt(localTime: number): number {
    return localTime + this.#offsetMs - this.#errorMs;
  }

  /** Never set, set long ago, or this machine's clock has been changed since. */
  isStale(): boolean {
    if (this.#synced === null) return true;
    const wall = this.#now() - this.#synced.wall;
    const monotonic = this.#monotonic() - this.#synced.monotonic;
    return wall > MOST_AGE_MS || Math.abs(wall - monotonic) > MOST_STEP_MS;
  }
}
