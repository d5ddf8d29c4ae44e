import {
  type Answers,
  AppError,
  type CancelSignal,
  type ColumnFrame,
  decodeFrame,
  type ErrorDomain,
  type EventName,
  type Events,
  type Failure,
  type RequestInput,
  type RequestRoute,
  type Result,
  type StreamInputBody,
  type StreamRoute,
  unwrap,
} from '../contract';
import { ClientStream } from './client-stream';
import { type CreditLimits, checkCredits, DEFAULT_CREDITS } from './credits';
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from './messages';
import type { Port } from './port';

export interface CallOptions {
  signal?: CancelSignal | undefined;
}

export interface RpcClient {
  /** Resolves with the answer; rejects with an `AppError` (`rpc.cancelled` after an abort, `rpc.disconnected` when the port closes). */
  call<R extends RequestRoute>(route: R, body: RequestInput<R>, options?: CallOptions): Promise<Answers[R]>;
  /**
   * Opens when iteration starts. Asking for the next frame says that the last one has been processed: a loop body that waits
   * pauses the producer. Leaving the loop cancels. Throws an `AppError` like `call`.
   */
  stream<R extends StreamRoute>(route: R, body: StreamInputBody<R>, options?: CallOptions): AsyncIterable<ColumnFrame>;
  on<N extends EventName>(event: N, listener: (data: Events[N]) => void): () => void;
  close(): void;
}

/** A client of one port, which ends with it. */
export interface PortClient extends RpcClient {
  /** Resolves when the server has greeted; rejects when it refuses or the port closes first. */
  readonly ready: Promise<void>;
  /** Called once with the reason, when the port closed or the server refused. */
  onClose(listener: (reason: AppError) => void): () => void;
}

export interface RpcClientOptions {
  credits?: CreditLimits;
}

export const cancelled = (): AppError => new AppError('rpc.cancelled', 'The call was cancelled.');

export function createRpcClient(port: Port, options: RpcClientOptions = {}): PortClient {
  return new PortRpcClient(port, checkCredits(options.credits ?? DEFAULT_CREDITS));
}

interface PendingCall {
  settle(result: Result<unknown>): void;
}

class PortRpcClient implements PortClient {
  readonly ready: Promise<void>;
  readonly #port: Port;
  readonly #credits: CreditLimits;
  readonly #calls = new Map<number, PendingCall>();
  readonly #streams = new Map<number, ClientStream>();
  readonly #listeners = new Map<EventName, Set<(data: never) => void>>();
  readonly #closeListeners = new Set<(reason: AppError) => void>();
  #greet!: { resolve: () => void; reject: (reason: AppError) => void };
  #nextId = 1;
  /** Why the connection is over; null while it lives. */
  #over: AppError | null = null;

  constructor(port: Port, credits: CreditLimits) {
    this.#port = port;
    this.#credits = credits;
    this.ready = new Promise<void>((resolve, reject) => {
      this.#greet = { resolve, reject };
    });
    // Who does not look at `ready` learns the reason from the calls.
    this.ready.catch(() => {});
    port.onClose(() => this.#end(new AppError('rpc.disconnected', 'The connection to the core is lost.')));
    port.onMessage((message) => this.#receive(message));
  }

  async call<R extends RequestRoute>(route: R, body: RequestInput<R>, options: CallOptions = {}): Promise<Answers[R]> {
    if (this.#over) throw this.#over;
    const { signal } = options;
    if (signal?.aborted) throw cancelled();
    const id = this.#nextId++;
    this.#send({ type: 'call', id, route, body });
    const result = await new Promise<Result<unknown>>((resolve) => {
      const onAbort = () => {
        this.#calls.delete(id);
        this.#send({ type: 'cancel', id });
        const { code, message } = cancelled();
        resolve({ ok: false, error: { code, message } });
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (answer: Result<unknown>) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(answer);
      };
      this.#calls.set(id, { settle });
    });
    return unwrap(result) as Answers[R];
  }

  stream<R extends StreamRoute>(
    route: R,
    body: StreamInputBody<R>,
    options: CallOptions = {},
  ): AsyncIterable<ColumnFrame> {
    return { [Symbol.asyncIterator]: () => this.#openStream(route, body, options.signal) };
  }

  on<N extends EventName>(event: N, listener: (data: Events[N]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  onClose(listener: (reason: AppError) => void): () => void {
    this.#closeListeners.add(listener);
    return () => {
      this.#closeListeners.delete(listener);
    };
  }

  close(): void {
    this.#port.close();
    this.#end(new AppError('rpc.disconnected', 'The connection to the core was closed.'));
  }

  #openStream(route: StreamRoute, body: unknown, signal: CancelSignal | undefined): AsyncIterator<ColumnFrame> {
    const id = this.#nextId++;
    const stream = new ClientStream({
      ackEvery: this.#credits.ackEvery,
      acknowledge: (bytes) => this.#send({ type: 'ack', id, bytes }),
      cancel: () => this.#send({ type: 'cancel', id }),
      ended: () => {
        this.#streams.delete(id);
        signal?.removeEventListener('abort', onAbort);
      },
    });
    const onAbort = () => stream.abort(cancelled());
    if (this.#over) stream.fail(this.#over);
    else if (signal?.aborted) stream.fail(cancelled());
    else {
      this.#streams.set(id, stream);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        this.#send({ type: 'open', id, route, body });
      } catch (error) {
        stream.fail(error as AppError);
      }
    }
    return stream;
  }

  #send(message: ClientMessage): void {
    if (this.#over) return;
    try {
      this.#port.send(message);
    } catch (cause) {
      const what = 'route' in message ? `The request ${message.route}` : 'The message';
      throw new AppError('rpc.unsendable', `${what} holds a value that cannot be sent.`, undefined, { cause });
    }
  }

  #receive(received: unknown): void {
    if (this.#over) return;
    if (received instanceof ArrayBuffer) {
      this.#receiveFrame(received);
      return;
    }
    const message = received as ServerMessage;
    switch (message.type) {
      case 'hello':
        this.#receiveHello(message.protocol);
        break;
      case 'refused':
        this.#end(appErrorOf(message.error));
        break;
      case 'answer':
        this.#calls.get(message.id)?.settle(message.result);
        this.#calls.delete(message.id);
        break;
      case 'end':
        this.#streams.get(message.id)?.end(message.frames, message.result);
        break;
      case 'event':
        for (const listener of [...(this.#listeners.get(message.name as EventName) ?? [])])
          listener(message.data as never);
        break;
      default:
      // A newer server may announce more than this client knows.
    }
  }

  #receiveHello(protocol: number): void {
    if (protocol === PROTOCOL_VERSION) this.#greet.resolve();
    else this.#breakOff('rpc.version', 'The window and the core are of different versions. Reload the window.');
  }

  #receiveFrame(buffer: ArrayBuffer): void {
    const frame = decodeFrame(buffer);
    if (frame) this.#streams.get(frame.streamId)?.push(frame, buffer.byteLength);
    else this.#breakOff('rpc.malformed', 'The core sent bytes that are no column frame. Reload the window.');
  }

  #breakOff(code: 'rpc.version' | 'rpc.malformed', sentence: string): void {
    this.#end(new AppError(code, sentence));
    this.#port.close();
  }

  #end(reason: AppError): void {
    if (this.#over) return;
    this.#over = reason;
    this.#greet.reject(reason);
    const result = { ok: false, error: failure(reason) } as const;
    for (const call of [...this.#calls.values()]) call.settle(result);
    this.#calls.clear();
    for (const stream of [...this.#streams.values()]) stream.fail(reason);
    for (const listener of [...this.#closeListeners]) listener(reason);
    this.#closeListeners.clear();
  }
}

function failure({ code, message, data }: AppError): Failure {
  return data === undefined ? { code, message } : { code, message, data };
}

function appErrorOf(error: Failure): AppError {
  return new AppError(error.code as `${ErrorDomain}.${string}`, error.message, error.data);
}
