import { type ForeignTables, isCandlePath } from '@shared/contract';
import { create } from 'zustand';
import { type CoreSession, sentenceOf } from '../../client';
import {
  type Candidate,
  candidateOfFile,
  candidateOfTable,
  guessedTarget,
  keyOfTarget,
  type Target,
} from './candidates';

export interface CandidateState {
  /** null until the tables have been looked at. */
  readonly foreign: ForeignTables | null;
  /** Why that could not be done, in a sentence; what was read before stays. */
  readonly failure: string | null;
  /** Views and files that a person has named. */
  readonly named: readonly Candidate[];
  /** By id: what a person says where the guess is wrong or missing. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Ids of what is to be adopted. */
  readonly chosen: ReadonlySet<string>;
}

export const useCandidates = create<CandidateState>()(() => ({
  foreign: null,
  failure: null,
  named: [],
  targets: new Map(),
  chosen: new Set(),
}));

/** Looks at the tables of the database anew. */
export async function readForeign(session: CoreSession): Promise<void> {
  try {
    const foreign = await session.call('tables.foreign', {});
    useCandidates.setState({ foreign, failure: null });
  } catch (error) {
    useCandidates.setState({ failure: sentenceOf(error) });
  }
}

/** Puts a view, a table or a file on the list, chosen. Throws what the core says, and a sentence for half a path. */
export async function nameSource(session: CoreSession, text: string, signal: AbortSignal): Promise<Candidate[]> {
  const found = isPath(text) ? await lookAtFile(session, text, signal) : await lookAtTable(session, text, signal);
  const ids = new Set(found.map(({ id }) => id));
  useCandidates.setState(({ named, chosen }) => ({
    named: [...found, ...named.filter(({ id }) => !ids.has(id))],
    chosen: new Set([...chosen, ...ids]),
  }));
  return found;
}

/** Tables have no folders, and no such ends. */
function isPath(text: string): boolean {
  return /[\\/]/.test(text) || /\.(csv|txt)$/i.test(text);
}

async function lookAtFile(session: CoreSession, path: string, signal: AbortSignal): Promise<Candidate[]> {
  if (!isCandlePath(path))
    throw new Error('Give the whole path of a .csv or .txt file, beginning with / or ~/ or a drive.');
  return [candidateOfFile(await session.call('files.look', { path }, signal))];
}

async function lookAtTable(session: CoreSession, table: string, signal: AbortSignal): Promise<Candidate[]> {
  const { tables } = await session.call('tables.look', { table }, signal);
  return tables.map(candidateOfTable);
}

/** Whoever corrects a line wants it adopted. */
export function setTarget(candidate: Candidate, change: Partial<Target>): void {
  useCandidates.setState(({ targets, chosen }) => ({
    targets: new Map(targets).set(candidate.id, { ...targetOf(candidate, targets), ...change }),
    chosen: new Set(chosen).add(candidate.id),
  }));
}

export function choose(ids: readonly string[], isChosen: boolean): void {
  useCandidates.setState(({ chosen }) => {
    const next = new Set(chosen);
    for (const id of ids) {
      if (isChosen) next.add(id);
      else next.delete(id);
    }
    return { chosen: next };
  });
}

/** What was adopted is no longer chosen, and leaves what was named by hand; tables stay on the list. */
export function settle(ids: readonly string[]): void {
  choose(ids, false);
  useCandidates.setState(({ named }) => ({ named: named.filter(({ id }) => !ids.includes(id)) }));
}

export function targetOf(candidate: Candidate, targets: ReadonlyMap<string, Target>): Target {
  return targets.get(candidate.id) ?? guessedTarget(candidate);
}

/** Something to adopt with the series that it goes into; null while that is not known. */
export interface AdoptionPick {
  readonly candidate: Candidate;
  readonly key: string | null;
}

/** What is chosen, in the order of the list. */
export function picksOf(
  candidates: readonly Candidate[],
  { targets, chosen }: Pick<CandidateState, 'targets' | 'chosen'>,
): AdoptionPick[] {
  return candidates
    .filter(({ id }) => chosen.has(id))
    .map((candidate) => ({ candidate, key: keyOfTarget(targetOf(candidate, targets)) }));
}
