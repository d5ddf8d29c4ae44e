import {
  AppError,
  encodeCandleFrame,
  FrameFlag,
  type ReplayState,
  type RequestHandlers,
  type StreamHandlers,
} from '@shared/contract';
import { type CandleColumns, createCandleColumns } from '@shared/market';
import { createMemoryPortPair, createRpcClient, createRpcServer, EventHub } from '@shared/rpc';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ReplayPlayer } from './replay-player';

const RANGE = { from: 0, to: 6_000_000 };
const REQUEST = { key: 'binance:spot:BTCUSDT:1m', range: RANGE };

/** A core with one hand-driven replay, behind the real RPC of a memory port pair. */
function bench() {
  const events = new EventHub();
  const calls: [string, unknown][] = [];
  const frames: ArrayBuffer[] = [];
  let wake = () => {};
  let opened = 0;
  let gate: Promise<void> = Promise.resolve();
  let state: ReplayState = {
    sessionId: 's1',
    key: REQUEST.key,
    range: RANGE,
    phase: 'paused',
    playhead: 0,
    position: 0,
    total: 100,
    pace: 10,
    achievedBarsPerSecond: 0,
    barsSkipped: 0,
    outputHash: null,
    detail: null,
  };
  const command =
    (name: string, change: (body: never) => Partial<ReplayState> = () => ({})) =>
    async (body: never) => {
      calls.push([name, body]);
      await gate;
      state = { ...state, ...change(body) };
      return state;
    };
  const requests = {
    'replay.open': command('open', () => ({ sessionId: `s${++opened}` })),
    'replay.play': command('play', () => ({ phase: 'playing' })),
    'replay.pause': command('pause', () => ({ phase: 'paused' })),
    'replay.step': command('step'),
    'replay.seek': command('seek', (body: { to: number }) => ({ playhead: body.to, phase: 'paused' })),
    'replay.set_pace': command('pace'),
    'replay.close': (body: unknown) => {
      calls.push(['close', body]);
      return { closed: true };
    },
  } as unknown as RequestHandlers;
  const streams = {
    'replay.candles': async function* () {
      for (;;) {
        const frame = frames.shift();
        if (frame) yield frame;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  } as unknown as StreamHandlers;
  const [left, right] = createMemoryPortPair();
  const server = createRpcServer({ port: left, requests, streams, events });
  const client = createRpcClient(right);
  const taken: { rows: number; reset: boolean }[] = [];
  const nextFrames: (() => void)[] = [];
  const clock = {
    time: 0,
    now: () => clock.time,
    nextFrame: () => new Promise<void>((resolve) => nextFrames.push(resolve)),
    after: () => () => {},
  };
  const sink = {
    feedReplay: (candles: CandleColumns, reset: boolean) => {
      taken.push({ rows: candles.rows, reset });
    },
  };
  const player = new ReplayPlayer(client, sink, clock);
  return {
    player,
    client,
    calls,
    taken,
    nextFrames,
    clock,
    names: () => calls.map(([name]) => name),
    send(rows: number, flags = 0) {
      const candles = createCandleColumns(rows);
      candles.rows = rows;
      frames.push(encodeCandleFrame(candles, flags));
      wake();
    },
    tell: (change: Partial<ReplayState>) => {
      state = { ...state, ...change };
      events.emit('replay.state_changed', state);
    },
    hold() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    end() {
      player.destroy();
      server.close();
      client.close();
    },
  };
}

describe('ReplayPlayer', () => {
  let table: ReturnType<typeof bench>;
  const start = async () => {
    table = bench();
    void table.player.open(REQUEST);
    await vi.waitFor(() => expect(table.player.latest.phase).toBe('paused'));
    return table;
  };
  afterEach(() => table.end());

  it('hands frames on in order, and says which of them replaces the earlier ones', async () => {
    const { taken, send } = await start();
    send(5, FrameFlag.RESET);
    send(3);
    send(2, FrameFlag.RESET);
    await vi.waitFor(() => expect(taken).toHaveLength(3));
    expect(taken).toEqual([
      { rows: 5, reset: true },
      { rows: 3, reset: false },
      { rows: 2, reset: true },
    ]);
  });

  it('waits for the next animation frame after a full load of candles, instead of freezing the page', async () => {
    const { taken, send, nextFrames } = await start();
    send(40_000);
    send(40_000);
    send(1);
    await vi.waitFor(() => expect(nextFrames).toHaveLength(1));
    expect(taken).toHaveLength(2);
    nextFrames[0]!();
    await vi.waitFor(() => expect(taken).toHaveLength(3));
  });

  it('sends only the last of the seeks of a drag, and sums the steps of a held key', async () => {
    const { player, calls, hold } = await start();
    const release = hold();
    for (const to of [1_000, 2_000, 3_000]) player.seek(to);
    for (let i = 0; i < 5; i++) player.step(1);
    player.step(-2);
    release();
    await vi.waitFor(() => expect(calls.filter(([name]) => name === 'step')).toHaveLength(2));
    await vi.waitFor(() => expect(calls.filter(([name]) => name === 'seek')).toHaveLength(2));
    const bodies = (wanted: string) => calls.filter(([name]) => name === wanted).map(([, body]) => body);
    expect(bodies('seek')).toMatchObject([{ to: 1_000 }, { to: 3_000 }]);
    expect(bodies('step')).toMatchObject([{ candles: 1 }, { candles: 2 }]);
  });

  it('holds a seek inside the range', async () => {
    const { player, calls } = await start();
    player.seek(-5);
    await vi.waitFor(() => expect(calls.at(-1)).toMatchObject(['seek', { to: 0 }]));
    player.seek(9e9);
    await vi.waitFor(() => expect(calls.at(-1)).toMatchObject(['seek', { to: RANGE.to }]));
  });

  it('plays from the start again when it stands at the end', async () => {
    const { player, tell, names } = await start();
    tell({ phase: 'ended', playhead: RANGE.to });
    await vi.waitFor(() => expect(player.latest.phase).toBe('ended'));
    player.toggle();
    await vi.waitFor(() => expect(names()).toContain('play'));
    expect(names().indexOf('seek')).toBeLessThan(names().indexOf('play'));
  });

  it('closes a session that was left while it was opening', async () => {
    table = bench();
    const release = table.hold();
    void table.player.open(REQUEST);
    await vi.waitFor(() => expect(table.names()).toContain('open'));
    table.player.close();
    release();
    await vi.waitFor(() => expect(table.calls).toContainEqual(['close', { sessionId: 's1' }]));
    expect(table.player.latest.phase).toBe('off');
  });

  it('ends the old session when another is opened, and ignores what it still tells', async () => {
    const { player, calls, tell } = await start();
    void player.open(REQUEST);
    await vi.waitFor(() => expect(player.latest.state?.sessionId).toBe('s2'));
    expect(calls).toContainEqual(['close', { sessionId: 's1' }]);
    const phases: string[] = [];
    player.subscribe(() => phases.push(player.getView().phase));
    tell({ sessionId: 's1', phase: 'failed', detail: 'too late' });
    tell({ sessionId: 's2', phase: 'playing', playhead: 60_000 });
    await vi.waitFor(() => expect(player.latest.phase).toBe('playing'));
    expect(phases).not.toContain('failed');
  });

  it('tells why a session failed, and opens it again where it stood', async () => {
    const { player, tell, calls } = await start();
    tell({ phase: 'failed', playhead: 120_000, detail: 'The database is gone. Start it and open the replay again.' });
    await vi.waitFor(() => expect(player.getView().problem).toContain('The database is gone'));
    player.reopen();
    await vi.waitFor(() => expect(calls.at(-1)).toMatchObject(['seek', { to: 120_000, sessionId: 's2' }]));
  });

  it('says so when the connection is lost in the middle', async () => {
    const { player } = await start();
    const seen: string[] = [];
    player.subscribe(() => seen.push(player.getView().phase));
    const lost = vi.waitFor(() => expect(player.latest.phase).toBe('failed'));
    table.client.close();
    await lost;
    expect(player.latest.problem).toMatch(/connection/i);
    expect(seen).toContain('failed');
  });

  it('hears at most ten times a second of progress, at once of a new phase', async () => {
    const { player, tell, clock } = await start();
    let heard = 0;
    player.subscribe(() => heard++);
    clock.time = 1_000;
    for (let i = 1; i <= 20; i++) tell({ playhead: i * 60_000 });
    await vi.waitFor(() => expect(player.latest.state?.playhead).toBe(1_200_000));
    expect(heard).toBe(1);
    tell({ phase: 'playing' });
    await vi.waitFor(() => expect(player.getView().phase).toBe('playing'));
    expect(heard).toBe(2);
  });

  it('keeps a failed command apart from a failed session', async () => {
    const { player } = await start();
    const problem = new AppError('replay.unknown_session', 'This replay was closed; open it again.');
    vi.spyOn(table.client, 'call').mockRejectedValueOnce(problem);
    player.pause();
    await vi.waitFor(() => expect(player.latest.problem).toBe(problem.message));
    expect(player.latest.phase).toBe('paused');
  });
});
