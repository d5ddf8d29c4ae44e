import { AppError, type Result, unwrap } from '@shared/contract';
import { messagePort, type Port, webSocketPort } from '@shared/rpc';

/** What the preload of the desktop window gives the page; nothing in a browser. */
interface Bridge {
  /** Asks for a port to the core; answers with the nonce that the message carrying it will name. */
  connect(): string;
}

/** Opens a port to the core: over the desktop bridge, else over a WebSocket to the page's own origin. */
export async function connectToCore(): Promise<Port> {
  const { bridge } = globalThis as { bridge?: Bridge };
  return bridge ? connectThroughBridge(bridge) : connectThroughSocket();
}

function connectThroughBridge(bridge: Bridge): Promise<Port> {
  const nonce = bridge.connect();
  return new Promise((resolve) => {
    const listener = (event: MessageEvent) => {
      const message = event.data as { type?: unknown; nonce?: unknown } | null;
      const port = event.ports[0];
      if (event.source !== window || message?.type !== 'tapemend:port' || message.nonce !== nonce || !port) return;
      window.removeEventListener('message', listener);
      resolve(closedWhenLost(messagePort(port)));
    };
    window.addEventListener('message', listener);
  });
}

/** A port whose other side was killed does not always say so (seen with Electron); the main process does. */
function closedWhenLost(port: Port): Port {
  const listener = (event: MessageEvent) => {
    const message = event.data as { type?: unknown } | null;
    if (event.source === window && message?.type === 'tapemend:lost') port.close();
  };
  window.addEventListener('message', listener);
  port.onClose(() => window.removeEventListener('message', listener));
  return port;
}

async function connectThroughSocket(): Promise<Port> {
  // The printed address carries a token that is traded, once, for a session cookie; a reload has the cookie already.
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  const reply = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(token ? { token } : {}),
  });
  if (!reply.ok) unwrap(await refusalOf(reply));
  if (token) history.replaceState(null, '', location.pathname + location.search);
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return webSocketPort(new WebSocket(`${scheme}://${location.host}/rpc`));
}

async function refusalOf(reply: Response): Promise<Result<never>> {
  const answer: unknown = await reply.json().catch(() => null);
  if (typeof answer === 'object' && answer !== null && 'error' in answer) return answer as Result<never>;
  throw new AppError(
    'rpc.refused',
    `The server answered the connection with ${reply.status}. Open the printed address again.`,
  );
}
