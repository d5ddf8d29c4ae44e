import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestHandlers, StreamHandlers } from '@shared/contract';
import { createRpcClient, EventHub, webSocketPort } from '@shared/rpc';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CONTENT_SECURITY_POLICY } from '../page';
import { startWebHost, type WebHost } from './web-host';

let folder: string;
let host: WebHost;
let token: string;
let origin: string;
const core = {
  requests: { 'series.list': () => ({ series: [] }) } as unknown as RequestHandlers,
  streams: {} as StreamHandlers,
  events: new EventHub(),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapemend-web-'));
  await mkdir(join(folder, 'page', 'assets'), { recursive: true });
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html>page');
  await writeFile(join(folder, 'page', 'assets', 'app.js'), 'app');
  await writeFile(join(folder, 'sentinel.html'), 'SECRET');
  host = await startWebHost({ core, rendererDir: join(folder, 'page') });
  token = new URL(host.url).hash.replace('#token=', '');
  origin = `http://127.0.0.1:${host.port}`;
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const call: ClientRequest = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => {
        text += chunk;
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

function enter(body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return ask('/session', { method: 'POST', headers: { origin, ...headers }, body: JSON.stringify(body) });
}

function cookieOf(reply: Reply): string {
  return reply.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Status of the refused upgrade, or 101. */
async function upgrade(headers: Record<string, string>, path = '/rpc'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, { headers: { origin, ...headers } });
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, reply) => {
      resolve(reply.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
  });
}

describe('the page', () => {
  it('is served with the policy that keeps foreign code out', async () => {
    const reply = await ask('/');
    expect(reply).toMatchObject({ status: 200, body: '<!doctype html>page' });
    expect(reply.headers).toMatchObject({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each(['/../sentinel.html', '/..%2fsentinel.html', '/%2e%2e/sentinel.html', '/..%5csentinel.html', '/a%00.html'])(
    'does not give out a file outside its folder for %s',
    async (path) => {
      const reply = await ask(path);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.body).not.toContain('SECRET');
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers no %s', async (method) => {
    expect((await ask('/', { method, headers: { origin: 'http://evil.example' } })).status).toBe(405);
  });

  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1.evil.example:PORT', '127.0.0.1', 'localhost:1'])(
    'is not given to a page of a rebound name (Host %s)',
    async (name) => {
      expect((await ask('/', { headers: { host: name.replace('PORT', `${host.port}`) } })).status).toBe(421);
    },
  );

  it('survives a request that is no HTTP', async () => {
    const socket = connect(host.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.end('\0\0\0 nonsense\r\n\r\n');
    await once(socket, 'close');
    expect((await ask('/')).status).toBe(200);
  });
});

describe('the token of the printed address', () => {
  it('lets one browser in and its reloads, but nobody after it', async () => {
    const first = await enter({ token });
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']?.[0]).toMatch(/^tapemend_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    const cookie = cookieOf(first);
    expect((await enter({}, { cookie })).status).toBe(200);
    expect((await enter({ token }, { cookie })).status).toBe(200);
    const second = await enter({ token });
    expect(second.status).toBe(403);
    expect(JSON.parse(second.body)).toMatchObject({ ok: false, error: { code: 'rpc.session' } });
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['no token', {}],
    ['an empty token', { token: '' }],
    ['a token that is no text', { token: ['x'] }],
    ['a wrong token', { token: 'x'.repeat(43) }],
  ])('cannot be replaced by %s', async (_what, body) => {
    expect((await enter(body)).status).toBe(403);
    // And a wrong try does not spend the right one.
    expect((await enter({ token })).status).toBe(200);
  });

  it('is worth nothing from another site', async () => {
    for (const foreign of ['http://evil.example', 'null', `https://127.0.0.1:${host.port}`, 'http://127.0.0.1:1'])
      expect((await enter({ token }, { origin: foreign })).status).toBe(403);
    expect((await ask('/session', { method: 'POST', body: JSON.stringify({ token }) })).status).toBe(403);
    expect((await enter({ token })).status).toBe(200);
  });

  it('is not looked for in a body without end', async () => {
    const reply = await enter({ token: 'x'.repeat(100_000) });
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'rpc.too_large' } });
  });
});

describe('the socket', () => {
  it('serves a page with a session', async () => {
    const cookie = cookieOf(await enter({ token }));
    const client = createRpcClient(
      webSocketPort(new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers: { origin, cookie } })),
    );
    expect(await client.call('series.list', {})).toEqual({ series: [] });
    client.close();
  });

  it('is closed to everybody else', async () => {
    const cookie = cookieOf(await enter({ token }));
    expect(await upgrade({ cookie })).toBe(101);
    expect(await upgrade({})).toBe(401);
    expect(await upgrade({ cookie: `${cookie}x` })).toBe(401);
    expect(await upgrade({ cookie: `${cookie}; ${cookie.split('=')[0]}=x` })).toBe(401);
    expect(await upgrade({ cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade({ cookie, origin: 'null' })).toBe(403);
    expect(
      await upgrade({ cookie, host: `evil.example:${host.port}`, origin: `http://evil.example:${host.port}` }),
    ).toBe(421);
    expect(await upgrade({ cookie }, '/other')).toBe(404);
  });

  it('is cut by an oversized or unreadable message, while others are served on', async () => {
    const cookie = cookieOf(await enter({ token }));
    const open = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers: { origin, cookie } });
      await once(socket, 'open');
      return socket;
    };
    const honest = createRpcClient(webSocketPort(await open()));
    const large = await open();
    large.on('error', () => {});
    large.send(`"${'x'.repeat(5 * 1024 * 1024)}"`);
    expect((await once(large, 'close'))[0]).toBe(1009);
    const garbled = await open();
    garbled.send('{');
    expect((await once(garbled, 'close'))[0]).toBe(1003);
    expect(await honest.call('series.list', {})).toEqual({ series: [] });
    honest.close();
  });

  it('is closed when the host closes, so that the page knows', async () => {
    const cookie = cookieOf(await enter({ token }));
    const client = createRpcClient(
      webSocketPort(new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { headers: { origin, cookie } })),
    );
    await client.ready;
    const gone = vi.fn();
    client.onClose(gone);
    await host.close();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledOnce());
    host = await startWebHost({ core, rendererDir: join(folder, 'page') });
  });
});

describe('starting', () => {
  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.com', ''])('refuses to listen on %j', async (name) => {
    await expect(startWebHost({ core, rendererDir: folder, host: name })).rejects.toMatchObject({ code: 'usage.host' });
  });

  it('says which port is taken', async () => {
    await expect(startWebHost({ core, rendererDir: folder, port: host.port })).rejects.toMatchObject({
      code: 'usage.port',
      message: expect.stringContaining(`${host.port}`),
    });
  });
});
