import type { RequestInput, RequestRoute, StreamInputBody, StreamRoute } from '../contract';
import { type Answers, AppError, type ColumnFrame, type EventName, type Events } from '../contract';
import { platform } from './platform';
import type { Port } from './port';
import { type CallOptions, cancelled, createRpcClient, type PortClient, type RpcClient } from './rpc-client';

export type ConnectionState =
  /** The first connection is being made: calls wait for it. */
  | { phase: 'connecting' }
  /** `restored` is true after an interruption: what was read before may be out of date. */
  | { phase: 'connected'; restored: boolean }
  /** It was lost and is being restored: calls fail with `rpc.disconnected` at once. */
  | { phase: 'disconnected'; attempt: number }
  /** The core refuses, and says why: every call fails with this reason until `retry()`. */
  | { phase: 'refused'; reason: AppError }
  | { phase: 'closed' };

export interface KeptClient extends RpcClient {
  readonly state: ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Tries again now: after a refusal, or instead of waiting for the next attempt. */
  retry(): void;
}

export interface KeepConnectedOptions {
  /** Opens a new port to the core. An `AppError` is a refusal with its reason, anything else is tried again. */
  connect(): Promise<Port>;
  /** Milliseconds to wait before attempt 1, 2, 3…; the last one repeats. */
  delaysMs?: readonly number[];
  setTimeout?: (task: () => void, milliseconds: number) => unknown;
  clearTimeout?: (timer: unknown) => void;
}

const DELAYS_MS = [100, 250, 500, 1_000, 2_000, 5_000];

/**
 * A client that outlives its connections. Event listeners stay subscribed over a reconnection; calls and streams under way
 * fail with `rpc.disconnected` and are not repeated, since only their caller knows whether that would be right.
 */
export function keepConnected(options: KeepConnectedOptions): KeptClient {
  return new ReconnectingClient(options);
}

class ReconnectingClient implements KeptClient {
  readonly #options: KeepConnectedOptions;
  readonly #listeners = new Map<EventName, Set<(data: never) => void>>();
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();
  #state: ConnectionState = { phase: 'connecting' };
  #client: PortClient | null = null;
  #timer: unknown = null;
  #attempt = 0;
  /** Grows with every attempt, so that a late result of an old one is recognised. */
  #generation = 0;
  #wasConnected = false;

  constructor(options: KeepConnectedOptions) {
    this.#options = options;
    void this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => {
      this.#stateListeners.delete(listener);
    };
  }

  retry(): void {
    const { phase } = this.#state;
    if (phase !== 'refused' && (phase !== 'disconnected' || this.#timer === null)) return;
    this.#attempt = 0;
    if (phase === 'refused')
      this.#enter(this.#wasConnected ? { phase: 'disconnected', attempt: 0 } : { phase: 'connecting' });
    void this.#connect();
  }

  async call<R extends RequestRoute>(route: R, body: RequestInput<R>, options?: CallOptions): Promise<Answers[R]> {
    const client = await this.#connected(options);
    return client.call(route, body, options);
  }

  async *stream<R extends StreamRoute>(
    route: R,
    body: StreamInputBody<R>,
    options?: CallOptions,
  ): AsyncIterable<ColumnFrame> {
    const client = await this.#connected(options);
    yield* client.stream(route, body, options);
  }

  on<N extends EventName>(event: N, listener: (data: Events[N]) => void): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
      if (this.#client) this.#forward(this.#client, event);
    }
    const known = listeners;
    known.add(listener);
    return () => {
      known.delete(listener);
    };
  }

  close(): void {
    if (this.#state.phase === 'closed') return;
    this.#generation++;
    this.#stopTimer();
    this.#enter({ phase: 'closed' });
    this.#client?.close();
    this.#client = null;
  }

  async #connect(): Promise<void> {
    this.#stopTimer();
    const generation = ++this.#generation;
    try {
      const port = await this.#options.connect();
      if (generation !== this.#generation) return port.close();
      const client = createRpcClient(port);
      // Subscribed before the greeting is awaited, so that no event right behind it is missed.
      for (const event of this.#listeners.keys()) this.#forward(client, event);
      await client.ready;
      if (generation !== this.#generation) return client.close();
      this.#client = client;
      this.#attempt = 0;
      const restored = this.#wasConnected;
      this.#wasConnected = true;
      client.onClose((reason) => {
        if (generation === this.#generation) this.#lost(reason);
      });
      this.#enter({ phase: 'connected', restored });
    } catch (error) {
      if (generation === this.#generation) this.#lost(error);
    }
  }

  #lost(error: unknown): void {
    this.#client = null;
    if (error instanceof AppError && error.code !== 'rpc.disconnected') {
      this.#enter({ phase: 'refused', reason: error });
      return;
    }
    const delays = this.#options.delaysMs ?? DELAYS_MS;
    const delay = delays[Math.min(this.#attempt, delays.length - 1)] ?? 1_000;
    this.#attempt++;
    const start = this.#options.setTimeout ?? ((task, milliseconds) => platform.setTimeout(task, milliseconds));
    this.#timer = start(() => void this.#connect(), delay);
    if (this.#wasConnected) this.#enter({ phase: 'disconnected', attempt: this.#attempt });
  }

  #stopTimer(): void {
    if (this.#timer !== null) (this.#options.clearTimeout ?? ((timer) => platform.clearTimeout(timer)))(this.#timer);
    this.#timer = null;
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  /** The live client; waits for the first connection only. */
  async #connected(options: CallOptions = {}): Promise<PortClient> {
    if (this.#state.phase === 'connecting') await this.#settled(options);
    if (options.signal?.aborted) throw cancelled();
    if (this.#client) return this.#client;
    if (this.#state.phase === 'refused') throw this.#state.reason;
    throw new AppError('rpc.disconnected', 'The connection to the core is lost and is being restored. Try again then.');
  }

  #settled({ signal }: CallOptions): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal?.removeEventListener('abort', done);
        dispose();
        resolve();
      };
      const dispose = this.onState((state) => {
        if (state.phase !== 'connecting') done();
      });
      signal?.addEventListener('abort', done, { once: true });
      if (signal?.aborted) done();
    });
  }

  #forward(client: PortClient, event: EventName): void {
    client.on(event, (data) => {
      for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(data as never);
    });
  }
}
