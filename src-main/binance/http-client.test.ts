import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { AxiosHttpClient } from './http-client';
import { deadUrl, testServer } from './test-server';

const LIMITS = { stallMs: 10_000, maxBytes: 1_000_000 };

it('silence in the middle of a body is not waited for forever', async () => {
  const server = await testServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('some');
  });
  await expect(new AxiosHttpClient().get(server.url, { ...LIMITS, stallMs: 60 })).rejects.toThrow(
    'nothing arrived for 0.06 s',
  );
});

it('silence before the first byte is not waited for forever', async () => {
  const server = await testServer(() => undefined);
  await expect(new AxiosHttpClient().get(server.url, { ...LIMITS, stallMs: 60 })).rejects.toThrow('nothing arrived');
});

it('a body that never ends is cut off', async () => {
  const server = await testServer((_, response) => void response.end(Buffer.alloc(2_000_000)));
  await expect(new AxiosHttpClient().get(server.url, LIMITS)).rejects.toThrow();
});

it('compressed bodies come unpacked, and count as what went over the wire', async () => {
  const packed = gzipSync('hello '.repeat(1000));
  const server = await testServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(packed.length) });
    response.end(packed);
  });
  const reply = await new AxiosHttpClient().get(server.url, LIMITS);
  expect(reply.body.length).toBe(6_000);
  expect(reply.wireBytes).toBe(packed.length);
});

it("this machine's own servers are not looked for behind a proxy", async () => {
  vi.stubEnv('HTTP_PROXY', await deadUrl());
  vi.stubEnv('http_proxy', await deadUrl());
  try {
    const server = await testServer((_, response) => void response.end('direct'));
    const reply = await new AxiosHttpClient().get(server.url, LIMITS);
    expect(Buffer.from(reply.body).toString()).toBe('direct');
  } finally {
    vi.unstubAllEnvs();
  }
});

it("other servers are asked through the environment's proxy", async () => {
  const proxy = await testServer((_, response) => void response.end('through the proxy'));
  vi.stubEnv('http_proxy', proxy.url);
  vi.stubEnv('no_proxy', '');
  vi.stubEnv('NO_PROXY', '');
  try {
    const reply = await new AxiosHttpClient().get('http://exchange.invalid/api', LIMITS);
    expect(Buffer.from(reply.body).toString()).toBe('through the proxy');
    expect(proxy.requests).toEqual(['http://exchange.invalid/api']);
  } finally {
    vi.unstubAllEnvs();
  }
});

it('connections are kept for the next request', async () => {
  const ports = new Set<number | undefined>();
  const server = await testServer((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('x');
  });
  const client = new AxiosHttpClient();
  for (let i = 0; i < 3; i++) await client.get(server.url, LIMITS);
  client.close();
  expect(ports.size).toBe(1);
});

it('a HEAD gives status and headers, and does not wait for the body that its length promises', async () => {
  const server = await testServer((request, response) => {
    expect(request.method).toBe('HEAD');
    response.writeHead(200, { 'content-length': '5000000', etag: '"x"' }).end();
  });
  const reply = await new AxiosHttpClient().head(server.url, { stallMs: 10_000 });
  expect(reply).toMatchObject({ status: 200, wireBytes: 0, headers: { etag: '"x"', 'content-length': '5000000' } });
  expect(reply.body.length).toBe(0);
});

it('further headers are sent', async () => {
  const server = await testServer((request, response) => void response.end(String(request.headers['x-mbx-time-unit'])));
  const { body } = await new AxiosHttpClient().get(server.url, {
    ...LIMITS,
    headers: { 'X-MBX-TIME-UNIT': 'MICROSECOND' },
  });
  expect(Buffer.from(body).toString()).toBe('MICROSECOND');
});

it('a kept connection that the server has closed meanwhile is told as an unreachable server', async () => {
  let asked = 0;
  const server = await testServer((request, response) => {
    asked++;
    const { socket } = request;
    // Every connection serves once; what comes on it afterwards is cut off, as a server does that has just closed it.
    if ('served' in socket) socket.destroy();
    else response.end(Object.assign(socket, { served: true }) && 'answer');
  });
  const client = new AxiosHttpClient();
  await Promise.all(Array.from({ length: 5 }, () => client.get(server.url, LIMITS)));
  const again = await Promise.all(Array.from({ length: 5 }, () => client.get(server.url, LIMITS)));
  expect(again.map((reply) => Buffer.from(reply.body).toString())).toEqual(new Array(5).fill('answer'));
  expect(asked).toBeGreaterThan(10);
  client.close();
});

it('a server that ends every connection is asked for ever', async () => {
  let asked = 0;
  const server = await testServer((request) => {
    asked++;
    request.socket.destroy();
  });
  await expect(new AxiosHttpClient().get(server.url, LIMITS)).rejects.toThrow('socket hang up');
  expect(asked).toBe(1);
});

it('an answer that names another address is taken for the body', async () => {
  const server = await testServer((request, response) => {
    if (request.url === '/moved') response.end('found');
    else response.writeHead(302, { location: '/moved' }).end('this way');
  });
  const { status, body } = await new AxiosHttpClient().get(`${server.url}/old`, LIMITS);
  expect([status, Buffer.from(body).toString()]).toEqual([200, 'found']);
});

it('a body that was cut off is taken for whole, packed or not', async () => {
  const packed = gzipSync('hello '.repeat(10_000));
  const server = await testServer((request, response) => {
    const headers = { 'content-length': String(packed.length) };
    response.writeHead(200, request.url === '/packed' ? { ...headers, 'content-encoding': 'gzip' } : headers);
    response.write(packed.subarray(0, packed.length >> 1), () => response.destroy());
  });
  for (const path of ['/packed', '/plain'])
    await expect(new AxiosHttpClient().get(server.url + path, LIMITS)).rejects.toThrow();
});

it('a body of known length lies in memory that is larger, so that moving it to a thread copies it', async () => {
  const server = await testServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write(Buffer.alloc(400, 1));
    response.end(Buffer.alloc(600, 2));
  });
  const { body } = await new AxiosHttpClient().get(server.url, LIMITS);
  expect([body.length, body.byteOffset, body.buffer.byteLength]).toEqual([1000, 0, 1000]);
  expect([body[399], body[400]]).toEqual([1, 2]);
});

it('giving up in the middle of a body is taken for a failure of the server', async () => {
  const server = await testServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('some');
  });
  const stop = new AbortController();
  const asked = new AxiosHttpClient().get(server.url, { ...LIMITS, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 50);
  await expect(asked).rejects.toThrow('enough');
});
