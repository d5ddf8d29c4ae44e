import { JOB_ITEM_STATES, type JobItem, type JobItemState, type JobProgress, type SourceTier } from '@shared/contract';
import type { JobRequest } from './job-request';
import type { ItemOutcome } from './journal-lines';

/** Items and series listed with a job's progress; the totals count all. */
const MOST_LISTED = 200;

/** State of every item of a job; some thousands of small records whatever the job's size in bars. */
export class JobItems {
  readonly #items: JobItem[];

  constructor(request: JobRequest, outcomes: ReadonlyMap<number, ItemOutcome> = new Map()) {
    this.#items = request.items.map(({ key, range }, index) => ({
      index,
      key,
      range,
      state: 'queued',
      barsAsked: 0,
      barsDone: 0,
      sources: noSources(),
      lastError: null,
      ...outcomes.get(index),
    }));
  }

  get all(): readonly JobItem[] {
    return this.#items;
  }

  at(index: number): JobItem {
    return this.#items[index]!;
  }

  outcome(index: number): ItemOutcome {
    const { key: _key, range: _range, ...outcome } = this.at(index);
    return outcome;
  }

  /** The part of a progress that is about items. */
  summary(): Pick<JobProgress, 'barsAsked' | 'barsDone' | 'items' | 'itemTotals' | 'sources'> {
    const byState = Object.fromEntries(JOB_ITEM_STATES.map((state) => [state, 0])) as Record<JobItemState, number>;
    const sources = noSources();
    let barsAsked = 0;
    let barsDone = 0;
    for (const item of this.#items) {
      byState[item.state]++;
      barsAsked += item.barsAsked;
      barsDone += item.barsDone;
      addSources(sources, item.sources);
    }
    return {
      barsAsked,
      barsDone,
      items: firstToLookAt(this.#items, MOST_LISTED).map((item) => ({ ...item, sources: { ...item.sources } })),
      itemTotals: { total: this.#items.length, byState },
      sources,
    };
  }
}

export function firstToLookAt(items: readonly JobItem[], most: number): JobItem[] {
  const listed: JobItem[] = [];
  for (const state of JOB_ITEM_STATES) {
    if (listed.length >= most) break;
    listed.push(...items.filter((item) => item.state === state).slice(0, most - listed.length));
  }
  return listed;
}

export function keysOf(request: JobRequest): string[] {
  return [...new Set(request.items.map((item) => item.key))].slice(0, MOST_LISTED);
}

export function noSources(): Record<SourceTier, number> {
  return { archiveMonthly: 0, archiveDaily: 0, rest: 0 };
}

export function noFetches(): Record<SourceTier, { count: number; ms: number }> {
  return { archiveMonthly: { count: 0, ms: 0 }, archiveDaily: { count: 0, ms: 0 }, rest: { count: 0, ms: 0 } };
}

function addSources(sum: Record<SourceTier, number>, more: Record<SourceTier, number>): void {
  for (const tier of Object.keys(sum) as SourceTier[]) sum[tier] += more[tier];
}
