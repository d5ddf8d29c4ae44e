import type { JobProgress } from '@shared/contract';

type State = JobProgress['state'];
type Report = Pick<JobProgress, 'jobId' | 'state' | 'barsAsked' | 'barsDone'>;

/** States in which a job ends; all others are open. */
export const ENDED: readonly State[] = ['complete', 'complete_with_explained_gaps', 'partial', 'failed', 'cancelled'];

/** The jobs under way by their last reports. A job is dropped at its end, so that it stays as small as the queue. */
export class JobBoard {
  readonly #open = new Map<string, Report>();

  /** Returns the final state when this report ends a job that was open. */
  note({ jobId, state, barsAsked, barsDone }: Report): State | null {
    if (!ENDED.includes(state)) {
      this.#open.set(jobId, { jobId, state, barsAsked, barsDone });
      return null;
    }
    return this.#open.delete(jobId) ? state : null;
  }

  /** Number of open jobs by state; states without a job are not in it. */
  byState(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { state } of this.#open.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return counts;
  }

  /** Bars that open jobs have planned and not settled yet. */
  barsLeft(): number {
    let left = 0;
    for (const { barsAsked, barsDone } of this.#open.values()) left += Math.max(0, barsAsked - barsDone);
    return left;
  }
}
