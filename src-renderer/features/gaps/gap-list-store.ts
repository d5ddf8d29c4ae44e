import { create } from 'zustand';
import { NO_PICKS, type Picks } from './gap-picks';
import { type GapOrder, type GapOrderBy, type GapVerdict, NEEDS_ACTION } from './gap-rows';

export interface GapListState {
  readonly verdicts: readonly GapVerdict[];
  readonly order: GapOrder;
  readonly picks: Picks;
}

/** How the list of gaps is arranged and what is picked in it; outlives a look at another view. */
export const useGapList = create<GapListState>()(() => ({
  verdicts: NEEDS_ACTION,
  order: { by: 'series', reversed: false },
  picks: NO_PICKS,
}));

export function toggleVerdict(verdict: GapVerdict): void {
  useGapList.setState(({ verdicts }) => ({
    verdicts: verdicts.includes(verdict) ? verdicts.filter((each) => each !== verdict) : [...verdicts, verdict],
  }));
}

/** By another column; by the same one the other way round. */
export function orderGapsBy(by: GapOrderBy): void {
  useGapList.setState(({ order }) => ({ order: { by, reversed: order.by === by && !order.reversed } }));
}
