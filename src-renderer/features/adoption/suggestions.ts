import { useEffect } from 'react';
import { create } from 'zustand';
import { type CoreSession, useSession, useWindow } from '../../client';

export interface Suggestions {
  /** Tables of other programs that nothing was adopted from. */
  readonly found: readonly string[];
  /** Those that a person does not want to be told of. */
  readonly dismissed: ReadonlySet<string>;
}

const DISMISSED_KEY = 'tapemend.adoption.dismissed';

const useSuggestionState = create<Suggestions>()(() => ({ found: [], dismissed: readDismissed() }));

/** How many tables are worth a line: new to Tapemend, and not dismissed. */
export function useSuggestedTables(): number {
  return useSuggestionState(({ found, dismissed }) => found.filter((table) => !dismissed.has(table)).length);
}

/** After the coverage of the first series on screen, which is what a start is waited for. */
const READ_AFTER_MS = 3_000;

/** Looks for tables of others once the window is up. */
export function useSuggestionsUpToDate(): void {
  const session = useSession();
  const ready = useWindow((state) => state.connection.phase === 'connected' && state.app?.phase === 'ready');
  const isListed = useWindow((state) => state.series !== null);
  useEffect(() => {
    if (!ready || !isListed) return;
    const timer = setTimeout(() => void readSuggestions(session), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [session, ready, isListed]);
}

export async function readSuggestions(session: CoreSession): Promise<void> {
  try {
    const { tables } = await session.call('tables.suggested', {});
    useSuggestionState.setState({ found: tables });
  } catch {
    // A suggestion that cannot be made is none; the dialog itself tells why tables cannot be read.
  }
}

export function dismissSuggestions(): void {
  const { found, dismissed } = useSuggestionState.getState();
  const next = new Set([...dismissed, ...found]);
  localStorage.setItem(DISMISSED_KEY, JSON.stringify([...next]));
  useSuggestionState.setState({ dismissed: next });
}

function readDismissed(): ReadonlySet<string> {
  // The store is also loaded by unit tests, where there is no window.
  if (typeof window === 'undefined') return new Set();
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(DISMISSED_KEY) ?? '[]');
    return new Set(Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : []);
  } catch {
    return new Set();
  }
}
