import type { EventHub } from '@shared/rpc';

interface Running {
  key: string;
  stop: AbortController;
  ended: Promise<unknown>;
}

/** Adoptions under way in this core. They go on when the page that asked for them is closed, and end by being stopped. */
export class RunningAdoptions {
  readonly #running = new Set<Running>();

  constructor(private readonly events: Pick<EventHub, 'emit'>) {}

  /** Runs an adoption into the series of the key; `stop` asks it to end with what it has read. */
  async run<T>(key: string, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const ended = work(stop.signal);
    const each = { key, stop, ended };
    this.#running.add(each);
    this.#tell();
    try {
      return await ended;
    } finally {
      this.#running.delete(each);
      this.#tell();
    }
  }

  /** Stops those into the series, or all; how many that are. */
  stop(key?: string): number {
    const meant = [...this.#running].filter((each) => key === undefined || each.key === key);
    for (const { stop } of meant) stop.abort();
    return meant.length;
  }

  /** Stops all and resolves when what they have read is stored. */
  async close(): Promise<void> {
    this.stop();
    await Promise.allSettled([...this.#running].map(({ ended }) => ended));
  }

  #tell(): void {
    this.events.emit('adoption.count_changed', { running: this.#running.size });
  }
}
