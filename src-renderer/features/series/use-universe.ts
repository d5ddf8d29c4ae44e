import type { Universe } from '@shared/contract';
import type { Market } from '@shared/market';
import { useCallback, useEffect, useState } from 'react';
import { sentenceOf, useSession } from '../../client';

export type UniverseState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'ready'; readonly universe: Universe }
  | { readonly phase: 'failed'; readonly reason: string };

/** Symbols of a market, kept for as long as the dialog is open; `again` asks after a failure. */
export function useUniverse(market: Market): { state: UniverseState; again(): void } {
  const session = useSession();
  const [known, setKnown] = useState<ReadonlyMap<Market, UniverseState>>(new Map());
  const [attempt, setAttempt] = useState(0);
  const isKnown = known.get(market)?.phase === 'ready';
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again.
  useEffect(() => {
    if (isKnown) return;
    const controller = new AbortController();
    const settle = (state: UniverseState) => {
      if (!controller.signal.aborted) setKnown((before) => new Map(before).set(market, state));
    };
    settle({ phase: 'loading' });
    session.call('universe.list', { market }, controller.signal).then(
      (universe) => settle({ phase: 'ready', universe }),
      (error) => settle({ phase: 'failed', reason: sentenceOf(error) }),
    );
    return () => controller.abort();
  }, [session, market, isKnown, attempt]);
  const again = useCallback(() => setAttempt((n) => n + 1), []);
  return { state: known.get(market) ?? { phase: 'loading' }, again };
}
