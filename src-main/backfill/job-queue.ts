import { AppError, failureOf, type JobProgress } from '@shared/contract';
import type { BackfillDeps } from './backfill-deps';
import { BackfillJob, type Halt, type JobEnd } from './backfill-job';
import { type ForeignEvents, ForeignJobs } from './foreign-jobs';
import type { JobRequest } from './job-request';
import type { LiveProgress } from './journal';
import type { JournaledJob } from './journal-lines';
import { OwnJob } from './own-job';
import type { Owner } from './owners';
import { headOf, isAhead } from './queue-order';
import type { Turn } from './turn';

export interface QueueEvents extends ForeignEvents {
  /** Not of the queue itself: a task in the background that failed. */
  onTrouble?: (error: unknown) => void;
}

/** How soon another program's words are heard, and how soon the next job begins. */
const LOOK_EVERY_MS = 400;
const WRITE_PROGRESS_EVERY_MS = 500;

/**
 * The queue that all programs of a workspace share. Each program runs its own jobs, the earliest of the highest priority first,
 * one in the workspace at a time (`Turn`); jobs whose program is gone are adopted by an app. What others ask of a job comes as a
 * line in its journal.
 */
export class JobQueue {
  readonly #own = new Map<string, OwnJob>();
  readonly #foreign: ForeignJobs;
  #running: OwnJob | null = null;
  #run: Promise<void> = Promise.resolve();
  /** Cancelled jobs of which the receipt is being made. */
  readonly #closing = new Map<string, Promise<void>>();
  #look: Promise<void> | null = null;
  #lookAgain = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #adopts = false;
  #stopped = false;
  #progressWrittenAt = 0;
  #writingProgress = false;

  constructor(
    private readonly deps: BackfillDeps,
    private readonly turn: Turn,
    private readonly events: QueueEvents,
  ) {
    this.#foreign = new ForeignJobs(deps.journal, events);
  }

  /** A job runs in this program right now. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  get own(): OwnJob[] {
    return [...this.#own.values()];
  }

  /** Adopts jobs without a living program from now on; resolves with the number of those found at once. */
  async adopt(): Promise<number> {
    this.#adopts = true;
    const before = this.#own.size;
    await this.look();
    return this.#own.size - before;
  }

  /** Resolves when the job is on the disk, so that it outlives this program. Throws `workspace.*`. */
  async add(jobId: string, request: JobRequest): Promise<OwnJob> {
    const record = await this.deps.journal.start(jobId, request);
    const own = this.#make(record, null);
    this.#own.set(jobId, own);
    own.job.progress.report(true);
    this.#wake();
    return own;
  }

  /** Takes a job whose program is gone; null when another was first. */
  async take(jobId: string): Promise<OwnJob | null> {
    const { journal } = this.deps;
    const known = this.#own.get(jobId);
    if (known) return known;
    if (!(await journal.claim(jobId))) return null;
    const record = await journal.read(jobId);
    if (!record) return null;
    const own = this.#make(record, await journal.readProgress(jobId));
    this.#own.set(jobId, own);
    own.job.progress.setState(record.paused ? 'paused' : 'queued');
    // Its dead program's last word was that it runs.
    await journal.writeProgress(jobId, own.job.live);
    return own;
  }

  /** Heard at once in this program. */
  async cancel(jobId: string): Promise<void> {
    this.#own.get(jobId)?.job.cancel();
    await this.deps.journal.control(jobId, { what: 'cancel' });
    await this.look();
  }

  /** Looks at the folder and does what is to be done; one after the other. */
  look(): Promise<void> {
    if (this.#look) {
      this.#lookAgain = true;
      return this.#look;
    }
    this.#look = this.#lookUntilQuiet().finally(() => {
      this.#look = null;
      this.#schedule();
    });
    return this.#look;
  }

  /** Live, queued and finished jobs of the workspace, newest first. */
  async list(): Promise<JobProgress[]> {
    await this.deps.journal.refresh();
    const own = this.own.map(({ job }) => job.progress.snapshot);
    const open = await this.#foreign.list(new Set(this.#own.keys()));
    const finished = this.deps.journal.finishedJobs.map(({ progress }) => progress);
    return [...own, ...open, ...finished].sort(
      (a, b) => b.queuedAt - a.queuedAt || (a.jobId < b.jobId ? 1 : a.jobId > b.jobId ? -1 : 0),
    );
  }

  /** Puts the running job down, gives all jobs up to the next program and the turn back. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#running?.job.halt('interrupted');
    await this.#look?.catch(() => undefined);
    this.#running?.job.halt('interrupted');
    await Promise.all([this.#run, ...this.#closing.values()]);
    for (const own of this.#own.values()) {
      await this.deps.journal.release(own.jobId).catch((error: unknown) => this.events.onTrouble?.(error));
      own.reject(new AppError('runtime.stopping', 'Tapemend is stopping; the job goes on at the next start.'));
    }
    this.#own.clear();
    await this.turn.release();
    this.deps.journal.owners.leave();
  }

  async #lookUntilQuiet(): Promise<void> {
    do {
      this.#lookAgain = false;
      try {
        await this.#lookOnce();
      } catch (error) {
        // A folder that cannot be read now may be readable at the next look.
        this.events.onTrouble?.(error);
      }
    } while (this.#lookAgain && !this.#stopped);
  }

  async #lookOnce(): Promise<void> {
    const { journal } = this.deps;
    if (this.#own.size > 0) await journal.owners.beat();
    await journal.refresh();
    if (this.#stopped) return;
    if (this.#adopts) await this.#adoptOrphans();
    for (const record of journal.openJobs) this.#hear(record);
    await this.#foreign.tell(new Set(this.#own.keys()));
    if (this.#own.size === 0) return;
    await journal.owners.watch(journal.openJobs.map(({ owner }) => owner));
    if (this.#running) await this.#maybeGiveWay(this.#running);
    else await this.#begin();
  }

  async #adoptOrphans(): Promise<void> {
    const { journal } = this.deps;
    for (const record of journal.openJobs)
      if (!this.#own.has(record.jobId) && !journal.owners.isAlive(record.owner)) await this.take(record.jobId);
  }

  /** What the journal says of an own job, whoever wrote it. */
  #hear(record: JournaledJob): void {
    const own = this.#own.get(record.jobId);
    if (!own) return;
    own.record = record;
    own.job.prefer(record.preferred);
    const isRunning = this.#running === own;
    if (record.cancelAsked) {
      own.job.cancel();
      if (!isRunning) this.#close(own);
      return;
    }
    if (isRunning) {
      if (record.paused) own.job.halt('paused');
      return;
    }
    const state = record.paused ? 'paused' : 'queued';
    if (own.job.progress.state !== state) own.job.progress.setState(state);
  }

  async #begin(): Promise<void> {
    const { journal } = this.deps;
    const head = headOf(journal.openJobs, journal.owners);
    const own = head && this.#own.get(head.jobId);
    if (!own) return this.#waitFor(head?.owner ?? null);
    if (!(await this.#takeTurn(own))) return this.#waitFor(await this.turn.holder());
    if (this.#stopped) return;
    this.#running = own;
    this.#run = this.#runJob(own)
      .catch((error: unknown) => this.#broke(own, error))
      .finally(() => this.#wake());
  }

  /** Without patience a job that cannot even begin (a full disk) fails; with it, it says why and waits. */
  async #takeTurn(own: OwnJob): Promise<boolean> {
    try {
      return await this.turn.tryTake();
    } catch (error) {
      if (!this.deps.patient) this.#broke(own, error);
      else own.job.progress.waitsFor(failureOf(error).message);
      throw error;
    }
  }

  /** Tells the waiting jobs of this program whom they wait for. */
  #waitFor(owner: Owner | null): void {
    const isOther = owner !== null && !this.deps.journal.owners.isSelf(owner);
    const words = isOther ? `waits for another program of this workspace, process ${owner.pid}` : null;
    for (const { job } of this.#own.values()) if (job.progress.state === 'queued') job.progress.waitsFor(words);
  }

  /** A cancelled job fetches nothing more, so its receipt needs no turn. */
  #close(own: OwnJob): void {
    if (this.#closing.has(own.jobId)) return;
    const closed = own.job
      .run()
      .then((end) => this.#ended(own, end))
      .catch((error: unknown) => this.#broke(own, error))
      .finally(() => this.#closing.delete(own.jobId));
    this.#closing.set(own.jobId, closed);
  }

  async #maybeGiveWay(running: OwnJob): Promise<void> {
    const { journal } = this.deps;
    if (await this.turn.wasPassedBy()) return running.job.halt('gave way');
    const head = headOf(journal.openJobs, journal.owners);
    if (head && head.jobId !== running.jobId && isAhead(head, running.record)) running.job.halt('gave way');
  }

  async #runJob(own: OwnJob): Promise<void> {
    try {
      // Other programs may have stored what this one has not seen.
      await this.deps.coverage.catchUp().catch((error: unknown) => this.#expected(error));
      await this.#ended(own, await own.job.run());
    } finally {
      this.#running = null;
      await this.turn.release();
    }
  }

  async #ended(own: OwnJob, end: JobEnd): Promise<void> {
    if (end.kind === 'halted') return this.#putDown(own, end.why);
    this.#own.delete(own.jobId);
    this.events.onFinished(own.job.progress.snapshot, end.receipt);
    own.resolve(end.receipt);
  }

  /** A job does not throw; should it, whoever waits for it must not wait for ever. */
  #broke(own: OwnJob, error: unknown): void {
    this.#own.delete(own.jobId);
    own.reject(error);
    this.events.onTrouble?.(error);
  }

  /** A job runs once; what goes on later is made from what is known of it. */
  async #putDown(own: OwnJob, why: Halt): Promise<void> {
    const { journal } = this.deps;
    const { live } = own.job;
    await journal.writeProgress(own.jobId, live).catch((error: unknown) => this.events.onTrouble?.(error));
    own.record = (await journal.read(own.jobId)) ?? own.record;
    own.job = this.#makeJob(own.record, live);
    own.job.progress.setState(why === 'paused' ? 'paused' : 'queued');
  }

  #expected(error: unknown): void {
    if (!(error instanceof AppError)) throw error;
  }

  #make(record: JournaledJob, soFar: LiveProgress | null): OwnJob {
    return new OwnJob(record, this.#makeJob(record, soFar));
  }

  #makeJob(record: JournaledJob, soFar: LiveProgress | null): BackfillJob {
    const job: BackfillJob = new BackfillJob(record, this.deps, (progress) => this.#progressed(job, progress), soFar);
    return job;
  }

  #progressed(job: BackfillJob, progress: JobProgress): void {
    this.events.onProgress(progress);
    const now = performance.now();
    if (progress.state !== 'running' || this.#writingProgress) return;
    if (now - this.#progressWrittenAt < WRITE_PROGRESS_EVERY_MS) return;
    this.#progressWrittenAt = now;
    this.#writingProgress = true;
    this.deps.journal
      .writeProgress(job.id, job.live)
      .catch((error: unknown) => this.events.onTrouble?.(error))
      .finally(() => {
        this.#writingProgress = false;
      });
  }

  #wake(): void {
    if (!this.#stopped) void this.look();
  }

  /** A program without open jobs may end between two looks. */
  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#stopped || (!this.#adopts && this.#own.size === 0)) return;
    this.#timer = setTimeout(() => this.#wake(), LOOK_EVERY_MS);
    if (this.#own.size === 0) this.#timer.unref();
  }
}
