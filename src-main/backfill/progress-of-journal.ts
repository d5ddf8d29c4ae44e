import type { JobItemState, JobProgress } from '@shared/contract';
import { firstToLookAt, JobItems, keysOf, noSources } from './job-items';
import type { ItemOutcome, JournaledJob } from './journal-lines';

/** Items listed of a finished job; its receipt has all. */
const MOST_OF_FINISHED = 50;

/** An open job as its journal tells it, for a program in which it does not run. */
export function progressOfOpen(job: JournaledJob, owner: JobProgress['owner']): JobProgress {
  return {
    jobId: job.jobId,
    state: job.paused ? 'paused' : 'queued',
    keys: keysOf(job.request),
    barsPerSecond: 0,
    remainingMs: null,
    retries: 0,
    current: null,
    active: [],
    lastError: null,
    owner,
    priority: job.request.priority ?? 0,
    retryOf: job.request.retryOf ?? null,
    ...(job.request.recheck ? { recheck: true as const } : {}),
    queuedAt: job.queuedAt,
    ...new JobItems(job.request, job.items).summary(),
  };
}

export function progressOfFinished(job: JournaledJob): JobProgress {
  const { finished } = job;
  const known = finished?.progress ?? progressFromReceipt(job);
  return { ...known, owner: 'nobody', items: firstToLookAt(known.items, MOST_OF_FINISHED) };
}

/** Of jobs that were finished before their last line held the progress. */
function progressFromReceipt(job: JournaledJob): JobProgress {
  const { state, receipt } = job.finished!;
  const outcomes = new Map<number, ItemOutcome>();
  job.request.items.forEach((item, index) => {
    const found = receipt.series.find(
      ({ key, from, to }) => key === item.key && from === item.range.from && to === item.range.to,
    );
    const itemState: JobItemState = state === 'queued' || state === 'paused' ? 'cancelled' : state;
    outcomes.set(index, {
      index,
      state: !found
        ? 'failed'
        : found.stillMissing > 0
          ? itemState
          : found.gaps.length > 0
            ? 'complete_with_explained_gaps'
            : 'complete',
      barsAsked: found?.asked ?? 0,
      barsDone: found ? found.asked - found.stillMissing : 0,
      sources: found?.sources ?? noSources(),
      lastError: null,
    });
  });
  return {
    ...progressOfOpen(job, 'nobody'),
    ...new JobItems(job.request, outcomes).summary(),
    state,
    retries: receipt.retries,
    lastError: receipt.errors[0] ?? null,
  };
}
