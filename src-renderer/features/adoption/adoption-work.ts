import type { AdoptionReport } from '@shared/contract';
import { create } from 'zustand';
import { announce, type CoreSession, sentenceOf } from '../../client';
import { formatAmount } from '../../components';
import { readForeign, settle } from './candidate-store';
import type { Candidate } from './candidates';
import { readSuggestions } from './suggestions';

/** Choosing, a trial that writes nothing, the adoption itself, and what came of each. */
export type AdoptionStage = 'choosing' | 'trying' | 'tried' | 'adopting' | 'adopted';

export interface AdoptionItem {
  readonly candidate: Candidate;
  /** Key of the series that the rows go into. */
  readonly key: string;
  /** `left`: ended by the person before it was through, or not begun; what was taken stays. */
  readonly state: 'waiting' | 'working' | 'done' | 'failed' | 'left';
  /** Rows read so far; null until the first are. */
  readonly progress: { readonly rows: number; readonly of: number } | null;
  /** Of the trial, then of the adoption. */
  readonly report: AdoptionReport | null;
  readonly failure: string | null;
}

export interface AdoptionWork {
  readonly stage: AdoptionStage;
  readonly items: readonly AdoptionItem[];
}

/** Outlives the dialog, so that a long adoption goes on without it. */
export const useAdoptionWork = create<AdoptionWork>()(() => ({ stage: 'choosing', items: [] }));

let controller: AbortController | null = null;

/** Reads and checks everything, and writes nothing. */
export async function tryAdoption(
  session: CoreSession,
  picks: readonly { candidate: Candidate; key: string }[],
): Promise<void> {
  const items = picks.map(({ candidate, key }) => freshItem(candidate, key));
  useAdoptionWork.setState({ stage: 'trying', items });
  if (await workThrough(session, true)) useAdoptionWork.setState({ stage: 'tried' });
  else backToChoosing();
}

/** Adopts what the trial has found rows in. */
export async function runAdoption(session: CoreSession): Promise<void> {
  const items = adoptableItems(useAdoptionWork.getState()).map(({ candidate, key }) => freshItem(candidate, key));
  useAdoptionWork.setState({ stage: 'adopting', items });
  await workThrough(session, false);
  const { items: ended } = useAdoptionWork.getState();
  settle(ended.filter(({ state }) => state === 'done').map(({ candidate }) => candidate.id));
  useAdoptionWork.setState({ stage: 'adopted' });
  announce(`${formatAmount(adoptedRows(ended), 'row')} adopted.`);
  await Promise.all([readForeign(session), readSuggestions(session)]);
}

export function stopAdoption(): void {
  controller?.abort();
}

export function backToChoosing(): void {
  stopAdoption();
  useAdoptionWork.setState({ stage: 'choosing', items: [] });
}

/** Those of a trial that would bring rows. */
export function adoptableItems({ items }: Pick<AdoptionWork, 'items'>): AdoptionItem[] {
  return items.filter(({ report }) => (report?.adopted ?? 0) > 0);
}

/** What needs a person's eye first: failures, what is not through, what has findings; else in the order of the list. */
export function byUrgency(items: readonly AdoptionItem[]): AdoptionItem[] {
  const rank = ({ state, report }: AdoptionItem) =>
    state === 'failed' ? 0 : state === 'left' ? 1 : (report?.findings.length ?? 0) > 0 ? 2 : 3;
  return [...items].sort((a, b) => rank(a) - rank(b));
}

export function adoptedRows(items: readonly AdoptionItem[]): number {
  return items.reduce((sum, { report }) => sum + (report?.adopted ?? 0), 0);
}

/** Share of the rows that were read, over all items; null until one tells. */
export function workShare(items: readonly AdoptionItem[]): number | null {
  if (items.every(({ state, progress }) => state !== 'done' && state !== 'failed' && progress === null)) return null;
  const all = items.reduce((sum, { candidate }) => sum + candidate.candles.rows, 0);
  const read = items.reduce((sum, { candidate, state, progress }) => {
    if (state === 'done' || state === 'failed') return sum + candidate.candles.rows;
    return sum + (progress === null || progress.of === 0 ? 0 : (progress.rows / progress.of) * candidate.candles.rows);
  }, 0);
  return all === 0 ? null : read / all;
}

/** One after the other: a failure of one does not keep the others. False when the person has ended it. */
async function workThrough(session: CoreSession, isTrial: boolean): Promise<boolean> {
  const open = new AbortController();
  controller = open;
  const { items } = useAdoptionWork.getState();
  const stop = session.client.on('adoption.progressed', ({ key, rows, of }) => {
    const at = useAdoptionWork.getState().items.findIndex((each) => each.state === 'working' && each.key === key);
    if (at >= 0) change(at, { progress: { rows, of } });
  });
  try {
    for (let at = 0; at < items.length && !open.signal.aborted; at++) {
      const { candidate, key } = items[at]!;
      change(at, { state: 'working' });
      try {
        const body = { source: candidate.source, key, isTrial };
        const report = await session.call('tables.adopt', body, open.signal);
        change(at, { state: 'done', report });
      } catch (error) {
        if (open.signal.aborted) break;
        change(at, { state: 'failed', failure: sentenceOf(error) });
      }
    }
  } finally {
    stop();
    if (controller === open) controller = null;
  }
  if (!open.signal.aborted) return true;
  useAdoptionWork.setState(({ items }) => ({
    items: items.map((each) =>
      each.state === 'waiting' || each.state === 'working' ? { ...each, state: 'left' } : each,
    ),
  }));
  return false;
}

function change(at: number, part: Partial<AdoptionItem>): void {
  useAdoptionWork.setState(({ items }) => ({
    items: items.map((each, index) => (index === at ? { ...each, ...part } : each)),
  }));
}

function freshItem(candidate: Candidate, key: string): AdoptionItem {
  return { candidate, key, state: 'waiting', progress: null, report: null, failure: null };
}
