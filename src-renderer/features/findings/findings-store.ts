import type { Finding } from '@shared/contract';
import { create } from 'zustand';
import { type CoreSession, sentenceOf } from '../../client';

export interface FindingsState {
  /** null until they have been read. */
  readonly findings: readonly Finding[] | null;
  /** Why they could not be read, in a sentence; those read before stay. */
  readonly failure: string | null;
}

export const useFindings = create<FindingsState>()(() => ({ findings: null, failure: null }));

/** How many findings nobody has looked at. */
export function useNewFindings(): number {
  return useFindings(({ findings }) => findings?.filter((each) => each.state === 'new').length ?? 0);
}

/** Set while a reading is under way: whether what it reads may be out of date already. */
let again: boolean | null = null;

/** Reads them; a call while a reading is under way makes it read once more. */
export async function readFindings(session: CoreSession): Promise<void> {
  if (again !== null) {
    again = true;
    return;
  }
  do {
    again = false;
    await readOnce(session);
  } while (again);
  again = null;
}

async function readOnce(session: CoreSession): Promise<void> {
  try {
    const { findings } = await session.call('findings.list', {});
    useFindings.setState({ findings, failure: null });
  } catch (error) {
    useFindings.setState({ failure: sentenceOf(error) });
  }
}

/** A finding's new state is shown at once; the next reading brings the rest. */
export function takeFinding(finding: Finding): void {
  useFindings.setState(({ findings }) => ({
    findings: findings?.map((each) => (each.id === finding.id ? finding : each)) ?? null,
  }));
}
