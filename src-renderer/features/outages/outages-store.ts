import type { OutageList, OutageProposal } from '@shared/contract';
import { useEffect } from 'react';
import { create } from 'zustand';
import { type CoreSession, sentenceOf, useSession, useWindow } from '../../client';

export interface OutagesState {
  /** null until they have been read. */
  readonly proposals: readonly OutageProposal[] | null;
  readonly catalogue: OutageList | null;
  /** Why they could not be read, in a sentence; those read before stay. */
  readonly failure: string | null;
}

export const useOutages = create<OutagesState>()(() => ({ proposals: null, catalogue: null, failure: null }));

/** How many stops wait for a person's word. */
export function useOutageProposals(): number {
  return useOutages(({ proposals }) => proposals?.length ?? 0);
}

/** A job of thousands of series ends in as many moments; the core compares all of them each time it is asked. */
const READ_AFTER_MS = 1_000;

/** Keeps the proposals up to date: read at the start, after each job, and when another program has decided. */
export function useOutagesUpToDate(): void {
  const session = useSession();
  const ready = useWindow((state) => state.connection.phase === 'connected' && state.app?.phase === 'ready');
  useEffect(() => {
    if (!ready) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = null;
        void readOutages(session);
      }, READ_AFTER_MS);
    };
    void readOutages(session);
    const ends = [session.client.on('outages.changed', soon), session.client.on('job.finished', soon)];
    return () => {
      if (timer !== null) clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [session, ready]);
}

export async function readOutages(session: CoreSession): Promise<void> {
  try {
    const [{ proposals }, catalogue] = await Promise.all([
      session.call('outages.proposals', {}),
      session.call('outages.list', {}),
    ]);
    useOutages.setState({ proposals, catalogue, failure: null });
  } catch (error) {
    useOutages.setState({ failure: sentenceOf(error) });
  }
}
