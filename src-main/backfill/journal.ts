import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobProgress, JobState, Receipt } from '@shared/contract';
import type { Counters } from '../binance';
import { replaceFile, writeFailure } from '../files';
import type { JobRequest } from './job-request';
import {
  type Control,
  foldLine,
  type ItemBefore,
  type ItemOutcome,
  type JournaledJob,
  type JournalLine,
  parseLines,
} from './journal-lines';
import { LineAppender } from './line-appender';
import type { Owners } from './owners';
import { progressOfFinished } from './progress-of-journal';

/** A finished job as it is kept in memory: no receipt, few items. */
export interface FinishedJob {
  jobId: string;
  queuedAt: number;
  progress: JobProgress;
  hasPages: boolean;
}

/** Where a running job stands, for other programs and for whoever takes it over. */
export interface LiveProgress {
  progress: JobProgress;
  counters: Counters;
  /** Milliseconds that the job has run in all. */
  ranMs: number;
}

/** What is known of one file, and how much of it was read. */
interface Known {
  job: JournaledJob | null;
  readTo: number;
}

const SUFFIX = '.ndjson';
const PROGRESS_SUFFIX = '.progress.json';
/** Names of files on their way into another's place, and how long a living program takes at most. */
const LEFT_BEHIND = /\.(ndjson|progress\.json)\.[0-9a-f]{12}$/;
const REPLACED_WITHIN_MS = 60_000;

/**
 * The jobs of a workspace, one append-only file of JSON lines per job in `jobs/`: together they are the queue that all programs
 * share. Lines that others act on are forced to the disk; a line that a crash cut short is ignored. Throws
 * `workspace.disk_full` or `workspace.unwritable`.
 */
export class Journal {
  readonly #open = new Map<string, Known>();
  readonly #finished = new Map<string, FinishedJob>();
  readonly #lines = new LineAppender();
  #refreshing: Promise<void> | null = null;
  #refreshNext: Promise<void> | null = null;

  constructor(
    private readonly folder: string,
    readonly owners: Owners,
    private readonly now: () => number = Date.now,
  ) {}

  async start(jobId: string, request: JobRequest): Promise<JournaledJob> {
    await mkdir(this.folder, { recursive: true }).catch((error: unknown) => {
      throw writeFailure(error, this.folder);
    });
    const line: JournalLine = { type: 'started', at: this.now(), ...this.owners.self, jobId, request };
    await this.#append(jobId, line, true);
    return foldLine(null, line)!;
  }

  /** Takes a job whose owner is gone; false when another program was first, or it is not to be had. */
  async claim(jobId: string): Promise<boolean> {
    const before = await this.#read(jobId);
    if (!before || before.finished || this.owners.isAlive(before.owner)) return false;
    await this.#append(jobId, { type: 'claimed', at: this.now(), claim: before.claim + 1, ...this.owners.self }, true);
    const after = await this.#read(jobId);
    return after !== null && this.owners.isSelf(after.owner);
  }

  /** Gives an own job up to whoever claims it. */
  async release(jobId: string): Promise<void> {
    const job = await this.#read(jobId);
    if (job && !job.finished && this.owners.isSelf(job.owner))
      await this.#append(jobId, { type: 'released', at: this.now(), claim: job.claim }, true);
  }

  async control(jobId: string, control: Control): Promise<void> {
    await this.#append(jobId, { type: 'control', at: this.now(), ...control }, true);
  }

  async begun(jobId: string, index: number, before: ItemBefore): Promise<void> {
    await this.#append(jobId, { type: 'begun', at: this.now(), index, ...before }, false);
  }

  async page(
    jobId: string,
    key: string,
    range: { from: number; to: number },
    outcome: string,
    detail: string,
  ): Promise<void> {
    const line: JournalLine = { type: 'page', at: this.now(), key, from: range.from, to: range.to, outcome, detail };
    await this.#append(jobId, line, false);
  }

  async item(jobId: string, outcome: ItemOutcome): Promise<void> {
    await this.#append(jobId, { type: 'item', at: this.now(), ...outcome }, false);
  }

  async finish(jobId: string, state: JobState, receipt: Receipt, progress: JobProgress): Promise<void> {
    await this.#append(jobId, { type: 'finished', at: this.now(), state, receipt, progress }, true);
    await rm(this.#file(jobId, PROGRESS_SUFFIX), { force: true }).catch(() => undefined);
  }

  /** Reads what was added to the folder since the last time: all that was there when it is called. */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      // What is read right now may have passed a file by before the caller added to it.
      this.#refreshNext ??= this.#refreshing
        .catch(() => undefined)
        .then(() => {
          this.#refreshNext = null;
          return this.refresh();
        });
      return this.#refreshNext;
    }
    this.#refreshing = this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** Open jobs as of the last `refresh`, in no order. */
  get openJobs(): JournaledJob[] {
    return [...this.#open.values()].flatMap(({ job }) => (job ? [job] : []));
  }

  get finishedJobs(): FinishedJob[] {
    return [...this.#finished.values()];
  }

  /** The whole record, read anew; null when there is none. */
  async read(jobId: string): Promise<JournaledJob | null> {
    return this.#read(jobId);
  }

  async writeProgress(jobId: string, live: LiveProgress): Promise<void> {
    await this.#replace(this.#file(jobId, PROGRESS_SUFFIX), JSON.stringify(live));
  }

  async readProgress(jobId: string): Promise<LiveProgress | null> {
    try {
      return JSON.parse(await readFile(this.#file(jobId, PROGRESS_SUFFIX), 'utf8')) as LiveProgress;
    } catch {
      // Not begun, or being replaced on a system without atomic renames: the next look finds it.
      return null;
    }
  }

  /**
   * Removes all but the newest finished jobs, from those the lines that matter only while a job runs, and what programs that were
   * struck down while they replaced a file left beside it.
   */
  async compact(keep = 500): Promise<void> {
    await this.refresh();
    await this.#sweep();
    const newestFirst = this.finishedJobs.sort((a, b) => b.queuedAt - a.queuedAt);
    for (const { jobId } of newestFirst.slice(keep)) {
      await rm(this.#file(jobId), { force: true });
      this.#finished.delete(jobId);
    }
    for (const job of newestFirst.slice(0, keep)) {
      if (!job.hasPages) continue;
      const lines = parseLines(await readFile(this.#file(job.jobId), 'utf8'));
      const kept = lines.filter((line) => line.type !== 'page' && line.type !== 'begun');
      await this.#replace(this.#file(job.jobId), kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
      job.hasPages = false;
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [] as string[])) {
      if (!LEFT_BEHIND.test(name)) continue;
      const path = join(this.folder, name);
      const isOld = await stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs > REPLACED_WITHIN_MS,
        () => false,
      );
      if (isOld) await rm(path, { force: true });
    }
  }

  async #refresh(): Promise<void> {
    const names = await readdir(this.folder).catch(() => [] as string[]);
    const ids = names.flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : []));
    const present = new Set(ids);
    for (const jobId of this.#finished.keys()) if (!present.has(jobId)) this.#finished.delete(jobId);
    for (const jobId of this.#open.keys()) if (!present.has(jobId)) this.#open.delete(jobId);
    for (const jobId of ids) if (!this.#finished.has(jobId)) await this.#readMore(jobId);
  }

  async #readMore(jobId: string): Promise<void> {
    const known = this.#open.get(jobId) ?? { job: null, readTo: 0 };
    this.#open.set(jobId, known);
    const text = await readFrom(this.#file(jobId), known.readTo);
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) return;
    known.readTo += Buffer.byteLength(text.slice(0, end));
    for (const line of parseLines(text.slice(0, end))) known.job = foldLine(known.job, line);
    const { job } = known;
    if (!job?.finished) return;
    this.#open.delete(jobId);
    const { queuedAt, hasPages } = job;
    this.#finished.set(jobId, { jobId, queuedAt, hasPages, progress: progressOfFinished(job) });
  }

  async #read(jobId: string): Promise<JournaledJob | null> {
    // Ids come from outside too, and become names of files.
    if (!/^[\w-]{1,64}$/.test(jobId)) return null;
    let job: JournaledJob | null = null;
    for (const line of parseLines(await readFrom(this.#file(jobId), 0))) job = foldLine(job, line);
    return job;
  }

  async #append(jobId: string, line: JournalLine, durable: boolean): Promise<void> {
    const path = this.#file(jobId);
    try {
      // Begun on a line of its own: whatever a crashed program left cut short in front of it.
      await this.#lines.append(path, `\n${JSON.stringify(line)}\n`, durable);
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  async #replace(path: string, text: string): Promise<void> {
    await replaceFile(path, text).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
  }

  #file(jobId: string, suffix = SUFFIX): string {
    return join(this.folder, `${jobId}${suffix}`);
  }
}

/** The text of a file from a byte on; empty when there is no such file or nothing more in it. */
async function readFrom(path: string, start: number): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    if (size <= start) return '';
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
