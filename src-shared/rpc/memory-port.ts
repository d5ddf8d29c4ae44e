import { platform } from './platform';
import type { Port } from './port';
import { PortInbox } from './port-inbox';

/**
 * Two connected ports in one thread. Every message passes `structuredClone`, so what a real port would refuse is refused here
 * too; delivery is asynchronous and in order, and a close arrives after the messages sent before it.
 */
export function createMemoryPortPair(): [Port, Port] {
  const left = new PortInbox();
  const right = new PortInbox();
  return [memoryPort(left, right), memoryPort(right, left)];
}

function memoryPort(own: PortInbox, other: PortInbox): Port {
  return {
    send(message) {
      if (own.closed) return;
      const copy = platform.structuredClone(message);
      platform.queueMicrotask(() => other.receive(copy));
    },
    onMessage: (listener) => own.onMessage(listener),
    onClose: (listener) => own.onClose(listener),
    close() {
      if (own.close()) platform.queueMicrotask(() => other.close());
    },
  };
}
