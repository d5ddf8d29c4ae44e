import type { JobProgress, Receipt } from '@shared/contract';
import type { Journal } from './journal';
import { progressOfOpen } from './progress-of-journal';

export interface ForeignEvents {
  onProgress(progress: JobProgress): void;
  onFinished(progress: JobProgress, receipt: Receipt): void;
}

/** Open jobs of the workspace's other programs, as far as their journals and progress files tell. */
export class ForeignJobs {
  /** What was told last, by job. */
  readonly #told = new Map<string, string>();

  constructor(
    private readonly journal: Journal,
    private readonly events: ForeignEvents,
  ) {}

  async list(own: ReadonlySet<string>): Promise<JobProgress[]> {
    const jobs = this.journal.openJobs.filter(({ jobId }) => !own.has(jobId));
    return Promise.all(
      jobs.map(async (job) => {
        const alive = this.journal.owners.isAlive(job.owner);
        const waiting = progressOfOpen(job, alive ? 'elsewhere' : 'nobody');
        const live = await this.journal.readProgress(job.jobId);
        if (!live) return waiting;
        // What was done stays true while a job waits; that it runs is said by its own program only.
        if (alive && !job.paused && live.progress.state === 'running')
          return { ...live.progress, owner: 'elsewhere' as const };
        return { ...live.progress, owner: waiting.owner, state: waiting.state, current: null, active: [] };
      }),
    );
  }

  /** Reports what changed since the last time. `journal.refresh` comes before. */
  async tell(own: ReadonlySet<string>): Promise<void> {
    const open = new Set<string>();
    for (const progress of await this.list(own)) {
      open.add(progress.jobId);
      const text = JSON.stringify(progress);
      if (this.#told.get(progress.jobId) === text) continue;
      this.#told.set(progress.jobId, text);
      this.events.onProgress(progress);
    }
    for (const jobId of [...this.#told.keys()]) {
      if (open.has(jobId)) continue;
      this.#told.delete(jobId);
      if (own.has(jobId)) continue;
      const record = await this.journal.read(jobId);
      const finished = this.journal.finishedJobs.find((job) => job.jobId === jobId);
      if (record?.finished && finished) this.events.onFinished(finished.progress, record.finished.receipt);
    }
  }
}
