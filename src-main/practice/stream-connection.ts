import type { RawData, WebSocket } from 'ws';
import { type ControlMessage, parseControl } from './control-messages';
import type { StreamOptions } from './options';

export interface StreamConnectionParts {
  combined: boolean;
  micro: boolean;
  options: StreamOptions;
  /** Real time until the connection is cut. */
  lifetimeMs: number;
  /** Exchange time. */
  now: () => number;
  subscribe: (name: string) => void;
  unsubscribe: (name: string) => void;
  closed: () => void;
}

/** A frame that this much of is still unsent is for a client that does not read. */
const MAX_BACKLOG_BYTES = 8 << 20;

/** One stream client: its subscriptions, and the rules about pings, rates and lifetime. */
export class StreamConnection {
  readonly streams = new Set<string>();
  readonly micro: boolean;
  private combined: boolean;
  private readonly held = new Map<string, string>();
  private arrivals: number[] = [];
  private awaited: string | null = null;
  private readonly pings: NodeJS.Timeout;
  private readonly lifetime: NodeJS.Timeout;
  private pongTimeout: NodeJS.Timeout | null = null;

  constructor(
    private readonly socket: WebSocket,
    private readonly parts: StreamConnectionParts,
  ) {
    const { pingMs = 20_000 } = parts.options;
    this.combined = parts.combined;
    this.micro = parts.micro;
    this.pings = setInterval(() => this.ping(), pingMs);
    this.lifetime = setTimeout(() => this.shutdown(parts.now()), Math.min(parts.lifetimeMs, 0x7fffffff));
    socket.on('message', (data, binary) => {
      if (this.count()) this.receive(data, binary);
    });
    socket.on('ping', () => this.count());
    socket.on('pong', (payload) => this.pong(payload.toString()));
    // A socket error is followed by its close; there is nothing to tell apart here.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.end());
  }

  /** Subscribes to the streams named in the address. */
  begin(names: readonly string[]): void {
    this.add(names);
  }

  /** Sends one frame of a stream, wrapped when the connection is combined, and behind it the one that is held. */
  push(name: string, text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_BACKLOG_BYTES) {
      this.drop();
      return;
    }
    this.socket.send(this.combined ? `{"stream":"${name}","data":${text}}` : text);
    const late = this.held.get(name);
    if (late === undefined) return;
    this.held.delete(name);
    this.push(name, late);
  }

  /** Keeps a frame back until the next one of its stream has gone. */
  hold(name: string, text: string): void {
    this.held.set(name, text);
  }

  /** Breaks the connection without a close frame; the client sees 1006. */
  drop(): void {
    this.socket.terminate();
  }

  /** Announces the end, then closes. */
  shutdown(now: number): void {
    this.push('!serverShutdown', JSON.stringify({ e: 'serverShutdown', E: this.micro ? now * 1_000 : now }));
    this.socket.close(1001, 'Server shutdown');
  }

  private receive(data: RawData, binary: boolean): void {
    const message = parseControl(binary ? '' : data.toString());
    if ('code' in message) this.reply(message);
    else {
      const result = this.obey(message);
      if (result !== undefined) this.reply({ result, id: message.id });
    }
  }

  /** The result to send, undefined when the connection is being closed instead. */
  private obey(message: ControlMessage): unknown {
    switch (message.method) {
      case 'SUBSCRIBE':
        return this.add(message.params) ? null : undefined;
      case 'UNSUBSCRIBE':
        for (const name of message.params) if (this.streams.delete(name)) this.parts.unsubscribe(name);
        return null;
      case 'LIST_SUBSCRIPTIONS':
        return [...this.streams];
      case 'SET_PROPERTY':
        this.combined = message.value;
        return null;
      case 'GET_PROPERTY':
        return this.combined;
    }
  }

  private add(names: readonly string[]): boolean {
    const { maxStreams = 1_024 } = this.parts.options;
    if (new Set([...this.streams, ...names]).size > maxStreams) {
      this.socket.close(1008, 'Too many streams');
      return false;
    }
    for (const name of names) {
      if (this.streams.has(name)) continue;
      this.streams.add(name);
      this.parts.subscribe(name);
    }
    return true;
  }

  private reply(body: unknown): void {
    this.socket.send(JSON.stringify(body));
  }

  /** Counts an incoming message; false (and the end) when there are too many in a second. */
  private count(): boolean {
    const now = performance.now();
    this.arrivals = this.arrivals.filter((at) => at > now - 1_000);
    this.arrivals.push(now);
    if (this.arrivals.length <= (this.parts.options.messagesPerSecond ?? 5)) return true;
    this.socket.close(1008, 'Too many requests');
    return false;
  }

  private ping(): void {
    if (this.awaited !== null) return;
    this.awaited = String(this.parts.now());
    this.socket.ping(this.awaited);
    this.pongTimeout = setTimeout(
      () => this.socket.close(1008, 'Pong timeout'),
      this.parts.options.pongTimeoutMs ?? 60_000,
    );
  }

  /** Only the payload of the last ping keeps the connection alive. */
  private pong(payload: string): void {
    if (!this.count() || payload !== this.awaited) return;
    this.awaited = null;
    if (this.pongTimeout) clearTimeout(this.pongTimeout);
  }

  private end(): void {
    clearInterval(this.pings);
    clearTimeout(this.lifetime);
    if (this.pongTimeout) clearTimeout(this.pongTimeout);
    this.parts.closed();
  }
}
