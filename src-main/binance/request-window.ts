const SECOND_MS = 1_000;

/** Counts requests over a rolling window, in slots of a second, for limits such as RAW_REQUESTS. */
export class RequestWindow {
  readonly #slots: { second: number; count: number }[] = [];
  #total = 0;

  constructor(
    /** Requests that the window may hold. */
    readonly limit: number,
    readonly windowMs: number,
  ) {}

  /** `now` in ms of any steady clock. */
  count(now: number): void {
    const second = Math.floor(now / SECOND_MS);
    const last = this.#slots[this.#slots.length - 1];
    // A clock that was set back counts into the newest slot: that only lets less through.
    if (last && last.second >= second) last.count++;
    else this.#slots.push({ second, count: 1 });
    this.#total++;
  }

  /** Milliseconds until one more request fits; 0 when it does now. */
  waitMs(now: number): number {
    const first = this.#slots[0];
    if (first && first.second * SECOND_MS > now + this.windowMs) this.#slots.length = this.#total = 0;
    while (this.#slots[0] && this.#endOf(this.#slots[0].second) <= now) this.#total -= this.#slots.shift()!.count;
    if (this.#total < this.limit || !this.#slots[0]) return 0;
    return this.#endOf(this.#slots[0].second) - now;
  }

  /** When the last request of this second has left the window. */
  #endOf(second: number): number {
    return (second + 1) * SECOND_MS + this.windowMs;
  }
}
