import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface TestProxy {
  url: string;
  /** Addresses that were asked for in full, and `CONNECT host:port` of tunnels. */
  seen: string[];
  /** First bytes that came through tunnels. */
  tunnelled: Buffer[];
  close(): Promise<void>;
}

/** What a proxy does with a request: passes it on to this address, refuses with a status and a page of HTML, or never answers. */
export type ProxyManner = { to: string } | { status: number } | 'hang';

/** An HTTP proxy on loopback. A tunnel ends at the proxy, which only looks at its first bytes. */
export async function startTestProxy(manner: ProxyManner): Promise<TestProxy> {
  const seen: string[] = [];
  const tunnelled: Buffer[] = [];
  const sockets = new Set<Socket>();
  const page = '<html><body><h1>The proxy says no</h1></body></html>';
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    if (manner === 'hang') return;
    if ('status' in manner) {
      response.writeHead(manner.status, { 'content-type': 'text/html' }).end(page);
      return;
    }
    pass(request, response, manner.to);
  });
  server.on('connect', (request, socket: Socket) => {
    seen.push(`CONNECT ${request.url}`);
    if (manner === 'hang') return;
    if ('status' in manner) {
      socket.end(
        `HTTP/1.1 ${manner.status} No\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`,
      );
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.once('data', (data) => {
      tunnelled.push(data);
      socket.destroy();
    });
    socket.on('error', () => undefined);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    tunnelled,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function pass(request: IncomingMessage, response: ServerResponse, to: string): void {
  const { pathname, search } = new URL(request.url ?? '/', to);
  const { hostname, port } = new URL(to);
  const outgoing = forward(
    { hostname, port, path: pathname + search, method: request.method, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
}
