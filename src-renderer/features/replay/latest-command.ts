/**
 * Sends one command at a time. What is asked for while one is under way is merged into a single next one, so that a dragged
 * track or a held key never queues up calls.
 */
export class LatestCommand<T> {
  readonly #send: (argument: T) => Promise<void>;
  readonly #merge: (waiting: T, next: T) => T;
  #waiting: { argument: T } | null = null;
  #busy = false;

  /** `send` must not reject: it deals with its failures itself. */
  constructor(send: (argument: T) => Promise<void>, merge: (waiting: T, next: T) => T = (_, next) => next) {
    this.#send = send;
    this.#merge = merge;
  }

  request(argument: T): void {
    this.#waiting = { argument: this.#waiting ? this.#merge(this.#waiting.argument, argument) : argument };
    if (!this.#busy) void this.#run();
  }

  /** Forgets what has not been sent. */
  clear(): void {
    this.#waiting = null;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting) {
      const { argument } = this.#waiting;
      this.#waiting = null;
      await this.#send(argument);
    }
    this.#busy = false;
  }
}
