import type { Port } from './port';
import { PortInbox } from './port-inbox';

/** The part of a WebSocket that browsers and the `ws` package have in common. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  send(data: string | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
const UNSUPPORTED_DATA = 1003;

/**
 * Port over a WebSocket: objects travel as JSON text, column frames as binary messages. What is sent before the socket is open
 * waits. Text that is no JSON closes the socket, since its sender does not speak this protocol.
 */
export function webSocketPort(socket: WebSocketLike): Port {
  const inbox = new PortInbox();
  let waiting: (string | ArrayBuffer)[] = [];
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    for (const data of waiting) socket.send(data);
    waiting = [];
  });
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) return inbox.receive(data);
    const message = typeof data === 'string' ? parseJson(data) : undefined;
    if (message !== undefined) return inbox.receive(message);
    socket.close(UNSUPPORTED_DATA, 'not JSON');
  });
  socket.addEventListener('close', () => inbox.close());
  // An 'error' is always followed by 'close'; without a listener `ws` would throw it.
  socket.addEventListener('error', () => {});
  return {
    send(message) {
      if (inbox.closed) return;
      const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
      if (socket.readyState === OPEN) socket.send(data);
      else if (socket.readyState === CONNECTING) waiting.push(data);
    },
    onMessage: (listener) => inbox.onMessage(listener),
    onClose: (listener) => inbox.onClose(listener),
    close() {
      socket.close(1000);
      inbox.close();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
