import {
  AppError,
  encodeCandleFrame,
  FrameFlag,
  type ReplayState,
  type RequestBody,
  type RequestHandlers,
  requestSchemas,
  type StreamHandlers,
} from '@shared/contract';
import { type CandleColumns, concatCandles, createCandleColumns, lowerBound, sliceCandles } from '@shared/market';
import { createRpcServer, EventHub, messagePort } from '@shared/rpc';
import { storedCandles, WORKBENCH_RANGE } from './invented-candles';

/** A core of invented candles in a worker, so that a flood of frames meets the window as it does in the product. */
const events = new EventHub();
const all = concatCandles(storedCandles(WORKBENCH_RANGE));
let session: Session | null = null;

class Session {
  state: ReplayState;
  readonly #warmUp: number;
  #reset = true;
  #shown = 0;
  #owed = 0;
  #tickAt = 0;
  #closed = false;
  #wake: () => void = () => {};

  constructor(range: { from: number; to: number }, pace: ReplayState['pace'], warmUp: number) {
    this.#warmUp = warmUp;
    const total = lowerBound(all, range.to) - lowerBound(all, range.from);
    this.state = {
      sessionId: `s${Date.now()}`,
      key: 'workbench',
      range,
      phase: 'paused',
      playhead: range.from,
      position: 0,
      total,
      pace,
      achievedBarsPerSecond: 0,
      barsSkipped: 0,
      outputHash: null,
      detail: null,
    };
  }

  change(part: Partial<ReplayState>): ReplayState {
    this.state = { ...this.state, ...part };
    events.emit('replay.state_changed', this.state);
    this.#wake();
    return this.state;
  }

  play(): ReplayState {
    this.#tickAt = performance.now();
    return this.change({ phase: 'playing' });
  }

  moveTo(position: number): ReplayState {
    const held = Math.max(0, Math.min(this.state.total, position));
    this.#reset = true;
    return this.change({ ...this.#at(held), phase: held >= this.state.total ? 'ended' : 'paused' });
  }

  seek(t: number): ReplayState {
    return this.moveTo(lowerBound(all, t) - this.#start);
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  get #start(): number {
    return lowerBound(all, this.state.range.from);
  }

  #at(position: number): Pick<ReplayState, 'position' | 'playhead' | 'barsSkipped'> {
    const row = this.#start + position - 1;
    const playhead = position === 0 ? this.state.range.from : all.openTime[row]! + 60_000;
    const passed = (playhead - this.state.range.from) / 60_000;
    return { position, playhead, barsSkipped: Math.max(0, passed - position) };
  }

  async *frames(): AsyncGenerator<ArrayBuffer> {
    let since = performance.now();
    let counted = 0;
    while (!this.#closed) {
      if (this.#reset) {
        this.#reset = false;
        this.#shown = this.state.position;
        const end = this.#start + this.#shown;
        yield encodeCandleFrame(copy(Math.max(0, end - 1_000, this.#start - this.#warmUp), end), FrameFlag.RESET);
        continue;
      }
      if (this.state.phase !== 'playing') {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const now = performance.now();
      const { pace, total } = this.state;
      this.#owed += pace === 'max' ? 4_000 : ((now - this.#tickAt) / 1_000) * pace;
      this.#tickAt = now;
      const rows = Math.min(Math.floor(this.#owed), total - this.#shown);
      this.#owed = pace === 'max' ? 0 : this.#owed - rows;
      if (rows > 0) {
        const begin = this.#start + this.#shown;
        this.#shown += rows;
        counted += rows;
        yield encodeCandleFrame(copy(begin, begin + rows));
      }
      if (now - since > 200) {
        this.change({ ...this.#at(this.#shown), achievedBarsPerSecond: (counted / (now - since)) * 1_000 });
        since = now;
        counted = 0;
      }
      if (this.#shown >= total) this.change({ ...this.#at(total), phase: 'ended' });
      else if (pace !== 'max') await new Promise((resolve) => setTimeout(resolve, 16));
    }
  }
}

function copy(from: number, to: number): CandleColumns {
  return sliceCandles(all, from, to);
}

/** Aggregates runs of `size` minutes, aligned to the epoch as calendar buckets are. */
function aggregate(candles: CandleColumns, maxBars: number): CandleColumns {
  const length = candles.rows > 0 ? candles.openTime[candles.rows - 1]! - candles.openTime[0]! : 0;
  const minutes = [1, 3, 5, 15, 30, 60, 120, 240, 480, 720, 1_440, 10_080].find(
    (m) => length / (m * 60_000) + 1 <= maxBars,
  );
  const step = (minutes ?? 10_080) * 60_000;
  if (step === 60_000) return candles;
  const result = createCandleColumns(maxBars + 2);
  for (let row = 0; row < candles.rows; row++) {
    const bucket = Math.floor(candles.openTime[row]! / step) * step;
    const last = result.rows - 1;
    if (last >= 0 && result.openTime[last] === bucket) {
      result.high[last] = Math.max(result.high[last]!, candles.high[row]!);
      result.low[last] = Math.min(result.low[last]!, candles.low[row]!);
      result.close[last] = candles.close[row]!;
      result.volume[last]! += candles.volume[row]!;
      continue;
    }
    const next = result.rows++;
    result.openTime[next] = bucket;
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) result[field][next] = candles[field][row]!;
  }
  return result;
}

function active(): Session {
  if (!session) throw new AppError('replay.unknown_session', 'This replay was closed; open it again.');
  return session;
}

const unknown = Object.fromEntries(
  Object.keys(requestSchemas).map((route) => [
    route,
    () => {
      throw new AppError('rpc.unknown_route', `The workbench has no ${route}.`);
    },
  ]),
);

const requests = {
  ...unknown,
  'replay.open': ({ range, pace, warmUp }: RequestBody<'replay.open'>) => {
    session?.close();
    session = new Session(range, pace, warmUp);
    return session.state;
  },
  'replay.play': () => active().play(),
  'replay.pause': () => active().change({ phase: 'paused' }),
  'replay.step': ({ candles }: RequestBody<'replay.step'>) => active().moveTo(active().state.position + candles),
  'replay.seek': ({ to }: RequestBody<'replay.seek'>) => active().seek(to),
  'replay.set_pace': ({ pace }: RequestBody<'replay.set_pace'>) => active().change({ pace }),
  'replay.close': () => {
    session?.close();
    session = null;
    return { closed: true };
  },
} as unknown as RequestHandlers;

const streams: StreamHandlers = {
  async *'candles.read'({ range, maxBars }) {
    const from = lowerBound(all, range.from);
    const candles = aggregate(copy(from, lowerBound(all, range.to)), maxBars ?? 50_000);
    for (let row = 0; row < candles.rows; row += 5_000)
      yield encodeCandleFrame(sliceCandles(candles, row, Math.min(candles.rows, row + 5_000)));
  },
  'replay.candles': () => active().frames(),
};

addEventListener('message', (event: MessageEvent) => {
  const port = event.ports[0];
  if (port) createRpcServer({ port: messagePort(port), requests, streams, events });
});
