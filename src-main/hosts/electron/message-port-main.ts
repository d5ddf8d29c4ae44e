import { type Port, PortInbox } from '@shared/rpc';

/** The part of Electron's MessagePortMain that is used; structural, since the core's process never imports electron. */
export interface MessagePortMainLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Port over a MessagePortMain, which has listeners of its own kind and takes no ArrayBuffer in a transfer list. */
export function messagePortMain(target: MessagePortMainLike): Port {
  const inbox = new PortInbox();
  target.on('message', (event) => inbox.receive(event.data));
  target.on('close', () => inbox.close());
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
