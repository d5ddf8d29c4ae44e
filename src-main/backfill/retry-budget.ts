import { AppError } from '@shared/contract';
import type { Market } from '@shared/market';
import { SourceHealth, type SourceName } from './source-health';

/** Some 40 s in all, longer than a crashed database needs to come back. */
const PAGE_TRIES = 10;
/** A thread that dies thrice over one file will die again. */
const LOST_WORKER_TRIES = 3;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** Without patience, after so many pages in a row that could not reach their source, the rest would only wait for the same. */
const UNREACHABLE_LIMIT = 3;
/** A process that did not run for so long was asleep with its machine: what failed meanwhile tells nothing of the sources. */
const ASLEEP_MS = 10_000;
/** A network needs a while after that. */
const WAKING_MS = 60_000;
const HEARTBEAT_MS = 1_000;

/** Failures of the database that pass: it restarts by itself. */
const DATABASE_AWAY = new Set(['questdb.connection_lost', 'questdb.unreachable', 'questdb.not_running']);
/** Failures of the exchange that pass. */
const EXCHANGE_AWAY = new Set([
  'exchange.unreachable',
  'exchange.unavailable',
  'exchange.bad_answer',
  'exchange.rate_limited',
  'exchange.banned',
  'exchange.blocked',
]);
const ARCHIVE_AWAY = new Set(['archive.unreachable', 'archive.unavailable']);

export interface RetryOptions {
  /** Waits for a source that is away as long as it takes; else a few tries have to do. */
  patient: boolean;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  now?: () => number;
  random?: () => number;
  answers?: (source: SourceName, signal: AbortSignal) => Promise<boolean>;
  onRetry: (reason: string) => void;
  onWaiting: () => void;
}

/** How a job meets failures that pass: what is tried again, after which pause, and when it is given up. */
export class RetryBudget {
  readonly health: SourceHealth;
  readonly #now: () => number;
  #unreachable: AppError | null = null;
  #unreachableInARow = 0;
  #heartbeat: ReturnType<typeof setInterval> | null = null;
  #beatAt = 0;
  #wokeAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RetryOptions) {
    this.#now = options.now ?? (() => performance.now());
    this.health = new SourceHealth({ ...options, now: this.#now, onChange: options.onWaiting });
  }

  /** Notices from now on when the process slept. */
  watchSleep(): void {
    this.#beatAt = this.#now();
    this.#heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  stopWatching(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
  }

  beat(): void {
    const now = this.#now();
    if (now - this.#beatAt > ASLEEP_MS) this.#wokeAt = now;
    this.#beatAt = now;
  }

  /** Nothing more is to be had: the rest of the job need not be tried. */
  get gaveUp(): boolean {
    return this.#unreachableInARow >= UNREACHABLE_LIMIT;
  }

  /** The first part that could not be reached. */
  get unreachable(): AppError | null {
    return this.#unreachable;
  }

  /** Something was given up for this reason. */
  noteGivenUp(error: unknown): void {
    if (!(error instanceof AppError)) return;
    if (!/^(exchange|archive)\.unreachable$|^(questdb|workspace)\./.test(error.code)) return;
    this.#unreachable ??= error;
    this.#unreachableInARow = isDiskFull(error) ? UNREACHABLE_LIMIT : this.#unreachableInARow + 1;
  }

  /**
   * Does what needs the source, and again when it failed for a reason that passes. A page that was half done is done again:
   * rows are deduplicated. A source that is away for longer than `patienceMs` is given up also with patience.
   */
  async page<T>(source: SourceName, signal: AbortSignal, work: () => Promise<T>, patienceMs?: number): Promise<T> {
    const attempt = () => this.database(signal, work);
    const result = this.options.patient
      ? await this.health.persist(source, signal, isSourceAway, attempt, patienceMs)
      : await this.#afterSleep(signal, attempt);
    this.#unreachableInARow = 0;
    return result;
  }

  /** Repeats what failed only for want of a running database (or a lost thread). */
  database<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (!this.options.patient) return this.briefly(work, signal);
    const isAway = (error: unknown): error is AppError => isOf(error, DATABASE_AWAY);
    return this.health.persist('database', signal, isAway, () => this.briefly(work, signal));
  }

  /** The same without patience: some 40 s, for what has to end. */
  async briefly<T>(work: () => Promise<T>, signal: AbortSignal = NEVER): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || this.gaveUp || attempt >= triesFor(error)) throw error;
        this.options.onRetry((error as AppError).message);
        await this.options.sleep(Math.min(FIRST_PAUSE_MS * attempt, LONGEST_PAUSE_MS), signal);
      }
    }
  }

  /** Without patience: only what failed around a sleep of the machine is tried again, until the network had time to come back. */
  async #afterSleep<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.beat();
        if (signal.aborted || !isSourceAway(error) || this.#now() - this.#wokeAt > WAKING_MS) throw error;
        this.options.onRetry(error.message);
        await this.options.sleep(LONGEST_PAUSE_MS, signal);
      }
    }
  }
}

const NEVER = new AbortController().signal;

export function restSource(market: Market): SourceName {
  return `rest:${market}`;
}

/** A kind of its own, so that what is not away is still an `AppError` to the compiler. */
interface AwayError extends AppError {
  readonly code: `exchange.${string}` | `archive.${string}`;
}

export function isSourceAway(error: unknown): error is AwayError {
  return isOf(error, EXCHANGE_AWAY) || isOf(error, ARCHIVE_AWAY);
}

function isOf(error: unknown, codes: ReadonlySet<string>): error is AppError {
  return error instanceof AppError && codes.has(error.code);
}

function isDiskFull(error: AppError): boolean {
  return error.code === 'questdb.disk_full' || error.code === 'workspace.disk_full';
}

function triesFor(error: unknown): number {
  if (isOf(error, DATABASE_AWAY)) return PAGE_TRIES;
  return error instanceof AppError && error.code === 'runtime.worker_lost' ? LOST_WORKER_TRIES : 1;
}
