import {
  AppError,
  type CallContext,
  type Failure,
  failureOf,
  type RequestHandlers,
  requestSchemas,
  type StreamHandlers,
  streamSchemas,
} from '../contract';
import { type CreditLimits, checkCredits, DEFAULT_CREDITS } from './credits';
import type { EventHub } from './event-hub';
import { isWithin, type SizeLimits } from './message-size';
import { type ClientMessage, idOf, PROTOCOL_VERSION, readClientMessage, type ServerMessage } from './messages';
import { platform } from './platform';
import type { Port } from './port';
import { safePost } from './safe-post';
import { StreamPump } from './stream-pump';

export interface RpcServerLimits {
  credits: CreditLimits;
  message: SizeLimits;
  /** Calls and streams under way at once. */
  concurrent: number;
}

export const DEFAULT_SERVER_LIMITS: RpcServerLimits = {
  credits: DEFAULT_CREDITS,
  // The largest honest request is a backfill of 5,000 series: some 40,000 values.
  message: { values: 100_000, characters: 4 * 1024 * 1024, depth: 12 },
  concurrent: 256,
};

export interface RpcServerOptions {
  port: Port;
  requests: RequestHandlers;
  streams: StreamHandlers;
  events: EventHub;
  limits?: Partial<RpcServerLimits>;
  /** Told about errors that no caller can be expected to handle: bugs in handlers, answers that cannot be cloned. */
  report?: (error: unknown, where: string) => void;
}

type Schema = (typeof requestSchemas)[keyof typeof requestSchemas] | (typeof streamSchemas)[keyof typeof streamSchemas];
type Handler<Answer> = (body: unknown, context: CallContext) => Answer;

/**
 * Serves one client on one port: parses every request, runs its handler, answers with results (never with exceptions), pushes
 * events, paces streams. Nothing that arrives on the port makes it throw. Closing the port aborts everything under way.
 */
export function createRpcServer(options: RpcServerOptions): { close(): void } {
  const server = new RpcServer(options);
  return { close: () => server.close() };
}

class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #limits: RpcServerLimits;
  readonly #cancels = new Map<number, () => void>();
  readonly #pumps = new Map<number, StreamPump>();
  readonly #disposers: (() => void)[];
  #closed = false;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
    checkCredits(this.#limits.credits);
    this.#post({ type: 'hello', protocol: PROTOCOL_VERSION });
    this.#disposers = [
      options.events.subscribe((name, data) => this.#post({ type: 'event', name, data })),
      options.port.onClose(() => this.close()),
    ];
    this.#disposers.push(options.port.onMessage((message) => this.#receive(message)));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const dispose of this.#disposers) dispose();
    for (const cancel of [...this.#cancels.values()]) cancel();
    this.#options.port.close();
  }

  #post(message: ServerMessage): void {
    if (this.#closed) return;
    safePost(this.#options.port, message, (error) => this.#options.report?.(error, 'rpc.post'));
  }

  #receive(message: unknown): void {
    if (this.#closed) return;
    // The size first: nothing may look at a hostile message without bounds.
    const known = isWithin(message, this.#limits.message) ? readClientMessage(message) : null;
    if (known?.type === 'cancel') this.#cancels.get(known.id)?.();
    else if (known?.type === 'ack') this.#acknowledge(known);
    else {
      const objection = this.#objectionTo(message, known);
      if (objection) this.#refuse(message, objection);
      else if (known?.type === 'call') void this.#call(known);
      else if (known) void this.#open(known);
    }
  }

  #acknowledge({ id, bytes }: ClientMessage & { type: 'ack' }): void {
    const pump = this.#pumps.get(id);
    // Whoever acknowledges what was never sent cannot be paced.
    if (pump && !pump.acknowledge(bytes)) this.#cancels.get(id)?.();
  }

  #objectionTo(message: unknown, known: ClientMessage | null): Failure | null {
    if (!known) {
      return isWithin(message, this.#limits.message)
        ? { code: 'rpc.malformed', message: 'The message has a shape that the core does not know.' }
        : { code: 'rpc.too_large', message: 'The message is larger than the core accepts. Ask for less at once.' };
    }
    if (this.#cancels.has(known.id)) return { code: 'rpc.malformed', message: `Call ${known.id} is still under way.` };
    if (this.#cancels.size >= this.#limits.concurrent)
      return { code: 'rpc.busy', message: 'Too many calls are under way. Wait for some of them to end.' };
    return null;
  }

  /** Answers in the form that its sender waits for; without an id nobody waits. */
  #refuse(message: unknown, error: Failure): void {
    this.#options.report?.(new Error(error.message), error.code);
    const id = idOf(message);
    if (id === null) return;
    const isStream = (message as { type?: unknown }).type === 'open';
    if (isStream) this.#post({ type: 'end', id, frames: 0, result: { ok: false, error } });
    else this.#post({ type: 'answer', id, result: { ok: false, error } });
  }

  async #call({ id, route, body }: ClientMessage & { type: 'call' }): Promise<void> {
    const abort = new platform.AbortController();
    this.#cancels.set(id, () => abort.abort());
    try {
      const parsed = parseBody(requestSchemas, route, body);
      const handler = ownValue(this.#options.requests, route) as Handler<unknown>;
      const data = await handler(parsed, { signal: abort.signal });
      this.#cancels.delete(id);
      this.#post({ type: 'answer', id, result: { ok: true, data } });
    } catch (error) {
      this.#cancels.delete(id);
      this.#post({ type: 'answer', id, result: { ok: false, error: this.#failure(error, route) } });
    }
  }

  async #open({ id, route, body }: ClientMessage & { type: 'open' }): Promise<void> {
    let pump: StreamPump | null = null;
    try {
      const parsed = parseBody(streamSchemas, route, body);
      const handler = ownValue(this.#options.streams, route) as Handler<AsyncIterable<ArrayBuffer>>;
      const opened = new StreamPump({
        id,
        credits: this.#limits.credits,
        open: (signal) => handler(parsed, { signal }),
        send: (frame) => {
          if (!this.#closed) this.#options.port.send(frame);
        },
      });
      pump = opened;
      this.#pumps.set(id, opened);
      this.#cancels.set(id, () => {
        opened.cancel().catch((error) => this.#failure(error, route));
      });
      await opened.run();
      this.#end(id, opened.frames, { ok: true, data: null });
    } catch (error) {
      this.#end(id, pump?.frames ?? 0, { ok: false, error: this.#failure(error, route) });
    }
  }

  #end(id: number, frames: number, result: (ServerMessage & { type: 'end' })['result']): void {
    this.#cancels.delete(id);
    this.#pumps.delete(id);
    this.#post({ type: 'end', id, frames, result });
  }

  #failure(error: unknown, route: string): Failure {
    const failure = failureOf(error);
    if (failure.code === 'runtime.bug') this.#options.report?.(error, route);
    return failure;
  }
}

function parseBody(schemas: Record<string, Schema>, route: string, body: unknown): unknown {
  const schema = ownValue(schemas, route) as Schema | undefined;
  if (!schema) throw new AppError('rpc.unknown_route', `There is no route ${JSON.stringify(route.slice(0, 80))}.`);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.length ? issue.path.join('.') : 'the request';
  throw new AppError('rpc.invalid_request', `${route}: ${where}: ${issue?.message ?? 'is not valid'}`, {
    issues: parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String), message })),
  });
}

/** Own properties only: a route named `constructor` must not find Object's. */
function ownValue(table: object, key: string): unknown {
  return Object.hasOwn(table, key) ? (table as Record<string, unknown>)[key] : undefined;
}

/** Answers a port of a core that cannot serve: whatever its client asks, now or later, fails with this reason. */
export function refuseConnection(port: Port, error: Failure): void {
  port.onMessage(() => {});
  safePost(port, { type: 'refused', error }, () => {});
}
