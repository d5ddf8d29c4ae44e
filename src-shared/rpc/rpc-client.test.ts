import { describe, expect, it, vi } from 'vitest';
import { AppError, encodeFrame, stampFrame } from '../contract';
import { createMemoryPortPair, createRpcClient, keepConnected, type Port, refuseConnection } from './index';

const READ = { key: 'binance:spot:BTCUSDT:1m', range: { from: 0, to: 60_000 } };
const REASON = { code: 'workspace.unwritable', message: 'The workspace cannot be written.', data: { path: 'x' } };

function frame(streamId: number, sequence: number): ArrayBuffer {
  const buffer = encodeFrame([Float64Array.of(sequence)], 1);
  stampFrame(buffer, streamId, sequence);
  return buffer;
}

describe('a client of a core that cannot serve', () => {
  it('fails the pending and every later call with the reason, instead of waiting for ever', async () => {
    const [server, port] = createMemoryPortPair();
    const client = createRpcClient(port);
    const pending = client.call('series.list', {});
    refuseConnection(server, REASON);
    await expect(pending).rejects.toMatchObject(REASON);
    await expect(client.call('series.list', {})).rejects.toMatchObject(REASON);
    await expect(client.ready).rejects.toMatchObject(REASON);
    await expect(client.stream('candles.read', READ)[Symbol.asyncIterator]().next()).rejects.toMatchObject(REASON);
  });

  it('does not talk to a core of another version', async () => {
    const [server, port] = createMemoryPortPair();
    const client = createRpcClient(port);
    server.send({ type: 'hello', protocol: 999 });
    await expect(client.ready).rejects.toMatchObject({ code: 'rpc.version' });
    await expect(client.call('series.list', {})).rejects.toMatchObject({ code: 'rpc.version' });
  });
});

describe('a stream', () => {
  it.each([
    ['a missing frame', [0, 2]],
    ['a repeated frame', [0, 0]],
  ])('breaks off at %s instead of showing a hole as data', async (_what, sequences) => {
    const [server, port] = createMemoryPortPair();
    const sent: { type: string }[] = [];
    server.onMessage((message) => sent.push(message as { type: string }));
    const iterator = createRpcClient(port).stream('candles.read', READ)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const sequence of sequences) server.send(frame(1, sequence));
    await first;
    await expect(iterator.next()).rejects.toMatchObject({ code: 'rpc.sequence' });
    await vi.waitFor(() => expect(sent.map(({ type }) => type)).toEqual(['open', 'cancel']));
  });

  it('does not take a stream for whole whose last frames were lost', async () => {
    const [server, port] = createMemoryPortPair();
    const iterator = createRpcClient(port).stream('candles.read', READ)[Symbol.asyncIterator]();
    const first = iterator.next();
    server.send(frame(1, 0));
    server.send({ type: 'end', id: 1, frames: 2, result: { ok: true, data: null } });
    expect((await first).done).toBe(false);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'rpc.sequence' });
  });

  it('acknowledges only what has been processed', async () => {
    const [server, port] = createMemoryPortPair();
    const acknowledged: number[] = [];
    server.onMessage((message) => {
      const { type, bytes } = message as { type: string; bytes: number };
      if (type === 'ack') acknowledged.push(bytes);
    });
    const size = frame(1, 0).byteLength;
    const client = createRpcClient(port, { credits: { high: 8 * size, low: 2 * size, ackEvery: 2 * size } });
    const iterator = client.stream('candles.read', READ)[Symbol.asyncIterator]();
    const first = iterator.next();
    for (let i = 0; i < 4; i++) server.send(frame(1, i));
    await first;
    await iterator.next();
    await Promise.resolve();
    expect(acknowledged).toEqual([]);
    await iterator.next();
    await vi.waitFor(() => expect(acknowledged).toEqual([2 * size]));
  });

  it('drops what is queued when it is aborted', async () => {
    const [server, port] = createMemoryPortPair();
    const controller = new AbortController();
    const stream = createRpcClient(port).stream('candles.read', READ, { signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    const first = iterator.next();
    for (let i = 0; i < 3; i++) server.send(frame(1, i));
    await first;
    controller.abort();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'rpc.cancelled' });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('throws at the call, not never, when the request cannot be cloned', async () => {
    const [, port] = createMemoryPortPair();
    const client = createRpcClient(port);
    const body = { ...READ, extra: () => {} };
    await expect(client.stream('candles.read', body)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'rpc.unsendable',
    });
  });
});

describe('a kept connection', () => {
  function keeper(results: (() => Promise<Port>)[]) {
    const timers: (() => void)[] = [];
    const delays: number[] = [];
    const client = keepConnected({
      connect: () => results.shift()?.() ?? Promise.reject(new Error('no more ports')),
      delaysMs: [10, 20],
      setTimeout: (task, milliseconds) => {
        delays.push(milliseconds);
        return timers.push(task);
      },
      clearTimeout: () => {},
    });
    return { client, timers, delays };
  }
  const fail = () => Promise.reject(new Error('connection refused'));

  it('tries again with growing delays and lets the first calls wait', async () => {
    const [server, port] = createMemoryPortPair();
    const { client, timers, delays } = keeper([fail, fail, fail, async () => port]);
    const call = client.call('series.list', {});
    for (let attempt = 1; attempt <= 3; attempt++) {
      await vi.waitFor(() => expect(timers.length).toBe(attempt));
      timers[attempt - 1]?.();
    }
    server.onMessage((message) => {
      const { id } = message as { id: number };
      server.send({ type: 'answer', id, result: { ok: true, data: { series: [] } } });
    });
    server.send({ type: 'hello', protocol: 1 });
    expect(await call).toEqual({ series: [] });
    expect(delays).toEqual([10, 20, 20]);
  });

  it('shows a refusal with its reason, does not hammer on, and tries again when asked', async () => {
    const [refusing, refused] = createMemoryPortPair();
    const [server, port] = createMemoryPortPair();
    refuseConnection(refusing, REASON);
    const { client, timers } = keeper([async () => refused, async () => port]);
    await expect(client.call('series.list', {})).rejects.toMatchObject(REASON);
    expect(client.state).toMatchObject({ phase: 'refused', reason: REASON });
    expect(timers).toEqual([]);
    client.retry();
    server.send({ type: 'hello', protocol: 1 });
    await vi.waitFor(() => expect(client.state).toEqual({ phase: 'connected', restored: false }));
  });

  it('takes an AppError of connect as a refusal', async () => {
    const { client } = keeper([() => Promise.reject(new AppError('rpc.session', 'Open the printed address.'))]);
    await expect(client.call('series.list', {})).rejects.toMatchObject({ code: 'rpc.session' });
  });

  it('fails calls at once while it is restoring, since a late click is no click', async () => {
    const [server, port] = createMemoryPortPair();
    const { client } = keeper([async () => port]);
    server.send({ type: 'hello', protocol: 1 });
    await vi.waitFor(() => expect(client.state.phase).toBe('connected'));
    server.close();
    await vi.waitFor(() => expect(client.state).toEqual({ phase: 'disconnected', attempt: 1 }));
    await expect(client.call('series.list', {})).rejects.toMatchObject({ code: 'rpc.disconnected' });
    client.close();
    expect(client.state.phase).toBe('closed');
  });

  it('frees a call that waits for the first connection when its caller cancels', async () => {
    const { client } = keeper([() => new Promise(() => {})]);
    const controller = new AbortController();
    const call = client.call('series.list', {}, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'rpc.cancelled' });
  });
});
