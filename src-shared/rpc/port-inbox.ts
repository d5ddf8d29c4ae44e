import { platform } from './platform';

/** What all port adapters share: the queue before the first listener, delivery in order, and a close that is told once. */
export class PortInbox {
  readonly #messageListeners = new Set<(message: unknown) => void>();
  readonly #closeListeners = new Set<() => void>();
  #waiting: unknown[] | null = [];
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  receive(message: unknown): void {
    if (this.#closed) return;
    if (this.#waiting) this.#waiting.push(message);
    else for (const listener of [...this.#messageListeners]) listener(message);
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.#messageListeners.add(listener);
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const message of waiting ?? []) listener(message);
    return () => {
      this.#messageListeners.delete(listener);
    };
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    if (this.#closed) {
      platform.queueMicrotask(() => {
        if (this.#closeListeners.delete(listener)) listener();
      });
    }
    return () => {
      this.#closeListeners.delete(listener);
    };
  }

  /** Returns false when the port was closed before. */
  close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    for (const listener of listeners) listener();
    return true;
  }
}
