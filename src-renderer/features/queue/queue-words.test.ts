import type { JobProgress, JobState } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { canRetry, isOver } from '../../client';
import { inOrder, itemBars, itemTally, ownerWords, placeInLine, tierTally } from './queue-words';

const NONE = {
  queued: 0,
  running: 0,
  complete: 0,
  complete_with_explained_gaps: 0,
  partial: 0,
  failed: 0,
  cancelled: 0,
};
const job = (jobId: string, state: JobState, part: Partial<JobProgress> = {}) =>
  ({ jobId, state, priority: 0, queuedAt: 0, itemTotals: { total: 1, byState: NONE }, ...part }) as JobProgress;

describe('jobs in words', () => {
  it('takes a paused job for one that is over', () => {
    expect((['queued', 'running', 'paused'] as const).map(isOver)).toEqual([false, false, false]);
    expect((['complete', 'partial', 'failed', 'cancelled'] as const).map(isOver)).toEqual([true, true, true, true]);
  });

  it('offers a retry of a job that still runs, or of one of which nothing failed', () => {
    const failed = { itemTotals: { total: 2, byState: { ...NONE, failed: 1, complete: 1 } } };
    expect(canRetry(job('a', 'running', failed))).toBe(false);
    expect(canRetry(job('a', 'partial', failed))).toBe(true);
    expect(canRetry(job('a', 'complete', { itemTotals: { total: 1, byState: { ...NONE, complete: 1 } } }))).toBe(false);
  });

  it('counts a later job, a less important or a paused one as being ahead', () => {
    const jobs = [
      job('late', 'queued', { queuedAt: 5 }),
      job('urgent', 'queued', { queuedAt: 9, priority: 3 }),
      job('paused', 'paused', { queuedAt: 1 }),
      job('early', 'queued', { queuedAt: 2 }),
      job('running', 'running', { queuedAt: 0 }),
    ];
    expect(jobs.map((each) => placeInLine(each, jobs))).toEqual([3, 1, null, 2, null]);
    expect(inOrder(jobs).map(({ jobId }) => jobId)).toEqual(['running', 'urgent', 'early', 'late', 'paused']);
  });

  it('names sources that delivered nothing, or hides failures behind what went well', () => {
    expect(tierTally({ archiveMonthly: 12, archiveDaily: 0, rest: 1_040 })).toBe('12 monthly · 1,040 REST');
    expect(itemTally({ total: 500, byState: { ...NONE, complete: 490, failed: 1, queued: 9 } })).toBe(
      '1 failed · 9 waiting · 490 complete',
    );
    expect(ownerWords('here')).toBeNull();
    expect(ownerWords('nobody')).toMatch(/ended/);
  });

  it('shows 0 of 0 bars for what was not planned yet', () => {
    const item = {
      index: 0,
      key: 'k',
      range: { from: 0, to: 1 },
      sources: { archiveMonthly: 0, archiveDaily: 0, rest: 0 },
    };
    const bars = (state: 'queued' | 'complete' | 'running', barsDone: number, barsAsked: number) =>
      itemBars({ ...item, state, barsDone, barsAsked, lastError: null });
    expect([bars('queued', 0, 0), bars('complete', 0, 0), bars('running', 5, 1_000), bars('complete', 9, 9)]).toEqual([
      '',
      '0',
      '5 / 1,000',
      '9',
    ]);
  });
});
