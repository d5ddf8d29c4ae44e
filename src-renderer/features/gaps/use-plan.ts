import type { BackfillPlan } from '@shared/contract';
import type { Range } from '@shared/market';
import { useEffect, useState } from 'react';
import { sentenceOf, useSession, useWindow } from '../../client';

export interface RepairItem {
  readonly key: string;
  readonly range: Range;
}

export type PlanState =
  | { readonly phase: 'planning' }
  | { readonly phase: 'ready'; readonly plan: BackfillPlan }
  | { readonly phase: 'failed'; readonly reason: string };

/** Dragging changes the range with every pixel; the core is asked when it rests. */
const PLAN_AFTER_MS = 150;

/** Identity of what would be repaired: the same series and ranges give the same text. */
export function repairId(items: readonly RepairItem[]): string {
  return items.map(({ key, range }) => `${key} ${range.from}-${range.to}`).join(', ');
}

/** The plan of a repair, asked for again when the items change or `attempt` grows. */
export function usePlan(items: readonly RepairItem[], attempt: number): PlanState {
  const session = useSession();
  const connected = useWindow((state) => state.connection.phase === 'connected');
  const id = repairId(items);
  const [answer, setAnswer] = useState<{ id: string; state: PlanState } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `id` stands for the items, `attempt` asks again.
  useEffect(() => {
    if (!connected || items.length === 0) return;
    const controller = new AbortController();
    const settle = (state: PlanState) => {
      if (!controller.signal.aborted) setAnswer({ id, state });
    };
    const timer = setTimeout(() => {
      session
        .call(
          'backfill.plan',
          { items: items.map((each) => ({ key: each.key, range: { from: each.range.from, to: each.range.to } })) },
          controller.signal,
        )
        .then(
          (plan) => settle({ phase: 'ready', plan }),
          (error) => settle({ phase: 'failed', reason: sentenceOf(error) }),
        );
    }, PLAN_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [id, attempt, connected, session]);
  if (!connected) return { phase: 'failed', reason: 'The core is not connected; the plan follows when it is.' };
  return answer?.id === id ? answer.state : { phase: 'planning' };
}
