/**
 * One end of a duplex, ordered, reliable connection. Messages are plain clonable objects or ArrayBuffers. Nothing is lost
 * before the first listener: messages wait for it.
 */
export interface Port {
  /** Throws when the message cannot be cloned; does nothing once the port is closed. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): () => void;
  /** Called once, when either side closed; at once (in a microtask) when the port is closed already. */
  onClose(listener: () => void): () => void;
  close(): void;
}
