import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type JobProgress, type JobState, type Receipt } from '@shared/contract';
import { isSameProcess, processStart } from '../processes';
import type { BackfillItem, JobRequest } from './job-request';

/** One line of a job's journal file. */
type JournalLine =
  | { type: 'started'; at: number; pid: number; processStart: string; jobId: string; request: JobRequest }
  | { type: 'page'; at: number; key: string; from: number; to: number; outcome: string; detail: string }
  | { type: 'finished'; at: number; state: JobState; receipt: Receipt };

/** A job as its journal file tells it. */
export interface JournaledJob {
  jobId: string;
  startedAt: number;
  pid: number;
  processStart: string;
  request: JobRequest;
  state: JobState | 'open';
  receipt: Receipt | null;
}

/**
 * Append-only record of jobs in the workspace's `jobs/` folder, one file of JSON lines per job. The first and the last line are
 * forced to the disk before the job goes on; a line that a crash cut short is ignored. An open job whose program is gone was
 * interrupted. Throws `workspace.disk_full` or `workspace.unwritable`.
 */
export class Journal {
  constructor(
    private readonly folder: string,
    private readonly now: () => number = Date.now,
  ) {}

  async start(jobId: string, request: JobRequest): Promise<void> {
    await mkdir(this.folder, { recursive: true }).catch((error: unknown) => {
      throw writeFailure(error, this.folder);
    });
    await this.#append(
      jobId,
      { type: 'started', at: this.now(), pid: process.pid, processStart: ownStart(), jobId, request },
      true,
    );
  }

  async page(
    jobId: string,
    key: string,
    range: { from: number; to: number },
    outcome: string,
    detail: string,
  ): Promise<void> {
    await this.#append(
      jobId,
      { type: 'page', at: this.now(), key, from: range.from, to: range.to, outcome, detail },
      false,
    );
  }

  async finish(jobId: string, state: JobState, receipt: Receipt): Promise<void> {
    await this.#append(jobId, { type: 'finished', at: this.now(), state, receipt }, true);
  }

  /** All jobs, newest first. */
  async list(): Promise<JournaledJob[]> {
    let names: string[];
    try {
      names = await readdir(this.folder);
    } catch {
      return [];
    }
    const jobs = await Promise.all(names.filter((name) => name.endsWith('.ndjson')).map((name) => this.#read(name)));
    return jobs.filter((job) => job !== null).sort((a, b) => b.startedAt - a.startedAt);
  }

  /** Jobs that were under way in a program that no longer runs. */
  async interrupted(): Promise<JournaledJob[]> {
    return (await this.list()).filter((job) => job.state === 'open' && !isSameProcess(job.pid, job.processStart));
  }

  /** Removes all but the newest finished jobs. */
  async compact(keep = 500): Promise<void> {
    const finished = (await this.list()).filter((job) => job.state !== 'open');
    await Promise.all(finished.slice(keep).map((job) => rm(this.#file(job.jobId), { force: true })));
  }

  async #read(name: string): Promise<JournaledJob | null> {
    const lines = parseLines(await readFile(join(this.folder, name), 'utf8'));
    const started = lines.find((line) => line.type === 'started');
    if (!started) return null;
    const finished = lines.find((line) => line.type === 'finished');
    return {
      jobId: started.jobId,
      startedAt: started.at,
      pid: started.pid,
      processStart: started.processStart,
      request: started.request,
      state: finished?.state ?? 'open',
      receipt: finished?.receipt ?? null,
    };
  }

  async #append(jobId: string, line: JournalLine, durable: boolean): Promise<void> {
    const path = this.#file(jobId);
    try {
      const file = await open(path, 'a');
      try {
        await file.appendFile(`${JSON.stringify(line)}\n`);
        if (durable) await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  #file(jobId: string): string {
    return join(this.folder, `${jobId}.ndjson`);
  }
}

function writeFailure(error: unknown, path: string): AppError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError(
      'workspace.disk_full',
      `The disk of ${path} is full; free some space, then start the backfill again. What is stored stays.`,
      undefined,
      { cause: error },
    );
  }
  return new AppError(
    'workspace.unwritable',
    `${path} cannot be written (${message}); check the disk and permissions.`,
    undefined,
    {
      cause: error,
    },
  );
}

function parseLines(text: string): JournalLine[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      // The line that was being written when the machine stopped.
      return [];
    }
  });
}

function ownStart(): string {
  return processStart(process.pid) ?? '';
}

/** A journaled job in the shape of a live one, for lists. */
export function progressOfJournaled(job: JournaledJob): JobProgress {
  const asked = job.receipt?.series.reduce((sum, series) => sum + series.asked, 0) ?? 0;
  const missing = job.receipt?.series.reduce((sum, series) => sum + series.stillMissing, 0) ?? 0;
  return {
    jobId: job.jobId,
    state: job.state === 'open' ? 'running' : job.state,
    keys: job.request.items.map((item: BackfillItem) => item.key),
    barsAsked: asked,
    barsDone: asked - missing,
    barsPerSecond: 0,
    remainingMs: null,
    retries: job.receipt?.retries ?? 0,
    current: null,
    active: [],
    lastError: job.receipt?.errors[0] ?? null,
  };
}
