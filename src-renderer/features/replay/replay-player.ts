import {
  AppError,
  candlesOfFrame,
  FrameFlag,
  failureOf,
  type ReplayPace,
  type ReplayState,
  type RequestInput,
} from '@shared/contract';
import type { CandleColumns, Range } from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import { LatestCommand } from './latest-command';

/** Takes the candles that a session lets out. */
export interface CandleSink {
  feedReplay(candles: CandleColumns, reset: boolean): void;
}

/** Time and frames, replaceable for tests. */
export interface PlayerClock {
  now(): number;
  /** Resolves with the next animation frame, or soon when the page is hidden and has none. */
  nextFrame(): Promise<void>;
  /** Calls back after a delay; returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface ReplayRequest {
  readonly key: string;
  readonly range: Range;
}

/** What a transport shows. `off` until a session is asked for, `opening` until the core has answered. */
export interface PlayerView {
  readonly phase: 'off' | 'opening' | ReplayState['phase'];
  readonly request: ReplayRequest | null;
  readonly state: ReplayState | null;
  readonly pace: ReplayPace;
  /** Why the session ended or a command failed, in a sentence. */
  readonly problem: string | null;
}

/** Main-thread time per animation frame for taking candles in, and the most candles. */
const FRAME_BUDGET_MS = 6;
const FRAME_ROWS = 60_000;
/** React hears of progress at most this often. */
const NOTIFY_MS = 100;
/** Candles before the range that come with the first frame. */
const WARM_UP = 300;

const OFF: PlayerView = { phase: 'off', request: null, state: null, pace: 10, problem: null };

/**
 * The window's side of a replay session. The core owns the clock; here commands are sent, frames are taken in under a time
 * budget (a frame is acknowledged when the next is asked for, so a slow window slows the session down), and the present state
 * is kept for whoever draws it.
 */
export class ReplayPlayer {
  readonly #client: RpcClient;
  readonly #sink: CandleSink;
  readonly #clock: PlayerClock;
  readonly #listeners = new Set<() => void>();
  readonly #seeks = new LatestCommand<number>((to) => this.#command('replay.seek', { to }));
  readonly #steps = new LatestCommand<number>(
    (candles) => this.#command('replay.step', { candles: Math.max(-10_000, Math.min(10_000, candles)) }),
    (waiting, next) => waiting + next,
  );
  readonly #paces = new LatestCommand<ReplayPace>((pace) => this.#command('replay.set_pace', { pace }));
  readonly #unsubscribe: () => void;
  #view: PlayerView = OFF;
  #latest: PlayerView = OFF;
  #session: { abort: AbortController; id: string | null } | null = null;
  #notifiedAt = Number.NEGATIVE_INFINITY;
  #cancelNotify: (() => void) | null = null;
  #received = 0;

  constructor(client: RpcClient, sink: CandleSink, clock: PlayerClock) {
    this.#client = client;
    this.#sink = sink;
    this.#clock = clock;
    this.#unsubscribe = client.on('replay.state_changed', (state) => {
      if (this.#session?.id === state.sessionId) this.#accept(state);
    });
  }

  /** For `useSyncExternalStore`: changes at most ten times a second, a new phase or problem at once. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly getView = (): PlayerView => this.#view;

  /** The state as of now, ahead of `getView` by up to a tenth of a second; for canvases. */
  get latest(): PlayerView {
    return this.#latest;
  }

  /** Candles taken in since the player exists. */
  get received(): number {
    return this.#received;
  }

  /** Opens a session, ending the present one; `at` is where it starts when not at the beginning. */
  async open(request: ReplayRequest, at: number | null = null): Promise<void> {
    this.#end();
    const session = { abort: new AbortController(), id: null as string | null };
    this.#session = session;
    const { pace } = this.#latest;
    this.#set({ phase: 'opening', request, state: null, pace, problem: null });
    try {
      const state = await this.#client.call('replay.open', { ...request, pace, warmUp: WARM_UP });
      session.id = state.sessionId;
      // Left while it was opening: the core must not keep it.
      if (this.#session !== session) {
        this.#closeSession(state.sessionId);
        return;
      }
      this.#accept(state);
      if (at !== null) this.seek(at);
      await this.#consume(session.abort.signal, state.sessionId);
    } catch (error) {
      if (this.#session === session) this.#fail(failureOf(error).message);
    }
  }

  /** Opens the same range again, where the playhead stood. */
  reopen(): void {
    const { request, state } = this.#latest;
    if (request) void this.open(request, state?.playhead ?? null);
  }

  play(): void {
    const { state } = this.#latest;
    void (async () => {
      // Play at the end means once more from the start.
      if (state?.phase === 'ended') await this.#command('replay.seek', { to: state.range.from });
      await this.#command('replay.play', {});
    })();
  }

  pause(): void {
    void this.#command('replay.pause', {});
  }

  toggle(): void {
    if (this.#latest.phase === 'playing') this.pause();
    else this.play();
  }

  /** Positive forward, negative back. */
  step(candles: number): void {
    if (candles !== 0) this.#steps.request(candles);
  }

  /** Moves the playhead, held inside the range. */
  seek(to: number): void {
    const range = this.#latest.request?.range;
    if (range) this.#seeks.request(Math.round(Math.min(range.to, Math.max(range.from, to))));
  }

  /** Sets the pace of the session, or of the next one when there is none. */
  setPace(pace: ReplayPace): void {
    this.#set({ ...this.#latest, pace });
    if (this.#session?.id) this.#paces.request(pace);
  }

  /** Leaves the replay. */
  close(): void {
    this.#end();
    this.#set({ ...OFF, pace: this.#latest.pace });
  }

  destroy(): void {
    this.#end();
    this.#cancelNotify?.();
    this.#unsubscribe();
    this.#listeners.clear();
  }

  async #consume(signal: AbortSignal, sessionId: string): Promise<void> {
    let [busy, rows] = [0, 0];
    for await (const frame of this.#client.stream('replay.candles', { sessionId }, { signal })) {
      if (signal.aborted) return;
      const candles = candlesOfFrame(frame);
      if (!candles) throw new AppError('rpc.malformed', 'The replay sent columns that are no candles.');
      const began = this.#clock.now();
      this.#sink.feedReplay(candles, (frame.flags & FrameFlag.RESET) !== 0);
      busy += this.#clock.now() - began;
      rows += candles.rows;
      this.#received += candles.rows;
      if (busy < FRAME_BUDGET_MS && rows < FRAME_ROWS) continue;
      [busy, rows] = [0, 0];
      await this.#clock.nextFrame();
    }
  }

  async #command<R extends 'replay.play' | 'replay.pause' | 'replay.step' | 'replay.seek' | 'replay.set_pace'>(
    route: R,
    body: Omit<RequestInput<R>, 'sessionId'>,
  ): Promise<void> {
    const session = this.#session;
    if (!session?.id) return;
    try {
      const state = await this.#client.call(route, { ...body, sessionId: session.id } as RequestInput<R>);
      if (this.#session === session) this.#accept(state as ReplayState);
    } catch (error) {
      if (this.#session === session) this.#set({ ...this.#latest, problem: failureOf(error).message });
    }
  }

  #accept(state: ReplayState): void {
    const problem = state.phase === 'failed' ? (state.detail ?? 'The replay failed.') : null;
    this.#set({ ...this.#latest, phase: state.phase, state, problem });
  }

  #fail(problem: string): void {
    this.#end();
    this.#set({ ...this.#latest, phase: 'failed', problem });
  }

  #end(): void {
    const session = this.#session;
    this.#session = null;
    this.#seeks.clear();
    this.#steps.clear();
    this.#paces.clear();
    session?.abort.abort();
    if (session?.id) this.#closeSession(session.id);
  }

  #closeSession(sessionId: string): void {
    this.#client.call('replay.close', { sessionId }).catch((error: unknown) => {
      const { code, message } = failureOf(error);
      // A lost connection has closed the session already.
      if (code !== 'rpc.disconnected') console.warn(`The replay could not be closed: ${message}`);
    });
  }

  #set(view: PlayerView): void {
    const urgent =
      view.phase !== this.#view.phase || view.problem !== this.#view.problem || view.pace !== this.#view.pace;
    this.#latest = view;
    const now = this.#clock.now();
    const wait = this.#notifiedAt + NOTIFY_MS - now;
    if (urgent || wait <= 0) this.#notify();
    else this.#cancelNotify ??= this.#clock.after(wait, () => this.#notify());
  }

  #notify(): void {
    this.#cancelNotify?.();
    this.#cancelNotify = null;
    this.#notifiedAt = this.#clock.now();
    this.#view = this.#latest;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The browser's clock. */
export const browserClock: PlayerClock = {
  now: () => performance.now(),
  nextFrame: () =>
    new Promise((resolve) => {
      // A hidden page has no animation frames; whichever comes first ends the wait.
      const frame = requestAnimationFrame(() => done());
      const timer = setTimeout(() => done(), 100);
      const done = () => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
        resolve();
      };
    }),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
