import type { JobProgress, JobState } from '@shared/contract';
import type { Range } from '@shared/market';

export function isOver(state: JobState): boolean {
  return state !== 'queued' && state !== 'running' && state !== 'paused';
}

/** Whether `jobs.retry` may find something to do. */
export function canRetry({ state, itemTotals }: JobProgress): boolean {
  return isOver(state) && itemTotals.byState.failed + itemTotals.byState.partial + itemTotals.byState.cancelled > 0;
}

/** Ranges of open jobs that nothing has been fetched of yet, by series: of a running job those behind it, of a waiting one all. */
export function rangesWaiting(jobs: readonly JobProgress[]): Map<string, Range[]> {
  const ranges = new Map<string, Range[]>();
  for (const job of jobs) {
    if (isOver(job.state)) continue;
    for (const { key, range, state } of job.items) {
      if (state !== 'queued') continue;
      const known = ranges.get(key);
      if (known) known.push(range);
      else ranges.set(key, [range]);
    }
  }
  return ranges;
}

/** Ranges that running jobs are fetching, by series. */
export function rangesUnderWay(jobs: readonly JobProgress[]): Map<string, Range[]> {
  const ranges = new Map<string, Range[]>();
  for (const job of jobs) {
    if (job.state !== 'running') continue;
    for (const { key, range } of job.active) {
      const known = ranges.get(key);
      if (known) known.push(range);
      else ranges.set(key, [range]);
    }
  }
  return ranges;
}
