import { AppError } from '@shared/contract';

interface Turn {
  /** Resolves when it is over, however it ended. */
  over: Promise<void>;
  /** What others are told who want a turn meanwhile; null when they wait instead. */
  refusal: string | null;
}

/**
 * Lets what changes stored rows of a series (undoing, fetching again, adopting) come one after the other: a partition that is written
 * anew must not lose what another writes into it. Of this core only; jobs of the workspace are looked for by `refuseWhileRunning`.
 */
export class SeriesTurns {
  readonly #last = new Map<string, Turn>();

  /**
   * Does the work when all before it are over. One that takes long has a `refusal`, a sentence: whoever comes meanwhile is refused
   * with it instead of waiting (`usage.jobs_running`).
   */
  async run<T>(key: string, work: () => Promise<T>, refusal: string | null = null): Promise<T> {
    const before = this.#last.get(key);
    if (before?.refusal) throw new AppError('usage.jobs_running', before.refusal);
    const outcome = (before?.over ?? Promise.resolve()).then(work);
    const over = outcome.then(
      () => undefined,
      () => undefined,
    );
    const turn = { over, refusal };
    this.#last.set(key, turn);
    try {
      return await outcome;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
