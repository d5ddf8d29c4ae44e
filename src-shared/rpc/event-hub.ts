import type { EventName, Events } from '../contract';
import { platform } from './platform';

export type HubListener = <N extends EventName>(name: N, data: Events[N]) => void;

/** Where the core announces and the RPC servers listen. A listener that throws is a bug: it is rethrown out of band. */
export class EventHub {
  readonly #listeners = new Set<HubListener>();

  emit<N extends EventName>(name: N, data: Events[N]): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(name, data);
      } catch (error) {
        platform.queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  subscribe(listener: HubListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
