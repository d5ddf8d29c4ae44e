import type { Port } from './port';
import { PortInbox } from './port-inbox';

/** The part of a MessagePort that the DOM and Node's worker_threads have in common. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message' | 'messageerror' | 'close', listener: (event: { data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

/**
 * Port over a MessagePort. No transfer lists: an Electron port throws on a transferred ArrayBuffer or loses it silently, so
 * buffers are copied by the clone, as on every other transport.
 */
export function messagePort(target: MessagePortLike): Port {
  const inbox = new PortInbox();
  target.addEventListener('message', (event) => inbox.receive(event.data));
  // A message that cannot be read would leave a hole in the order; a closed port is the honest answer.
  target.addEventListener('messageerror', () => {
    target.close();
    inbox.close();
  });
  target.addEventListener('close', () => inbox.close());
  return {
    send(message) {
      if (!inbox.closed) target.postMessage(message);
    },
    onMessage(listener) {
      const dispose = inbox.onMessage(listener);
      target.start();
      return dispose;
    },
    onClose: (listener) => inbox.onClose(listener),
    close() {
      target.close();
      inbox.close();
    },
  };
}
