import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@shared/contract';
import { PAGE_HEADERS } from '../page';
import { isOwnHost } from './origin-rules';

export interface MetricsHostOptions {
  metrics: { readonly contentType: string; read(): Promise<string> };
  /** 0 takes a free one. */
  port: number;
  /** Told of metrics that could not be read. */
  report?: (error: unknown, where: string) => void;
}

export interface MetricsHost {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Serves `/metrics` to programs on this machine, and nothing else. Throws `usage.metrics_port` when the port is not to be had. */
export async function startMetricsHost(options: MetricsHostOptions): Promise<MetricsHost> {
  const server = createServer();
  server.listen({ host: LOOPBACK, port: options.port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be opened (${code})`;
    const sentence = `Port ${options.port} for metrics ${what}; set metrics.port (TAPEMEND_METRICS_PORT) to another.`;
    throw new AppError('usage.metrics_port', sentence, { port: options.port }, { cause });
  }
  const { port } = server.address() as AddressInfo;
  server.on('request', (request, response) => {
    answer(options, port, request, response).catch((error: unknown) => {
      options.report?.(error, 'metrics.request');
      if (response.headersSent) response.destroy();
      else send(request, response, 500, 'The metrics could not be read.\n');
    });
  });
  return {
    url: `http://${LOOPBACK}:${port}/metrics`,
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { metrics }: MetricsHostOptions,
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  // A name that somebody has pointed at this machine does not make his page a reader.
  if (!isOwnHost(request.headers.host, port))
    send(request, response, 421, 'This address does not belong to Tapemend.\n');
  else if (path !== '/metrics') send(request, response, 404, 'There is only /metrics here.\n');
  else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(request, response, 405, 'Only GET is answered here.\n');
  } else send(request, response, 200, await metrics.read(), metrics.contentType);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'content-type': contentType,
    'content-length': body.byteLength,
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
