import type { BRIDGE } from '@shared/rpc';
import { contextBridge, ipcRenderer } from 'electron';

// The types hold these to BRIDGE; its import would carry the whole contract into every page.
const CONNECT_CHANNEL: typeof BRIDGE.connectChannel = 'tapemend:connect';
const PORT_CHANNEL: typeof BRIDGE.portChannel = 'tapemend:port';
const LOST_CHANNEL: typeof BRIDGE.lostChannel = 'tapemend:lost';

/** The part of a page's globals that is needed here; the main side's sources know no DOM. */
const page = globalThis as unknown as {
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
  location: { origin: string };
  postMessage(message: unknown, targetOrigin: string, transfer: unknown[]): void;
};

ipcRenderer.on(PORT_CHANNEL, (event, nonce: unknown) => {
  page.postMessage({ type: PORT_CHANNEL, nonce }, page.location.origin, [...event.ports]);
});

ipcRenderer.on(LOST_CHANNEL, () => {
  page.postMessage({ type: LOST_CHANNEL }, page.location.origin, []);
});

/** All that the page gets: a way to ask for a port to the core. What is asked over it is the core's business. */
contextBridge.exposeInMainWorld('bridge', {
  connect(): string {
    const nonce = [...page.crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('');
    ipcRenderer.send(CONNECT_CHANNEL, nonce);
    return nonce;
  },
});
