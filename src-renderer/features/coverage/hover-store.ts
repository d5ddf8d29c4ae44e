import type { Span } from '@shared/market';
import { create } from 'zustand';
import type { OutageBand } from './outage-bands';

/** What the pointer is over; changes only when another span comes under it. */
export interface StripHover {
  readonly key: string;
  readonly span: Span | null;
  readonly at: number;
}

export const useHover = create<{ hover: StripHover | null; outage: OutageBand | null }>()(() => ({
  hover: null,
  outage: null,
}));
