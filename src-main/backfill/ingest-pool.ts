import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorDomain, type Failure } from '@shared/contract';
import { type FlowMetrics, NO_METRICS } from '../metrics';
import type { IngestResult, IngestTask } from './ingest';
import type { TradeIngestResult, TradeIngestTask } from './ingest-trades';
import type { IngestMessage } from './ingest-worker';

type Result = IngestResult | TradeIngestResult;
type Reply =
  | { id: number; ok: true; result: Result }
  | { id: number; ok: false; failure: Failure }
  /** A body of trades to be written before the next comes. */
  | { id: number; body: Uint8Array };

interface Waiting {
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
  write: (body: Uint8Array) => Promise<void>;
}

interface Thread {
  worker: Worker;
  waiting: Map<number, Waiting>;
}

/** More threads than this would only wait for the database. */
const MOST_THREADS = 4;

/** Threads for a machine: one processor is left to the database and this program's own loop. */
export function ingestThreads(processors = availableParallelism()): number {
  return Math.max(1, Math.min(MOST_THREADS, processors - 1));
}

/** A few worker threads that turn archive files into encoded rows; each is started when all others are busy. */
export class IngestPool {
  #threads: Thread[] = [];
  /** Which thread made a body, so that its memory goes back there. */
  readonly #makers = new WeakMap<SharedArrayBuffer, Thread>();
  #nextId = 1;
  #closed = false;

  constructor(
    private readonly size: number,
    private readonly metrics: FlowMetrics = NO_METRICS,
  ) {}

  run(task: IngestTask): Promise<IngestResult> {
    const zip = ownBytes(task.zip);
    return this.#post((id) => ({ id, task: { ...task, zip } }), zip, nothingToWrite) as Promise<IngestResult>;
  }

  /** Bodies come one after the other, the next while one is being written. Rejects with what `write` rejects with. */
  runTrades(task: TradeIngestTask, write: (body: Uint8Array) => Promise<void>): Promise<TradeIngestResult> {
    const zip = ownBytes(task.zip);
    return this.#post((id) => ({ id, trades: { ...task, zip } }), zip, write) as Promise<TradeIngestResult>;
  }

  #post(
    messageOf: (id: number) => IngestMessage,
    zip: Uint8Array,
    write: (body: Uint8Array) => Promise<void>,
  ): Promise<Result> {
    if (this.#closed)
      return Promise.reject(new AppError('runtime.stopping', 'Tapemend is stopping; the file was not read.'));
    const thread = this.#pick();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject, write });
      if (thread.waiting.size === 1) this.metrics.underWay('ingest', 1);
      // The zip's memory moves to the thread: nobody here needs it afterwards.
      thread.worker.postMessage(messageOf(id), [zip.buffer as ArrayBuffer]);
    });
  }

  /** Gives the memory of a result's bodies back, when nobody will read them any more. */
  recycle(bodies: readonly Uint8Array[]): void {
    const byThread = new Map<Thread, SharedArrayBuffer[]>();
    for (const { buffer } of bodies) {
      const maker = buffer instanceof SharedArrayBuffer ? this.#makers.get(buffer) : undefined;
      if (maker) byThread.set(maker, [...(byThread.get(maker) ?? []), buffer as SharedArrayBuffer]);
    }
    for (const [thread, spare] of byThread) {
      const message: IngestMessage = { spare };
      if (this.#threads.includes(thread)) thread.worker.postMessage(message);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.worker.terminate()));
    this.#threads = [];
  }

  #pick(): Thread {
    const isAllBusy = this.#threads.every((thread) => thread.waiting.size > 0);
    if (isAllBusy && this.#threads.length < this.size) return this.#start();
    return this.#threads.reduce((least, thread) => (thread.waiting.size < least.waiting.size ? thread : least));
  }

  #start(): Thread {
    const worker = startWorker();
    const thread: Thread = { worker, waiting: new Map() };
    worker.unref();
    worker.on('message', (reply: Reply) => {
      const waiting = thread.waiting.get(reply.id);
      if ('body' in reply) return void this.#write(thread, waiting, reply.id, reply.body);
      thread.waiting.delete(reply.id);
      if (!waiting) return;
      if (thread.waiting.size === 0) this.metrics.underWay('ingest', -1);
      if (reply.ok) {
        const bodies = 'bodies' in reply.result ? reply.result.bodies : [];
        for (const { buffer } of bodies) if (buffer instanceof SharedArrayBuffer) this.#makers.set(buffer, thread);
        waiting.resolve(reply.result);
      } else
        waiting.reject(
          new AppError(reply.failure.code as `${ErrorDomain}.${string}`, reply.failure.message, reply.failure.data),
        );
    });
    const lose = (cause: unknown): void => {
      this.#threads = this.#threads.filter((each) => each !== thread);
      for (const waiting of thread.waiting.values()) {
        waiting.reject(
          new AppError(
            'runtime.worker_lost',
            'A worker thread ended while it read an archive; the file will be read again.',
            undefined,
            { cause },
          ),
        );
      }
      if (thread.waiting.size > 0) this.metrics.underWay('ingest', -1);
      thread.waiting.clear();
    };
    worker.on('error', lose);
    worker.on('exit', lose);
    this.#threads.push(thread);
    return thread;
  }

  /** Writes a body, and tells its thread. A task whose body could not be written has failed with that. */
  async #write(thread: Thread, waiting: Waiting | undefined, id: number, body: Uint8Array): Promise<void> {
    let written = false;
    try {
      if (waiting) await waiting.write(body);
      written = waiting !== undefined;
    } catch (error) {
      thread.waiting.delete(id);
      waiting?.reject(error);
    }
    const message: IngestMessage = { id, written };
    if (this.#threads.includes(thread)) thread.worker.postMessage(message);
  }
}

async function nothingToWrite(): Promise<void> {}

/** Bytes that own the whole of their buffer: a slice of a pooled Buffer must not take its neighbours along. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const isWhole =
    bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isWhole ? bytes : new Uint8Array(bytes);
}

function startWorker(): Worker {
  // Built, the worker is a file beside this chunk; from source (tests, bench) it runs through tsx.
  if (import.meta.url.endsWith('.ts')) {
    const tsconfig = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
    return new Worker(new URL('./ingest-worker-source.mjs', import.meta.url), {
      env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
    });
  }
  return new Worker(new URL('./ingest-worker.js', import.meta.url));
}
