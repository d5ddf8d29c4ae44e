import { create } from 'zustand';
import type { RowOrder } from './row-list';
import type { TimeView } from './time-view';

/**
 * What the strips show, five times a second at most, and in which order. A store of its own, so that a pan redraws the two numbers that
 * tell it and no more; it outlives a look at the matrix.
 */
export const useStripsView = create<{ view: TimeView | null; order: RowOrder }>()(() => ({
  view: null,
  order: 'symbol',
}));
