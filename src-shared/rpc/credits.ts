/** Flow control of one stream, in bytes. */
export interface CreditLimits {
  /** The producer pauses at or above this many unacknowledged bytes, */
  high: number;
  /** and goes on at or below this many. */
  low: number;
  /** The consumer acknowledges each time it has processed this many. More than `low` could leave a stream paused for ever. */
  ackEvery: number;
}

const MIB = 1024 * 1024;
export const DEFAULT_CREDITS: CreditLimits = { high: 8 * MIB, low: 2 * MIB, ackEvery: MIB };

export function checkCredits(limits: CreditLimits): CreditLimits {
  if (!(limits.ackEvery > 0 && limits.ackEvery <= limits.low && limits.low <= limits.high))
    throw new RangeError('credits need 0 < ackEvery <= low <= high');
  return limits;
}

/** The producer's side: counts what is on its way and lets the producer wait. */
export class Credit {
  readonly #limits: CreditLimits;
  #unacknowledged = 0;
  #resume: (() => void) | null = null;

  constructor(limits: CreditLimits) {
    this.#limits = checkCredits(limits);
  }

  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  sent(bytes: number): void {
    this.#unacknowledged += bytes;
  }

  /** False when more is acknowledged than was sent. */
  acknowledge(bytes: number): boolean {
    if (bytes > this.#unacknowledged) return false;
    this.#unacknowledged -= bytes;
    if (this.#unacknowledged <= this.#limits.low) this.release();
    return true;
  }

  /** Resolves at once below `high`, otherwise when acknowledgements have brought it down to `low`, or on `release()`. */
  available(): Promise<void> {
    if (this.#unacknowledged < this.#limits.high) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  release(): void {
    this.#resume?.();
    this.#resume = null;
  }
}
