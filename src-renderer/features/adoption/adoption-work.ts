import type { AdoptionProgress, AdoptionReport } from '@shared/contract';
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
  readonly progress: Omit<AdoptionProgress, 'key'> | null;
  /** Of the trial, then of the adoption. */
  readonly report: AdoptionReport | null;
  readonly failure: string | null;
}

export interface AdoptionWork {
  readonly stage: AdoptionStage;
  readonly items: readonly AdoptionItem[];
  /** A person has asked for the end; what was read is stored yet. */
  readonly isStopping: boolean;
}

/** Outlives the dialog, so that a long adoption goes on without it. */
export const useAdoptionWork = create<AdoptionWork>()(() => ({
  stage: 'choosing',
  items: [],
  isStopping: false,
}));

let controller: AbortController | null = null;

/** Reads and checks everything, and writes nothing. */
export async function tryAdoption(
  session: CoreSession,
  picks: readonly { candidate: Candidate; key: string }[],
): Promise<void> {
  const items = picks.map(({ candidate, key }) => freshItem(candidate, key));
  useAdoptionWork.setState({ stage: 'trying', items, isStopping: false });
  if (await workThrough(session, true)) useAdoptionWork.setState({ stage: 'tried' });
  else backToChoosing();
}

/** Adopts what the trial has found rows in. */
export async function runAdoption(session: CoreSession): Promise<void> {
  const items = adoptableItems(useAdoptionWork.getState()).map(({ candidate, key }) => freshItem(candidate, key));
  useAdoptionWork.setState({ stage: 'adopting', items, isStopping: false });
  await workThrough(session, false);
  const { items: ended } = useAdoptionWork.getState();
  settle(ended.filter(({ state }) => state === 'done').map(({ candidate }) => candidate.id));
  useAdoptionWork.setState({ stage: 'adopted' });
  announce(`${formatAmount(adoptedRows(ended), 'row')} adopted.`);
  await Promise.all([readForeign(session), readSuggestions(session)]);
}

/** A trial ends at once; an adoption when what it has read is stored, and tells what that was. */
export function stopAdoption(session: CoreSession): void {
  const { stage, items } = useAdoptionWork.getState();
  if (stage !== 'adopting') {
    controller?.abort();
    return;
  }
  useAdoptionWork.setState({ isStopping: true });
  const working = items.find(({ state }) => state === 'working');
  // Where the core cannot be asked, the adoption's own call fails too, and tells.
  if (working) void session.call('tables.stop_adopting', { key: working.key }).catch(() => undefined);
}

export function backToChoosing(): void {
  controller?.abort();
  useAdoptionWork.setState({ stage: 'choosing', items: [], isStopping: false });
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

/** Also what was stored before a failure. */
export function adoptedRows(items: readonly AdoptionItem[]): number {
  return items.reduce((sum, { report, progress }) => sum + ((report ?? progress)?.adopted ?? 0), 0);
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
  const isEnding = () => open.signal.aborted || useAdoptionWork.getState().isStopping;
  const { items } = useAdoptionWork.getState();
  const stop = session.client.on('adoption.progressed', ({ key, ...progress }) => {
    const at = useAdoptionWork.getState().items.findIndex((each) => each.state === 'working' && each.key === key);
    if (at >= 0) change(at, { progress });
  });
  try {
    for (let at = 0; at < items.length && !isEnding(); at++) {
      const { candidate, key } = items[at]!;
      change(at, { state: 'working' });
      try {
        const body = { source: candidate.source, key, isTrial };
        const report = await session.call('tables.adopt', body, open.signal);
        change(at, { state: report.isStopped ? 'left' : 'done', report });
      } catch (error) {
        // What had stored rows before it failed is no mere end, also while it is stopped: it can be taken back.
        if (isEnding() && !useAdoptionWork.getState().items[at]?.progress?.adopted) break;
        change(at, { state: 'failed', failure: sentenceOf(error) });
      }
    }
  } finally {
    stop();
    if (controller === open) controller = null;
  }
  if (!isEnding()) return true;
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
