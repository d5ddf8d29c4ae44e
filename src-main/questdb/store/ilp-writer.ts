import { Agent, request } from 'node:http';
import { AppError } from '@shared/contract';
import type { DatabaseMetrics } from '../../metrics';
import { httpAuthorization } from '../address';
import { isConnectionLoss, questDbFailure } from './failures';
import type { AddressSource } from './sql-client';

export interface IlpWriterOptions {
  /** Unit of the lines' timestamps: `ms` (candles) by default, `us` for trades. */
  precision?: 'ms' | 'us';
  /** How long the same bytes are tried again while the server is away or busy, in ms. */
  patienceMs?: number;
  /** Waits between two tries; rejects with the signal's reason when it is aborted. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
  metrics?: DatabaseMetrics;
}

const DEFAULT_PATIENCE_MS = 45_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3_000;

/**
 * A connection of its own for line-protocol requests. Close it when a job ends and after every DROP or ALTER of a table: the
 * server binds a connection to the table it first saw and silently loses rows of its successor.
 */
export class IlpWriter {
  readonly #address: AddressSource;
  readonly #path: string;
  readonly #patienceMs: number;
  readonly #wait: NonNullable<IlpWriterOptions['wait']>;
  readonly #metrics: DatabaseMetrics | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });
  #closed = false;

  constructor(address: AddressSource, options: IlpWriterOptions = {}) {
    this.#address = address;
    this.#path = `/write?precision=${options.precision ?? 'ms'}`;
    this.#patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.#wait = options.wait ?? sleep;
    this.#metrics = options.metrics;
  }

  /**
   * Sends whole lines, in one part or several, in one request; resolves when they are durable. Lost connections and 5xx are met by sending the same
   * bytes again (rows are deduplicated), with growing pauses; a full disk, exhausted files and refused lines fail at once.
   */
  async writeLines(body: Uint8Array | readonly Uint8Array[], signal?: AbortSignal): Promise<void> {
    const parts = body instanceof Uint8Array ? [body] : body;
    let waited = 0;
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(pause * 2, LONGEST_WAIT_MS)) {
      signal?.throwIfAborted();
      if (this.#closed) throw new AppError('questdb.closed', 'The connection for writing was closed; open a new one.');
      const started = performance.now();
      const failure = await this.#send(parts, signal);
      this.#metrics?.databaseAnswered('write', (performance.now() - started) / 1000, failure === null);
      if (!failure) return;
      if (!failure.again || waited >= this.#patienceMs) throw failure.error;
      await this.#wait(pause, signal);
      waited += pause;
    }
  }

  /** Frees the server's table handles; an open connection pins one writer for every table it has written. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  async #send(parts: readonly Uint8Array[], signal?: AbortSignal): Promise<{ error: AppError; again: boolean } | null> {
    const doing = 'rows are written';
    try {
      const address = this.#address();
      const { status, text } = await post(new URL(this.#path, address.httpUrl), {
        parts,
        agent: this.#agent,
        headers: httpAuthorization(address),
        signal,
      });
      if (status === 204 || status === 200) return null;
      const failure = explainAnswer(status, text);
      return { error: failure, again: status >= 500 && failure.code === 'questdb.refused' };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof AppError || !isConnectionLoss(error))
        return { error: questDbFailure(error, doing), again: false };
      return { error: questDbFailure(error, doing), again: !this.#closed };
    }
  }
}

function explainAnswer(status: number, text: string): AppError {
  let message = text.trim().slice(0, 2_000);
  let line: unknown;
  try {
    const parsed = JSON.parse(text) as { message?: string; line?: number };
    message = (parsed.message ?? message).trim();
    line = parsed.line;
  } catch {
    // Not every answer is JSON (401, proxies): the text itself is shown.
  }
  if (status === 401 || status === 403)
    return new AppError(
      'questdb.password',
      'QuestDB refuses the user name or password over HTTP. Correct questdb.httpUrl.',
    );
  if (status >= 500) return questDbFailure(new Error(`HTTP ${status}: ${message}`), 'rows are written');
  if (/table does not exist/.test(message))
    return new AppError('questdb.no_table', `QuestDB refuses the rows: ${message}. Create the table first.`, {
      status,
      line,
    });
  return new AppError('questdb.bad_lines', `QuestDB refuses the rows (HTTP ${status}): ${message}`, { status, line });
}

interface PostOptions {
  parts: readonly Uint8Array[];
  agent: Agent;
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
}

function post(url: URL, { parts, agent, headers, signal }: PostOptions): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-type': 'text/plain', 'content-length': sizeOf(parts) },
        ...(signal ? { signal } : {}),
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
      },
    );
    outgoing.on('error', reject);
    // Together in one system call, not copied together first.
    outgoing.cork();
    for (const part of parts) outgoing.write(part);
    outgoing.end();
  });
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
