import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { AppError, type ErrorDomain, type Failure } from '@shared/contract';
import type { PracticeUrls } from './exchange';
import type { FaultRule } from './fault-rules';
import type { PracticeOptions } from './options';
import type { LoggedRequest, PracticeCounters } from './request-log';
import type { FaultStorm } from './storm';

/** A thread has its own clock; shift it with `clockSkewMs` and `clockRate`. */
export type PracticeLaunchOptions = Omit<PracticeOptions, 'now'>;

/** The practice exchange in a thread of its own. */
export interface PracticeProcessHandle extends PracticeUrls {
  counters(): Promise<PracticeCounters>;
  setFaults(rules: readonly (FaultRule | FaultStorm)[]): Promise<void>;
  requestsLog(): Promise<LoggedRequest[]>;
  /** Ends every connection and the thread; may be called twice. */
  close(): Promise<void>;
  /** Settles when the thread has ended: with null when it was closed, with the error that ended it otherwise. */
  readonly ended: Promise<Error | null>;
}

export type PracticeCall =
  | { id: number; name: 'counters' | 'requestsLog' | 'close' }
  | { id: number; name: 'setFaults'; rules: readonly (FaultRule | FaultStorm)[] };
export type PracticeReport = { urls: PracticeUrls } | { failure: Failure } | { id: number; value: unknown };

type CallName =
  | { name: 'counters' | 'requestsLog' | 'close' }
  | { name: 'setFaults'; rules: readonly (FaultRule | FaultStorm)[] };

/** Like `startPracticeExchange`, but out of the way of the caller's event loop. Throws the same errors. */
export async function launchPracticeExchange(options: PracticeLaunchOptions = {}): Promise<PracticeProcessHandle> {
  const entry = workerEntry();
  const worker = new Worker(entry.url, { ...entry.options, workerData: options });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let fatal: Error | null = null;
  let closing = false;
  let over = false;

  worker.on('error', (error) => {
    fatal = error instanceof Error ? error : new Error(String(error));
  });
  const ended = new Promise<Error | null>((resolve) => {
    worker.once('exit', () => {
      over = true;
      const error = closing ? null : (fatal ?? new Error('the thread ended by itself'));
      for (const call of waiting.values())
        call.reject(new AppError('runtime.practice_ended', 'The practice exchange ended before it answered.'));
      waiting.clear();
      resolve(error);
    });
  });
  const urls = await new Promise<PracticeUrls>((resolve, reject) => {
    worker.on('message', (message: PracticeReport) => {
      if ('urls' in message) resolve(message.urls);
      else if ('failure' in message)
        reject(new AppError(message.failure.code as `${ErrorDomain}.${string}`, message.failure.message));
      else {
        waiting.get(message.id)?.resolve(message.value);
        waiting.delete(message.id);
      }
    });
    ended.then((error) =>
      reject(
        new AppError(
          'runtime.practice_ended',
          `The practice exchange's thread ended before it was ready: ${error?.message ?? 'closed'}.`,
          undefined,
          { cause: error },
        ),
      ),
    );
  });

  const call = <T>(request: CallName): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (over)
        return reject(new AppError('runtime.practice_ended', 'The practice exchange has ended; start it again.'));
      const id = ++lastId;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ id, ...request });
    });
  const shut = async () => {
    closing = true;
    await Promise.race([call({ name: 'close' }).catch(() => null), ended]);
    await worker.terminate();
  };
  let closed: Promise<void> | null = null;
  return {
    ...urls,
    ended,
    counters: () => call({ name: 'counters' }),
    requestsLog: () => call({ name: 'requestsLog' }),
    setFaults: async (rules) => {
      await call({ name: 'setFaults', rules });
    },
    close: () => {
      closed ??= shut();
      return closed;
    },
  };
}

/** The built entry beside this module or one folder up (when this module is in a shared chunk), else the source. */
function workerEntry(): { url: URL; options: WorkerOptions } {
  for (const built of ['./practice-worker.js', '../practice-worker.js']) {
    const url = new URL(built, import.meta.url);
    if (existsSync(fileURLToPath(url))) return { url, options: {} };
  }
  const tsconfig = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));
  return {
    url: new URL('./practice-worker-source.mjs', import.meta.url),
    options: { env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig } },
  };
}
