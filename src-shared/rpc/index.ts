/**
 * Calls, streams and events between the core and its clients, over any ordered connection (`Port`).
 *
 * How a page connects (recipe for the renderer's client):
 * ```ts
 * const client = keepConnected({ connect });            // an RpcClient that reconnects by itself
 * client.onState((state) => …);                         // 'connected' with restored: true → read everything again
 *
 * async function connect(): Promise<Port> {
 *   const bridge = (globalThis as { bridge?: { connect(): string } }).bridge;
 *   if (bridge) {                                       // Electron: the preload posts a MessagePort with the nonce it returned
 *     const nonce = bridge.connect();
 *     return new Promise((resolve) => {
 *       const listener = (event: MessageEvent) => {
 *         if (event.source !== window || event.data?.type !== 'tapemend:port' || event.data.nonce !== nonce) return;
 *         window.removeEventListener('message', listener);
 *         resolve(messagePort(event.ports[0]!));
 *       };
 *       window.addEventListener('message', listener);
 *     });
 *   }
 *   // Browser: the token of the printed address is traded, once, for a session cookie; a reload has the cookie already.
 *   const token = new URLSearchParams(location.hash.slice(1)).get('token');
 *   const reply = await fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' },
 *     body: JSON.stringify(token ? { token } : {}) });
 *   if (!reply.ok) throw unwrap(await reply.json());    // {ok: false, error}: an AppError, which keepConnected shows as refused
 *   history.replaceState(null, '', location.pathname);  // the token is spent: nobody needs to read it
 *   return webSocketPort(new WebSocket(`ws://${location.host}/rpc`));
 * }
 * ```
 */
export { BRIDGE, isNonce } from './bridge';
export type { CreditLimits } from './credits';
export { EventHub, type HubListener } from './event-hub';
export { type ConnectionState, type KeepConnectedOptions, type KeptClient, keepConnected } from './kept-client';
export { createMemoryPortPair } from './memory-port';
export { type MessagePortLike, messagePort } from './message-port';
export type { Port } from './port';
export { PortInbox } from './port-inbox';
export {
  type CallOptions,
  createRpcClient,
  type PortClient,
  type RpcClient,
  type RpcClientOptions,
} from './rpc-client';
export {
  createRpcServer,
  type RpcServerLimits,
  type RpcServerOptions,
  refuseConnection,
} from './rpc-server';
export { type WebSocketLike, webSocketPort } from './web-socket-port';
