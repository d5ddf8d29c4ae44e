import { JOB_ITEM_STATES, type JobItem, type JobProgress, type JobState, type SourceTier } from '@shared/contract';
import { formatCount } from '../../components';

export const STATE_WORDS: Record<JobState, string> = {
  queued: 'waiting',
  running: 'running',
  paused: 'paused',
  complete: 'complete',
  complete_with_explained_gaps: 'complete, gaps explained',
  partial: 'partial',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Who works on the job; nothing to say when it is this program. */
export function ownerWords(owner: JobProgress['owner']): string | null {
  if (owner === 'elsewhere') return 'in another program';
  return owner === 'nobody' ? 'its program has ended' : null;
}

const TIERS: readonly [SourceTier, string][] = [
  ['archiveMonthly', 'monthly'],
  ['archiveDaily', 'daily'],
  ['rest', 'REST'],
];

/** `12 monthly · 3 daily · 40 REST`; empty while nothing was delivered. */
export function tierTally(sources: Record<SourceTier, number>): string {
  return TIERS.filter(([tier]) => sources[tier] > 0)
    .map(([tier, word]) => `${formatCount(sources[tier])} ${word}`)
    .join(' · ');
}

/** `3 running · 1 failed · 496 waiting`: items by state, what needs a look first. */
export function itemTally({ byState }: JobProgress['itemTotals']): string {
  return JOB_ITEM_STATES.filter((state) => byState[state] > 0)
    .map((state) => `${formatCount(byState[state])} ${STATE_WORDS[state]}`)
    .join(' · ');
}

/**
 * Place of a waiting job among those that wait, from 1, by priority, then by age; null for any other job. What is on screen
 * goes before its equals, which only the core knows.
 */
export function placeInLine(job: JobProgress, jobs: readonly JobProgress[]): number | null {
  if (job.state !== 'queued') return null;
  const before = jobs.filter(
    (each) =>
      each.state === 'queued' &&
      each.jobId !== job.jobId &&
      (each.priority > job.priority || (each.priority === job.priority && each.queuedAt < job.queuedAt)),
  );
  return before.length + 1;
}

/** Open jobs as they are worked on: running ones, then those that wait by their place, then paused ones. */
export function inOrder(open: readonly JobProgress[]): JobProgress[] {
  const rank = (job: JobProgress) => (job.state === 'running' ? 0 : (placeInLine(job, open) ?? open.length + 1));
  return open
    .map((job) => ({ job, at: rank(job) }))
    .sort((a, b) => a.at - b.at)
    .map(({ job }) => job);
}

/** `3,400 / 44,640`, or only the bars of an item that is through. */
export function itemBars({ barsAsked, barsDone, state }: JobItem): string {
  if (barsAsked === 0) return state === 'queued' ? '' : '0';
  return barsDone === barsAsked ? formatCount(barsDone) : `${formatCount(barsDone)} / ${formatCount(barsAsked)}`;
}
