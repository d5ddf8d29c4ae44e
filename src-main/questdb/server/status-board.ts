import type { QuestDbStatus } from '@shared/contract';

/** Holds a status and tells its changes. */
export class StatusBoard {
  #status: QuestDbStatus;
  readonly #listeners = new Set<(status: QuestDbStatus) => void>();

  constructor(managed: boolean) {
    this.#status = { state: 'idle', managed, version: null, address: null, detail: null };
  }

  get status(): QuestDbStatus {
    return this.#status;
  }

  listen(listener: (status: QuestDbStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(change: Partial<QuestDbStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const listener of [...this.#listeners]) listener(this.#status);
  }
}
