import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { CandleBook } from './candle-book';
import type { ExchangeClock } from './exchange-clock';
import type { FaultSubject } from './fault-rules';
import type { FaultSwitch } from './faults';
import { KlineTopic } from './kline-topic';
import type { StreamOptions } from './options';
import type { RequestLog } from './request-log';
import { StreamConnection } from './stream-connection';

const CONNECTION_WINDOW_MS = 5 * 60_000;

export interface StreamServerParts {
  book: CandleBook;
  clock: ExchangeClock;
  faults: FaultSwitch;
  log: RequestLog;
  options: StreamOptions;
}

interface Subscribed {
  topic: KlineTopic | null;
  listeners: Set<StreamConnection>;
}

/** The stream endpoints `/ws` and `/stream`. */
export class StreamServer {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: 1 << 20 });
  private readonly connections = new Set<StreamConnection>();
  private readonly streams = new Map<string, Subscribed>();
  private readonly tickMs: number;
  private attempts: number[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly parts: StreamServerParts) {
    const { pushMs = 2_000, tickMs } = parts.options;
    this.tickMs = tickMs ?? Math.min(250, Math.max(10, Math.round(Math.min(pushMs, 1_000) / 8 / parts.clock.rate)));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log, faults, options } = this.parts;
    const url = new URL(request.url ?? '/', 'ws://127.0.0.1');
    const logged = { method: 'GET', path: request.url ?? '/', status: 101 };
    log.add('stream', logged);
    const refuse = (status: number, reason: string) => {
      logged.status = status;
      socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    const now = Date.now();
    this.attempts = this.attempts.filter((at) => at > now - CONNECTION_WINDOW_MS);
    this.attempts.push(now);
    if (this.attempts.length > (options.connectionsPer5Minutes ?? 300)) {
      refuse(429, 'Too Many Requests');
      return;
    }
    const fault = faults.stream({ kind: 'stream', path: url.pathname }, 'refuse');
    if (fault) {
      refuse(fault.status ?? 503, 'Service Unavailable');
      return;
    }
    const combined = url.pathname === '/stream';
    const raw = /^\/ws(?:\/(.*))?$/.exec(url.pathname);
    if (!combined && !raw) {
      refuse(404, 'Not Found');
      return;
    }
    const wanted = combined ? (url.searchParams.get('streams') ?? '') : (raw?.[1] ?? '');
    const names = wanted.split('/').filter((name) => name !== '');
    const unit = url.searchParams.get('timeUnit')?.toUpperCase();
    this.sockets.handleUpgrade(request, socket, head, (client) => {
      const connection = new StreamConnection(client, {
        combined,
        micro: unit === 'MICROSECOND',
        options,
        lifetimeMs: (options.lifetimeMs ?? 24 * 3_600_000) / this.parts.clock.rate,
        now: () => this.parts.clock.now(),
        subscribe: (name) => this.subscribe(name, connection),
        unsubscribe: (name) => this.unsubscribe(name, connection),
        closed: () => this.forget(connection),
      });
      this.connections.add(connection);
      connection.begin(names);
    });
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    for (const connection of this.connections) connection.drop();
    this.sockets.close();
  }

  private subscribe(name: string, connection: StreamConnection): void {
    let stream = this.streams.get(name);
    if (!stream) {
      const topic = KlineTopic.of(name, this.parts.book, this.parts.options, this.parts.clock.now());
      stream = { topic, listeners: new Set() };
      this.streams.set(name, stream);
    }
    const subject: FaultSubject = { kind: 'stream', path: name, symbol: stream.topic?.symbol.symbol };
    if (!this.parts.faults.stream(subject, 'deaf_subscription')) stream.listeners.add(connection);
    this.timer ??= setInterval(() => this.tick(), this.tickMs);
  }

  private unsubscribe(name: string, connection: StreamConnection): void {
    const stream = this.streams.get(name);
    stream?.listeners.delete(connection);
    if (stream?.listeners.size === 0) this.streams.delete(name);
    if (this.streams.size > 0 || !this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
  }

  private forget(connection: StreamConnection): void {
    this.connections.delete(connection);
    for (const name of connection.streams) this.unsubscribe(name, connection);
  }

  private tick(): void {
    const now = this.parts.clock.now();
    for (const [name, { topic, listeners }] of this.streams) {
      if (!topic) continue;
      for (const frame of topic.poll(now)) {
        for (const connection of listeners) this.deliver(connection, name, topic, frame);
      }
    }
  }

  private spoil(text: string, subject: FaultSubject, micro: boolean): string {
    const rule = this.parts.faults.stream(subject, 'earlier_event_time');
    if (!rule) return text;
    const shift = (rule.delayMs ?? 300) * (micro ? 1_000 : 1);
    return text.replace(/"E":(\d+)/, (_, time: string) => `"E":${Number(time) - shift}`);
  }

  private deliver(
    connection: StreamConnection,
    name: string,
    topic: KlineTopic,
    frame: ReturnType<KlineTopic['poll']>[number],
  ): void {
    const { faults, clock } = this.parts;
    const subject: FaultSubject = { kind: 'stream', path: name, symbol: topic.symbol.symbol };
    if (faults.stream(subject, 'drop')) connection.drop();
    else if (faults.stream(subject, 'shutdown')) connection.shutdown(clock.now());
    else if (!faults.stream(subject, 'stall') && !(frame.final && faults.stream(subject, 'no_final'))) {
      const text = this.spoil(frame.text(connection.micro), subject, connection.micro);
      if (faults.stream(subject, 'late_frame')) {
        connection.hold(name, text);
        return;
      }
      connection.push(name, text);
      if (faults.stream(subject, 'duplicate_frame')) connection.push(name, text);
    }
  }
}
