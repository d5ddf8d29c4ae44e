import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@shared/contract';
import { type HistoryProvider, payloadOfRow } from './history';
import type { Node } from './node';

/** What the `backfill_*` metrics count. `interval` in seconds. */
export interface BackfillMetrics {
  /** +1 at the start of a job, -1 at its end. */
  jobsInProgress(change: 1 | -1): void;
  /** The end that the successful job was asked for, in epoch seconds. */
  lastTimestamp(nodeId: string, interval: number, ts: number): void;
  retry(nodeId: string, interval: number): void;
  failure(nodeId: string, interval: number): void;
}

export interface BackfillLogEntry {
  event: 'backfill.start' | 'backfill.complete' | 'backfill.retry' | 'backfill.failed';
  nodeId: string;
  interval: number;
  start: number;
  end: number;
  attempt?: number;
  error?: string;
}

export interface BackfillEngineOptions {
  maxRetries?: number;
  /** Jobs that may fetch at the same time. */
  concurrency?: number;
  metrics?: BackfillMetrics;
  log?: (entry: BackfillLogEntry) => void;
  signal?: AbortSignal;
  /** Waits between attempts; a test's own clock. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

/** Loads history into the windows of nodes, with retries. */
export class BackfillEngine {
  private readonly jobs: Promise<void>[] = [];
  private readonly maxRetries: number;
  private readonly concurrency: number;
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(
    private readonly source: Pick<HistoryProvider, 'fetch'>,
    private readonly options: BackfillEngineOptions = {},
  ) {
    this.maxRetries = options.maxRetries ?? 3;
    this.concurrency = options.concurrency ?? 4;
  }

  /** Starts a job for `[start, end)` of the node's own stream, in seconds. */
  submit(node: Node, start: number, end: number): void {
    const job = this.runJob(node, start, end);
    job.catch(() => {}); // reported by wait()
    this.jobs.push(job);
  }

  /** Resolves when all jobs are done; the first error is thrown. */
  async wait(): Promise<void> {
    await Promise.all(this.jobs);
  }

  private async runJob(node: Node, start: number, end: number): Promise<void> {
    const { interval, nodeId } = node;
    if (interval === null)
      throw new AppError('usage.interval', `Node ${node.label} has no interval to load history by.`);
    const { metrics, log } = this.options;
    const entry = { nodeId, interval, start, end };
    await this.enter();
    metrics?.jobsInProgress(1);
    try {
      log?.({ event: 'backfill.start', ...entry });
      for (let attempt = 1; ; attempt++) {
        try {
          await this.load(node, interval, start, end);
          break;
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          metrics?.retry(nodeId, interval);
          if (attempt > this.maxRetries || this.options.signal?.aborted) {
            metrics?.failure(nodeId, interval);
            log?.({ event: 'backfill.failed', ...entry, attempt, error: message });
            throw error;
          }
          log?.({ event: 'backfill.retry', ...entry, attempt, error: message });
          await (this.options.wait ?? pause)(Math.max(100 * attempt, wishedWaitMs(error)), this.options.signal);
        }
      }
      metrics?.lastTimestamp(nodeId, interval, end);
      log?.({ event: 'backfill.complete', ...entry });
    } finally {
      metrics?.jobsInProgress(-1);
      this.leave();
    }
  }

  private async load(node: Node, interval: number, start: number, end: number): Promise<void> {
    const { signal } = this.options;
    const query = { nodeId: node.nodeId, interval, ...(signal && { signal }) };
    const rows = await this.source.fetch(start, end, query);
    // Rows without a time land on 0, as in QMTL: they stand out there instead of being lost.
    if (rows !== null)
      node.cache.backfillBulk(
        node.nodeId,
        interval,
        rows.map((row) => [Math.trunc(row.ts ?? 0), payloadOfRow(row)] as const),
      );
  }

  private async enter(): Promise<void> {
    if (this.running >= this.concurrency) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
  }

  /** Hands the place to the next job in line, if there is one. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<unknown> {
  return sleep(ms, undefined, signal && { signal });
}

/** The wait that a server asked for, carried by the error of a rate limit. */
function wishedWaitMs(error: unknown): number {
  const data = error instanceof AppError ? error.data : null;
  const wish = typeof data === 'object' && data !== null ? (data as { retryAfterMs?: unknown }).retryAfterMs : null;
  return typeof wish === 'number' ? wish : 0;
}
