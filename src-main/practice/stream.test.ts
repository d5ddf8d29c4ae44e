import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { PracticeOptions, StreamOptions } from './options';
import { at, exchangeAt, getJson, type Row } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

interface KlineFrame {
  e: string;
  E: number;
  s: string;
  k: {
    t: number;
    T: number;
    s: string;
    i: string;
    f: number;
    L: number;
    o: string;
    c: string;
    h: string;
    l: string;
    v: string;
    n: number;
    x: boolean;
    q: string;
    V: string;
    Q: string;
    B: string;
  };
}

async function open(stream: StreamOptions = {}, options: PracticeOptions = {}) {
  const { exchange, clock } = await exchangeAt('2026-10-15 12:00:30', { stream: { tickMs: 5, ...stream }, ...options });
  const connect = (path: string, clientOptions = {}) => {
    const socket = new WebSocket(`${exchange.streamUrl}${path}`, clientOptions);
    onTestFinished(() => socket.terminate());
    const texts: string[] = [];
    socket.on('message', (data) => texts.push(String(data)));
    const closed = new Promise<[number, string]>((resolve) =>
      socket.on('close', (code, reason) => resolve([code, String(reason)])),
    );
    const ready = new Promise<void>((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    const json = <T = Record<string, unknown>>() => texts.map((text) => JSON.parse(text) as T);
    const frames = () => json<KlineFrame>().filter((each) => each.e === 'kline');
    const ask = async (message: unknown) => {
      const before = texts.length;
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
      await expect
        .poll(() => texts.slice(before).some((text) => !text.includes('"e":"kline"')), { timeout: 15_000 })
        .toBe(true);
      return JSON.parse(texts.slice(before).find((text) => !text.includes('"e":"kline"'))!) as unknown;
    };
    return { socket, texts, json, frames, ready, closed, ask };
  };
  return { exchange, clock, connect };
}

const seen = (count: () => number, atLeast = 1) =>
  expect.poll(count, { timeout: 15_000 }).toBeGreaterThanOrEqual(atLeast);

describe('kline streams', () => {
  it('a frame has another form than the real one, or other numbers than REST', async () => {
    const { exchange, connect } = await open();
    const { frames, texts, ready } = connect('/ws/btcusdt@kline_1m');
    await ready;
    await seen(() => frames().length);
    const { k, ...head } = frames()[0]!;
    expect(head).toEqual({ e: 'kline', E: at('2026-10-15 12:00:30'), s: 'BTCUSDT' });
    expect(Object.keys(k).join('')).toBe('tTsifLochlvnxqVQB');
    const { body } = await getJson<Row[]>(`${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1`);
    expect([k.t, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q, k.B]).toEqual(body[0]);
    expect([k.x, k.i, k.L - k.f + 1]).toEqual([false, '1m', k.n]);
    expect(texts[0]).toMatch(/^\{"e":"kline","E":\d+,"s":"BTCUSDT","k":\{"t":/);
  });

  it('frames come oftener than every two seconds or without a change, or a close is not told once', async () => {
    const { clock, connect } = await open({ finalDelayMs: 0 });
    const { frames, ready } = connect('/ws/ethusdt@kline_1m');
    await ready;
    await seen(() => frames().length);
    clock.now += 1_900;
    // A second stream is the proof that the feed has looked at the clock since.
    const other = connect('/ws/btcusdt@kline_1m');
    await seen(() => other.frames().length);
    expect(frames()).toHaveLength(1);
    clock.now += 25_000;
    await seen(() => frames().length, 2);
    clock.now = at('2026-10-15 12:01:00');
    await seen(() => frames().filter(({ k }) => k.x).length);
    clock.now += 5_000;
    await seen(() => frames().filter(({ k }) => k.t === at('2026-10-15 12:01')).length);
    const minute = frames().filter(({ k }) => k.t === at('2026-10-15 12:00'));
    expect(minute.map(({ k }) => k.x)).toEqual([false, false, true]);
    expect(minute.map(({ k }) => k.n)).toEqual([...minute.map(({ k }) => k.n)].sort((a, b) => a - b));
    expect(
      frames()
        .slice(3)
        .every(({ k }) => k.t === at('2026-10-15 12:01')),
    ).toBe(true);
  });

  it('what a stream calls closed is another candle than REST serves later', async () => {
    const { exchange, clock, connect } = await open();
    const { json, ready } = connect('/stream?streams=btcusdt@kline_1m/adausdt@kline_1m');
    await ready;
    const finals = () => json<{ stream: string; data: KlineFrame }>().filter(({ data }) => data.k.x);
    for (let minute = 1; minute <= 4; minute++) {
      clock.now = at('2026-10-15 12:00') + minute * 60_000 + 2_100;
      await seen(() => finals().filter(({ stream }) => stream === 'btcusdt@kline_1m').length, minute);
    }
    for (const { stream, data } of finals()) {
      const { k } = data;
      expect(stream).toBe(`${data.s.toLowerCase()}@kline_1m`);
      const { body } = await getJson<Row[]>(
        `${exchange.restUrl}/api/v3/klines?symbol=${k.s}&interval=1m&startTime=${k.t}&limit=1`,
      );
      expect([k.t, k.o, k.h, k.l, k.c, k.v, k.T, k.q, k.n, k.V, k.Q]).toEqual(body[0]!.slice(0, 11));
    }
  });

  it('the closing frame comes at once, later than two seconds, or before the close', async () => {
    const { clock, connect } = await open();
    const { frames, ready } = connect('/ws/btcusdt@kline_1m');
    await ready;
    await seen(() => frames().length);
    const delays: number[] = [];
    for (let minute = 1; minute <= 8; minute++) {
      const close = at('2026-10-15 12:00') + minute * 60_000;
      for (clock.now = close - 100; frames().filter(({ k }) => k.x).length < minute; clock.now += 50)
        await new Promise((resolve) => setImmediate(resolve));
      const last = frames()
        .filter(({ k }) => k.x)
        .at(-1)!;
      delays.push(last.E - last.k.T - 1);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(new Set(delays).size).toBeGreaterThan(1);
  });

  it('microseconds are not sent when asked for', async () => {
    const { connect } = await open();
    const { frames, ready } = connect('/ws/btcusdt@kline_1h?timeUnit=MICROSECOND');
    await ready;
    await seen(() => frames().length);
    const { E, k } = frames()[0]!;
    expect([E, k.t, k.T]).toEqual([
      at('2026-10-15 12:00:30') * 1_000,
      at('2026-10-15 12:00') * 1_000,
      at('2026-10-15 13:00') * 1_000 - 1,
    ]);
  });

  it('a second without trades is left out of a 1s stream, or has trade ids', async () => {
    const { clock, connect } = await open({}, { extraSymbols: [{ symbol: 'THINUSDT', quiet: 0.9 }] });
    const { frames, ready } = connect('/ws/thinusdt@kline_1s');
    await ready;
    const start = clock.now;
    for (let second = 1; second <= 20; second++) {
      clock.now = start + second * 1_000 + 5;
      await seen(() => frames().length, second);
    }
    expect(frames().map(({ k }) => k.t)).toEqual(Array.from({ length: 20 }, (_, i) => start + i * 1_000));
    const empty = frames().filter(({ k }) => k.n === 0);
    expect(empty.length).toBeGreaterThan(0);
    for (const { k } of empty) expect([k.f, k.L, k.v, k.x]).toEqual([-1, -1, '0.00000000', true]);
  });

  it('an outage is streamed', async () => {
    const { clock, connect } = await open({ finalDelayMs: 0 });
    clock.now = at('2023-03-24 12:39:30');
    const { frames, ready } = connect('/ws/btcusdt@kline_1m');
    await ready;
    for (; clock.now < at('2023-03-24 12:45'); clock.now += 10_000)
      await new Promise((resolve) => setImmediate(resolve));
    clock.now = at('2023-03-24 14:00:30');
    await seen(() => frames().filter(({ k }) => k.t === at('2023-03-24 14:00')).length);
    const opens = frames().map(({ k }) => k.t);
    expect(opens.filter((open) => open >= at('2023-03-24 12:40') && open < at('2023-03-24 14:00'))).toEqual([]);
  });
});

describe('stream requests', () => {
  it('an answer has another form, or is wrapped', async () => {
    const { connect } = await open({ messagesPerSecond: 100 });
    const { ask, ready, json } = connect('/ws');
    await ready;
    expect(await ask({ method: 'SUBSCRIBE', params: ['btcusdt@kline_1m', 'nope@kline_1m'], id: 1 })).toEqual({
      result: null,
      id: 1,
    });
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 3 })).toEqual({
      result: ['btcusdt@kline_1m', 'nope@kline_1m'],
      id: 3,
    });
    expect(await ask({ method: 'GET_PROPERTY', params: ['combined'], id: 2 })).toEqual({ result: false, id: 2 });
    expect(await ask({ method: 'SET_PROPERTY', params: ['combined', true], id: 5 })).toEqual({ result: null, id: 5 });
    expect(await ask({ method: 'UNSUBSCRIBE', params: ['nope@kline_1m'], id: 'a1' })).toEqual({
      result: null,
      id: 'a1',
    });
    expect(await ask({ method: 'SUBSCRIBE', params: ['ethusdt@kline_1m'], id: null })).toEqual({
      result: null,
      id: null,
    });
    await seen(() => json().filter((each) => each.stream === 'ethusdt@kline_1m').length);
  });

  it('a wrong request is answered with another error than the real one', async () => {
    const { connect } = await open({ messagesPerSecond: 100 });
    const { ask, ready } = connect('/ws');
    await ready;
    expect(await ask('{')).toEqual({ code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' });
    expect(await ask({ method: 'SET_PROPERTY', params: ['colour', true], id: 1 })).toEqual({
      code: 0,
      msg: 'Unknown property',
      id: 1,
    });
    expect(await ask({ method: 'SET_PROPERTY', params: ['combined', 1], id: 1 })).toEqual({
      code: 1,
      msg: 'Invalid value type: expected Boolean',
      id: 1,
    });
    expect(await ask({ method: 'GET_PROPERTY', params: [5], id: 1 })).toEqual({
      code: 2,
      msg: 'Invalid request: property name must be a string',
      id: 1,
    });
    expect(await ask({ method: 'GET_PROPERTY', params: ['combined', 'x'], id: 1 })).toMatchObject({
      code: 2,
      msg: 'Invalid request: too many parameters',
    });
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 1.5 })).toEqual({
      code: 2,
      msg: 'Invalid request: request ID must be an unsigned integer',
    });
    expect(await ask({ method: 'X', id: 1 })).toEqual({
      code: 2,
      msg: 'Invalid request: unknown variant `X`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 13',
      id: 1,
    });
    expect(await ask({ id: 1 })).toMatchObject({
      code: 2,
      msg: 'Invalid request: missing field `method` at line 1 column 8',
    });
  });
});

describe('stream connections', () => {
  it('more than five messages a second are read', async () => {
    const { connect } = await open();
    const { socket, ready, closed } = connect('/ws');
    await ready;
    for (let i = 0; i < 6; i++) socket.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id: i }));
    expect(await closed).toEqual([1008, 'Too many requests']);
  });

  it('more than 1,024 streams are served on one connection', async () => {
    const { connect } = await open();
    const names = Array.from({ length: 1_025 }, (_, i) => `s${i}@kline_1m`);
    const { socket, ready, closed, ask } = connect('/ws');
    await ready;
    expect(await ask({ method: 'SUBSCRIBE', params: names.slice(1), id: 1 })).toEqual({ result: null, id: 1 });
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: names.slice(0, 1), id: 2 }));
    expect(await closed).toEqual([1008, 'Too many streams']);
  });

  it('a client that answers no ping is kept, or one that does is cut', async () => {
    const { connect } = await open({ pingMs: 30, pongTimeoutMs: 2_000, messagesPerSecond: 1_000 });
    const silent = connect('/ws', { autoPong: false });
    const unasked = connect('/ws', { autoPong: false });
    const polite = connect('/ws');
    let pings = 0;
    polite.socket.on('ping', (payload) => {
      expect(payload.length).toBeGreaterThan(0);
      pings++;
    });
    unasked.socket.on('ping', () => unasked.socket.pong('something else'));
    await Promise.all([silent.ready, unasked.ready, polite.ready]);
    expect(await silent.closed).toEqual([1008, 'Pong timeout']);
    expect(await unasked.closed).toEqual([1008, 'Pong timeout']);
    await seen(() => pings, 20);
    expect(polite.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('a connection outlives its day, or ends without a word before it', async () => {
    const { connect } = await open({ lifetimeMs: 60 });
    const { json, ready, closed } = connect('/ws/btcusdt@kline_1m');
    await ready;
    expect((await closed)[0]).toBe(1001);
    expect(json().at(-1)).toMatchObject({ e: 'serverShutdown' });
  });

  it('any number of connections may be opened, or any path', async () => {
    const { connect } = await open({ connectionsPer5Minutes: 3 });
    await connect('/ws').ready;
    await expect(connect('/nowhere').ready).rejects.toThrow('404');
    await connect('/stream?streams=btcusdt@kline_1m').ready;
    await expect(connect('/ws').ready).rejects.toThrow('429');
  });
});

describe('stream faults', () => {
  const stream = { kind: 'stream' } as const;

  it('a refused or dropped connection looks like a quiet one', async () => {
    const { exchange, clock, connect } = await open();
    exchange.setFaults([{ match: stream, effect: 'refuse', status: 502, times: 1 }]);
    await expect(connect('/ws').ready).rejects.toThrow('502');
    const { frames, closed, ready } = connect('/ws/btcusdt@kline_1m');
    await ready;
    await seen(() => frames().length);
    exchange.setFaults([{ match: stream, effect: 'drop', times: 1 }]);
    clock.now += 25_000;
    expect((await closed)[0]).toBe(1006);
  });

  it('an announced shutdown is not announced', async () => {
    const { exchange, clock, connect } = await open();
    const { json, closed, ready } = connect('/stream?streams=btcusdt@kline_1m');
    await ready;
    await seen(() => json().length);
    exchange.setFaults([{ match: stream, effect: 'shutdown', times: 1 }]);
    clock.now += 25_000;
    expect((await closed)[0]).toBe(1001);
    expect(json().at(-1)).toEqual({ stream: '!serverShutdown', data: { e: 'serverShutdown', E: clock.now } });
  });

  it('frames are not held back, closes not swallowed, or nothing is doubled', async () => {
    const { exchange, clock, connect } = await open({ finalDelayMs: 0 });
    const { frames, ready } = connect('/ws/btcusdt@kline_1m');
    const other = connect('/ws/ethusdt@kline_1m');
    await Promise.all([ready, other.ready]);
    await seen(() => Math.min(frames().length, other.frames().length));
    exchange.setFaults([{ match: { ...stream, symbol: 'BTCUSDT' }, effect: 'stall' }]);
    clock.now += 25_000;
    await seen(() => other.frames().length, 2);
    expect(frames()).toHaveLength(1);
    exchange.setFaults([{ match: { ...stream, symbol: 'BTCUSDT' }, effect: 'no_final' }]);
    clock.now = at('2026-10-15 12:01:30');
    await seen(() => frames().filter(({ k }) => k.t === at('2026-10-15 12:01')).length);
    expect(frames().some(({ k }) => k.x)).toBe(false);
    exchange.setFaults([{ match: { ...stream, symbol: 'BTCUSDT' }, effect: 'duplicate_frame', times: 1 }]);
    const before = frames().length;
    clock.now += 20_000;
    await seen(() => frames().length, before + 2);
    expect(frames()[before]).toEqual(frames()[before + 1]);
  });

  it('frames cannot change places, go back in time, or fail to come after a confirmed subscription', async () => {
    const { exchange, clock, connect } = await open({ messagesPerSecond: 100 });
    const { frames, ready, ask } = connect('/ws');
    await ready;
    exchange.setFaults([{ match: { ...stream, symbol: 'ETHUSDT' }, effect: 'deaf_subscription', times: 1 }]);
    const names = ['btcusdt@kline_1m', 'ethusdt@kline_1m'];
    expect(await ask({ method: 'SUBSCRIBE', params: names, id: 1 })).toEqual({ result: null, id: 1 });
    expect(await ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual({ result: names, id: 2 });
    await seen(() => frames().length);
    const bitcoin = { ...stream, symbol: 'BTCUSDT' };
    exchange.setFaults([{ match: bitcoin, effect: 'late_frame', times: 1 }]);
    clock.now += 8_000;
    const other = connect('/ws/solusdt@kline_1m');
    await seen(() => other.frames().length);
    clock.now += 8_000;
    await seen(() => frames().length, 3);
    const [first, third, second] = frames().map(({ E }) => E);
    expect([third! - first!, second! - first!]).toEqual([16_000, 8_000]);
    exchange.setFaults([{ match: bitcoin, effect: 'earlier_event_time', delayMs: 12_000, times: 1 }]);
    clock.now += 8_000;
    await seen(() => frames().length, 4);
    expect(frames()[3]!.E - first!).toBe(12_000);
    expect(frames().every(({ s }) => s === 'BTCUSDT')).toBe(true);
  });

  it('every candle without trades is closed by a frame, although the real exchange leaves some out', async () => {
    const extraSymbols = [{ symbol: 'THINUSDT', quiet: 0.95 }];
    const { exchange, clock, connect } = await open({ finalDelayMs: 0 }, { extraSymbols });
    const { frames, ready } = connect('/ws/thinusdt@kline_1m');
    const busy = connect('/ws/btcusdt@kline_1m');
    await Promise.all([ready, busy.ready]);
    const minutes = 60;
    const start = at('2026-10-15 12:00');
    for (let minute = 1; minute <= minutes; minute++) {
      clock.now = start + minute * 60_000;
      await seen(() => busy.frames().filter(({ k }) => k.x).length, minute);
    }
    const closed = new Set(frames().flatMap(({ k }) => (k.x ? [k.t] : [])));
    const { body } = await getJson<Row[]>(
      `${exchange.restUrl}/api/v3/klines?symbol=THINUSDT&interval=1m&startTime=${start}&endTime=${clock.now - 1}`,
    );
    expect(body).toHaveLength(minutes);
    const silent = body.filter(([open]) => !closed.has(open));
    expect(silent.length).toBeGreaterThan(5);
    expect(silent.length).toBeLessThan(30);
    expect(silent.every((row) => row[8] === 0)).toBe(true);
  });
});
