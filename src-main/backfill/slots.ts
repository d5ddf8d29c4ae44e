interface Waiter {
  units: number;
  rank: number;
  grant: () => void;
}

/**
 * A bounded number of units (lanes, bytes) that pieces of work share. Whoever has the lowest rank goes first, and nobody
 * overtakes it: a large piece waits until enough is free, and is not starved by small ones. A piece larger than the whole
 * goes when it is alone.
 */
export class Slots {
  #free: number;
  readonly #waiting: Waiter[] = [];

  constructor(
    private readonly capacity: number,
    /** Told of units that were taken (positive) or given back (negative). */
    private readonly onUse: (change: number) => void = () => {},
  ) {
    this.#free = capacity;
  }

  /** Resolves with what gives the units back; calling it again does nothing. Rejects with the signal's reason. */
  take(units: number, rank: number, signal: AbortSignal): Promise<() => void> {
    const wanted = Math.min(units, this.capacity);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      // Most need not wait, and listening to a signal that hundreds listen to is dear.
      if (this.#waiting.length === 0 && wanted <= this.#free) return resolve(this.#grant(wanted));
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        units: wanted,
        rank,
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve(this.#grant(wanted));
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      let at = this.#waiting.length;
      while (at > 0 && this.#waiting[at - 1]!.rank > rank) at--;
      this.#waiting.splice(at, 0, waiter);
      this.#serve();
    });
  }

  /** Runs the work with the units taken, and gives them back whatever becomes of it. */
  async with<T>(units: number, rank: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const giveBack = await this.take(units, rank, signal);
    try {
      return await work();
    } finally {
      giveBack();
    }
  }

  #grant(units: number): () => void {
    this.#free -= units;
    this.onUse(units);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#free += units;
      this.onUse(-units);
      this.#serve();
    };
  }

  #serve(): void {
    for (let head = this.#waiting[0]; head && head.units <= this.#free; head = this.#waiting[0]) {
      this.#waiting.shift();
      head.grant();
    }
  }
}
