import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, failureOf, type RequestHandlers, type Result, type StreamHandlers } from '@shared/contract';
import { createRpcServer, type EventHub, webSocketPort } from '@shared/rpc';
import { type WebSocket, WebSocketServer } from 'ws';
import { PAGE_HEADERS, resolvePageFile } from '../page';
import { cookieNamed, isOwnHost, isOwnOrigin, loopbackHost } from './origin-rules';
import { SessionGate } from './session-gate';

export interface WebHostOptions {
  core: { readonly requests: RequestHandlers; readonly streams: StreamHandlers; readonly events: EventHub };
  /** The built page (`out/renderer`). */
  rendererDir: string;
  /** A loopback name. Default 127.0.0.1. */
  host?: string;
  /** 0 (the default) takes a free one. */
  port?: number;
  /** Told about bugs and about requests that were turned away. */
  report?: (error: unknown, where: string) => void;
}

export interface WebHost {
  /** To be opened once; the token stands in the fragment, which no server log and no `Referer` sees. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A page that leaves this much unread (events; streams are paced) is asleep or stuck: it reconnects and reads anew. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const MAX_BODY_BYTES = 4 * 1024;
const GOING_AWAY = 1001;

/** Serves the interface to a browser on this machine. Throws `usage.host` and `usage.port`. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const host = loopbackHost(options.host ?? '127.0.0.1');
  const server = createServer();
  server.listen({ host, port: options.port ?? 0 });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be opened (${code})`;
    throw new AppError(
      'usage.port',
      `Port ${options.port} ${what}: choose another --port, or 0 for a free one.`,
      undefined,
      {
        cause,
      },
    );
  }
  const { port } = server.address() as AddressInfo;
  const site = new WebSite(options, port);
  server.on('request', (request, response) => site.answer(request, response));
  server.on('upgrade', (request, socket, head) => site.upgrade(request, socket, head));
  const shown = host === '::1' ? '[::1]' : host;
  return {
    url: `http://${shown}:${port}/#token=${site.gate.token}`,
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      site.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

class WebSite {
  readonly gate = new SessionGate();
  readonly #options: WebHostOptions;
  readonly #port: number;
  readonly #cookie: string;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

  constructor(options: WebHostOptions, port: number) {
    this.#options = options;
    this.#port = port;
    // Cookies do not know ports: two Tapemends on one host must not overwrite each other's.
    this.#cookie = `tapemend_${port}`;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response).catch((error) => {
      this.#options.report?.(error, 'web.request');
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'Something went wrong while this was answered.');
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const status = this.#upgradeStatus(request);
    if (status !== 101) {
      this.#options.report?.(new Error(`upgrade turned away with ${status}`), 'web.upgrade');
      socket.on('error', () => {});
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket));
  }

  close(): void {
    for (const socket of this.#sockets.clients) {
      socket.close(GOING_AWAY, 'Tapemend stops');
      socket.terminate();
    }
    this.#sockets.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOwnHost(request.headers.host, this.#port)) {
      sendText(response, 421, 'This address does not belong to Tapemend.');
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path === '/session') await this.#answerSession(request, response);
    else if (request.method === 'GET' || request.method === 'HEAD') await this.#answerFile(path, request, response);
    else sendText(response, 405, 'Only GET is answered here.');
  }

  async #answerFile(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = resolvePageFile(this.#options.rendererDir, path);
    if (!found.ok) {
      sendText(response, found.status, 'There is no such page.');
      return;
    }
    const body = await readFile(found.file).catch(() => null);
    if (body === null) {
      sendText(response, 404, 'There is no such page.');
      return;
    }
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': found.contentType,
      'content-length': body.byteLength,
      'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** Trades the token for the session cookie. The answer is a `Result`, so that the page can show the reason. */
  async #answerSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      sendText(response, 405, 'Only POST is answered here.');
      return;
    }
    if (!isOwnOrigin(request.headers.origin, request.headers.host, this.#port)) {
      sendText(response, 403, 'Another site asked for a session.');
      return;
    }
    try {
      const token = tokenOf(await readBody(request));
      const session = this.gate.enter(cookieNamed(request.headers.cookie, this.#cookie), token);
      response.setHeader('set-cookie', `${this.#cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`);
      sendResult(response, 200, { ok: true, data: null });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#options.report?.(error, 'web.session');
      sendResult(response, 403, { ok: false, error: failureOf(error) });
    }
  }

  #upgradeStatus({ url, headers }: IncomingMessage): 101 | 401 | 403 | 404 | 421 {
    if (!isOwnHost(headers.host, this.#port)) return 421;
    if (url !== '/rpc') return 404;
    if (!isOwnOrigin(headers.origin, headers.host, this.#port)) return 403;
    return this.gate.isSession(cookieNamed(headers.cookie, this.#cookie)) ? 101 : 401;
  }

  #serve(socket: WebSocket): void {
    const { core, report } = this.#options;
    const port = webSocketPort(socket);
    createRpcServer({
      requests: core.requests,
      streams: core.streams,
      events: core.events,
      port: {
        ...port,
        send(message) {
          if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
          else port.send(message);
        },
      },
      ...(report ? { report } : {}),
    });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new AppError('rpc.too_large', 'The request is larger than a token can be.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tokenOf(body: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    throw new AppError('rpc.malformed', 'A session is asked for with a JSON object.', undefined, { cause });
  }
  const token = typeof parsed === 'object' && parsed !== null ? (parsed as { token?: unknown }).token : null;
  return typeof token === 'string' ? token : null;
}

function sendText(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${sentence}\n`);
}

function sendResult(response: ServerResponse, status: number, result: Result<null>): void {
  response.writeHead(status, { ...PAGE_HEADERS, 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(result));
}
