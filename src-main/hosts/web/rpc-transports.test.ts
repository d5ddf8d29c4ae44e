import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import {
  AppError,
  type ColumnFrame,
  encodeFrame,
  type RequestHandlers,
  type StreamHandlers,
  type SymbolInfo,
} from '@shared/contract';
import {
  createMemoryPortPair,
  createRpcClient,
  createRpcServer,
  EventHub,
  keepConnected,
  type MessagePortLike,
  messagePort,
  type Port,
  type RpcServerLimits,
  webSocketPort,
} from '@shared/rpc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

/** Connects two ports over one transport; returns the server's and the client's. */
type Transport = () => Promise<{ server: Port; client: Port }>;

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const transports: Record<string, Transport> = {
  memory: async () => {
    const [server, client] = createMemoryPortPair();
    return { server, client };
  },
  MessagePort: async () => {
    const { port1, port2 } = new MessageChannel();
    cleanups.push(() => port1.close());
    // Node's typings leave out the EventTarget half of its MessagePort.
    return {
      server: messagePort(port1 as unknown as MessagePortLike),
      client: messagePort(port2 as unknown as MessagePortLike),
    };
  },
  WebSocket: async () => {
    const listener = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    cleanups.push(() => new Promise<void>((resolve) => listener.close(() => resolve())));
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const accepted = once(listener, 'connection');
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const client = webSocketPort(socket);
    cleanups.push(() => socket.terminate());
    return { server: webSocketPort((await accepted)[0] as WebSocket), client };
  },
};

const KEY = 'binance:spot:BTCUSDT:1m';
const READ = { key: KEY, range: { from: 0, to: 60_000 } };
const notInThisTest = () => {
  throw new AppError('runtime.bug', 'This handler has no part in the test.');
};

function handlers(over: Partial<RequestHandlers> = {}): RequestHandlers {
  return new Proxy(over as RequestHandlers, {
    get: (target, route, receiver) => Reflect.get(target, route, receiver) ?? notInThisTest,
    getOwnPropertyDescriptor: (target, route) => ({
      configurable: true,
      enumerable: true,
      value: Reflect.get(target, route) ?? notInThisTest,
    }),
  });
}

function streamHandlers(read: StreamHandlers['candles.read']): StreamHandlers {
  return { 'candles.read': read, 'replay.candles': notInThisTest };
}

function oneColumn(...values: number[]): ArrayBuffer {
  return encodeFrame([Float64Array.from(values)], values.length);
}

function symbolNamed(symbol: string): SymbolInfo {
  return { market: 'spot', symbol, baseAsset: 'B', quoteAsset: 'Q', status: 'TRADING' };
}

function search(query: string) {
  return { market: 'spot', query, limit: 1 } as const;
}

describe.each(Object.entries(transports))('RPC over %s', (_name, connect) => {
  async function pair(options: {
    requests?: Partial<RequestHandlers>;
    read?: StreamHandlers['candles.read'];
    limits?: Partial<RpcServerLimits>;
    events?: EventHub;
  }) {
    const ports = await connect();
    const reports: { error: unknown; where: string }[] = [];
    const server = createRpcServer({
      port: ports.server,
      requests: handlers(options.requests),
      streams: streamHandlers(options.read ?? notInThisTest),
      events: options.events ?? new EventHub(),
      report: (error, where) => reports.push({ error, where }),
      ...(options.limits ? { limits: options.limits } : {}),
    });
    const credits = options.limits?.credits;
    const client = createRpcClient(ports.client, credits ? { credits } : {});
    cleanups.push(() => client.close());
    return { ports, server, client, reports };
  }

  it('gives every caller its own answer, even when answers overtake each other', async () => {
    const released = new Map<string, () => void>();
    const { client } = await pair({
      requests: {
        'symbols.search': async ({ query }) => {
          await new Promise<void>((resolve) => released.set(query, resolve));
          return { symbols: [symbolNamed(query)], total: 1 };
        },
      },
    });
    const calls = ['A', 'B', 'C'].map((query) => client.call('symbols.search', search(query)));
    await vi.waitFor(() => expect(released.size).toBe(3));
    for (const query of ['C', 'A', 'B']) released.get(query)?.();
    expect((await Promise.all(calls)).map((answer) => answer.symbols[0]?.symbol)).toEqual(['A', 'B', 'C']);
  });

  it('does not reorder requests, frames or events', async () => {
    const events = new EventHub();
    const seen: string[] = [];
    const { client } = await pair({
      events,
      requests: {
        'symbols.search': ({ query }) => {
          seen.push(query);
          return { symbols: [], total: 0 };
        },
      },
      read: async function* () {
        for (let i = 0; i < 200; i++) yield oneColumn(i);
      },
    });
    const pushed: number[] = [];
    client.on('coverage.changed', ({ summaries }) => pushed.push(summaries.length));
    await client.ready;
    for (let i = 0; i < 50; i++) events.emit('coverage.changed', { summaries: new Array(i).fill(null) });
    const queries = Array.from({ length: 50 }, (_, i) => `S${i}`);
    await Promise.all(queries.map((query) => client.call('symbols.search', search(query))));
    const frames: number[] = [];
    for await (const frame of client.stream('candles.read', READ)) frames.push(frame.columns[0]?.[0] ?? -1);
    expect(seen).toEqual(queries);
    expect(pushed).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(frames).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('keeps code, sentence and data of a failure', async () => {
    const { client } = await pair({
      requests: {
        'series.list': () => {
          throw new AppError('questdb.not_ready', 'QuestDB is still starting.', { state: 'starting' });
        },
      },
    });
    const failure = { code: 'questdb.not_ready', message: 'QuestDB is still starting.', data: { state: 'starting' } };
    await expect(client.call('series.list', {})).rejects.toMatchObject(failure);
  });

  it('delivers what a failing stream sent before its failure, then the failure', async () => {
    const { client } = await pair({
      read: async function* () {
        yield oneColumn(1);
        yield oneColumn(2);
        throw new AppError('questdb.gone', 'QuestDB went away.');
      },
    });
    const frames: ColumnFrame[] = [];
    const all = (async () => {
      for await (const frame of client.stream('candles.read', READ)) frames.push(frame);
    })();
    await expect(all).rejects.toMatchObject({ code: 'questdb.gone' });
    expect(frames.length).toBe(2);
  });

  it('aborts the handler when the caller cancels, and frees the caller at once', async () => {
    let aborted = false;
    let started = false;
    const { client } = await pair({
      requests: {
        'series.list': (_body, { signal }) =>
          new Promise((resolve) => {
            started = true;
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve({ series: [] });
            });
          }),
      },
    });
    const controller = new AbortController();
    const call = client.call('series.list', {}, { signal: controller.signal });
    await vi.waitFor(() => expect(started).toBe(true));
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'rpc.cancelled' });
    await vi.waitFor(() => expect(aborted).toBe(true));
  });

  it('returns the handler of a stream whose consumer leaves the loop', async () => {
    let signalled = false;
    let finished = false;
    const { client } = await pair({
      read: async function* (_body, { signal }) {
        try {
          for (let i = 0; ; i++) {
            yield oneColumn(i);
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          signalled = signal.aborted;
          finished = true;
        }
      },
    });
    for await (const frame of client.stream('candles.read', READ)) if (frame.sequence === 3) break;
    await vi.waitFor(() => expect(finished).toBe(true));
    expect(signalled).toBe(true);
  });

  it('answers a caller whose answer cannot be cloned instead of letting it wait for ever', async () => {
    const circle: { symbols: SymbolInfo[]; total: number; self?: unknown; call?: unknown; big?: unknown } = {
      symbols: [],
      total: 0,
    };
    circle.self = circle;
    circle.call = () => {};
    circle.big = 1n;
    const { client, reports } = await pair({ requests: { 'symbols.search': () => circle } });
    await expect(client.call('symbols.search', search('A'))).rejects.toMatchObject({ code: 'rpc.unsendable' });
    expect(reports.length).toBeGreaterThan(0);
  });

  it('sends the JSON copy of an answer that holds a stray function', async () => {
    const { client } = await pair({
      requests: { 'symbols.search': () => ({ symbols: [symbolNamed('A')], total: 1, helper: () => 1 }) },
    });
    expect(await client.call('symbols.search', search('A'))).toEqual({ symbols: [symbolNamed('A')], total: 1 });
  });

  it('stops pulling the producer while the consumer does not acknowledge, and goes on when it does', async () => {
    const frame = oneColumn(...new Array(1_000).fill(0));
    const credits = {
      high: 10 * frame.byteLength,
      low: 4 * frame.byteLength,
      ackEvery: 4 * frame.byteLength,
    };
    let pulled = 0;
    const { client } = await pair({
      limits: { credits },
      read: async function* () {
        for (; pulled < 100; ) {
          pulled++;
          yield frame.slice(0);
        }
      },
      requests: { 'series.list': () => ({ series: [] }) },
    });
    const iterator = client.stream('candles.read', READ)[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitFor(() => expect(pulled).toBe(10));
    // A round trip behind the last frame: had the producer gone on, it would have by now.
    for (let i = 0; i < 5; i++) await client.call('series.list', {});
    expect(pulled).toBe(10);
    let received = 1;
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
      received++;
      expect(pulled - received).toBeLessThanOrEqual(10);
    }
    expect(received).toBe(100);
  });

  it('fails what is pending, and what comes later, when the server goes away', async () => {
    let aborted = 0;
    const { client, server } = await pair({
      requests: {
        'series.list': (_body, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => aborted++);
          }),
      },
      read: async function* (_body, { signal }) {
        signal.addEventListener('abort', () => aborted++);
        yield oneColumn(1);
        await new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
      },
    });
    const call = client.call('series.list', {});
    const iterator = client.stream('candles.read', READ)[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    const reasons: string[] = [];
    client.onClose((reason) => reasons.push(reason.code));
    server.close();
    await expect(call).rejects.toMatchObject({ code: 'rpc.disconnected' });
    await expect(next).rejects.toMatchObject({ code: 'rpc.disconnected' });
    await expect(client.call('series.list', {})).rejects.toMatchObject({ code: 'rpc.disconnected' });
    expect(reasons).toEqual(['rpc.disconnected']);
    await vi.waitFor(() => expect(aborted).toBe(2));
  });

  it('aborts what a client left behind when it goes away', async () => {
    let aborted = false;
    let started = false;
    const { ports } = await pair({
      requests: {
        'series.list': (_body, { signal }) =>
          new Promise(() => {
            started = true;
            signal.addEventListener('abort', () => {
              aborted = true;
            });
          }),
      },
    });
    ports.client.send({ type: 'call', id: 1, route: 'series.list', body: {} });
    await vi.waitFor(() => expect(started).toBe(true));
    ports.client.close();
    await vi.waitFor(() => expect(aborted).toBe(true));
  });

  it('brings 4 MiB across bit by bit', async () => {
    const values = Float64Array.from({ length: 524_288 }, (_, i) => Math.sin(i) * 10 ** (i % 300));
    const hash = (bytes: Float64Array) =>
      createHash('sha256')
        .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
        .digest('hex');
    const { client } = await pair({
      read: async function* () {
        yield encodeFrame([values], values.length);
      },
    });
    const received: Float64Array[] = [];
    for await (const frame of client.stream('candles.read', READ)) received.push(...frame.columns);
    expect(received.map(hash)).toEqual([hash(values)]);
  });

  it('survives reconnection with its event listeners, and tells that it was interrupted', async () => {
    const events = new EventHub();
    const servers: { close(): void }[] = [];
    const client = keepConnected({
      delaysMs: [0],
      connect: async () => {
        const ports = await connect();
        servers.push(
          createRpcServer({
            port: ports.server,
            requests: handlers({ 'jobs.list': () => ({ jobs: [] }) }),
            streams: streamHandlers(notInThisTest),
            events,
          }),
        );
        return ports.client;
      },
    });
    cleanups.push(() => client.close());
    const heard: number[] = [];
    const states: string[] = [];
    client.onState((state) => states.push(state.phase === 'connected' ? `connected:${state.restored}` : state.phase));
    client.on('coverage.changed', ({ summaries }) => heard.push(summaries.length));
    // Waits for the first connection.
    expect(await client.call('jobs.list', { limit: 1 })).toEqual({ jobs: [] });
    events.emit('coverage.changed', { summaries: [] });
    await vi.waitFor(() => expect(heard).toEqual([0]));
    servers[0]?.close();
    await vi.waitFor(() => expect(states).toEqual(['connected:false', 'disconnected', 'connected:true']));
    events.emit('coverage.changed', { summaries: new Array(3).fill(null) });
    expect(await client.call('jobs.list', { limit: 1 })).toEqual({ jobs: [] });
    await vi.waitFor(() => expect(heard).toEqual([0, 3]));
  });

  it.each([
    ['no object', 'text', null],
    ['an array', [1, 2], null],
    ['an unknown kind', { type: 'drop table', id: 7 }, 'rpc.malformed'],
    ['an id that is no number', { type: 'call', id: '7', route: 'series.list' }, null],
    ['a route that is no text', { type: 'call', id: 7, route: { toString: 'x' } }, 'rpc.malformed'],
    ['an unknown route', { type: 'call', id: 7, route: 'series.drop', body: {} }, 'rpc.unknown_route'],
    ['a name of Object.prototype', { type: 'call', id: 7, route: 'constructor', body: {} }, 'rpc.unknown_route'],
    ['__proto__', { type: 'call', id: 7, route: '__proto__', body: {} }, 'rpc.unknown_route'],
    ['a stream route as a call', { type: 'call', id: 7, route: 'candles.read', body: READ }, 'rpc.unknown_route'],
    [
      'a body with more than asked for',
      { type: 'call', id: 7, route: 'series.list', body: { a: 1 } },
      'rpc.invalid_request',
    ],
    [
      'a key that carries SQL',
      { type: 'call', id: 7, route: 'coverage.read', body: { keys: ["binance:spot:A';DROP TABLE x;--:1m"] } },
      'rpc.invalid_request',
    ],
    ['too long a text', { type: 'call', id: 7, route: 'series.list', body: { a: 'x'.repeat(2_000) } }, 'rpc.too_large'],
    ['too many values', { type: 'call', id: 7, route: 'series.list', body: new Array(2_000).fill(0) }, 'rpc.too_large'],
    [
      'too deep a nest',
      { type: 'call', id: 7, route: 'series.list', body: JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`) },
      'rpc.too_large',
    ],
  ])('refuses %s and serves on', async (_what, message, code) => {
    const { ports, client, reports } = await pair({
      limits: { message: { values: 1_000, characters: 1_000, depth: 10 } },
      requests: { 'series.list': () => ({ series: [] }) },
    });
    const answers: unknown[] = [];
    ports.client.onMessage((answer) => answers.push(answer));
    ports.client.send(message);
    expect(await client.call('series.list', {})).toEqual({ series: [] });
    const failure = expect.objectContaining({ error: expect.objectContaining({ code }) });
    const refusals = answers.filter((answer) => (answer as { id?: number }).id === 7);
    expect(refusals).toEqual(code === null ? [] : [{ type: 'answer', id: 7, result: failure }]);
    if (code === null) expect(reports).toMatchObject([{ where: 'rpc.malformed' }]);
  });

  it('refuses a flood of calls instead of running them all', async () => {
    const { client } = await pair({
      limits: { concurrent: 3 },
      requests: { 'series.list': () => new Promise(() => {}) },
    });
    for (let i = 0; i < 3; i++) client.call('series.list', {}).catch(() => {});
    await expect(client.call('series.list', {})).rejects.toMatchObject({ code: 'rpc.busy' });
  });

  it('ends a stream whose client acknowledges what was never sent', async () => {
    let finished = false;
    const { ports } = await pair({
      read: async function* (_body, { signal }) {
        try {
          yield oneColumn(1);
          await new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
        } finally {
          finished = true;
        }
      },
    });
    const frames: unknown[] = [];
    ports.client.onMessage((message) => message instanceof ArrayBuffer && frames.push(message));
    ports.client.send({ type: 'open', id: 9, route: 'candles.read', body: READ });
    await vi.waitFor(() => expect(frames.length).toBe(1));
    ports.client.send({ type: 'ack', id: 9, bytes: 1e15 });
    await vi.waitFor(() => expect(finished).toBe(true));
  });
});
