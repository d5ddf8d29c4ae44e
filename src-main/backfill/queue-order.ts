import type { JournaledJob } from './journal-lines';
import type { Owners } from './owners';

/** The job whose turn it is: the earliest of the highest priority, those on screen before others; null when none can run. */
export function headOf(jobs: readonly JournaledJob[], owners: Pick<Owners, 'isAtWork'>): JournaledJob | null {
  let head: JournaledJob | null = null;
  for (const job of jobs) {
    if (job.paused || job.cancelAsked || job.finished || !owners.isAtWork(job.owner)) continue;
    if (head === null || compare(job, head) < 0) head = job;
  }
  return head;
}

/** Whether a waiting job is important enough that a running one gives way. What is on screen is not: it changes too often. */
export function isAhead(waiting: JournaledJob, running: JournaledJob): boolean {
  return priorityOf(waiting) > priorityOf(running);
}

function compare(a: JournaledJob, b: JournaledJob): number {
  return (
    priorityOf(b) - priorityOf(a) ||
    Number(b.preferred.length > 0) - Number(a.preferred.length > 0) ||
    a.queuedAt - b.queuedAt ||
    (a.jobId < b.jobId ? -1 : 1)
  );
}

function priorityOf(job: JournaledJob): number {
  return job.request.priority ?? 0;
}
