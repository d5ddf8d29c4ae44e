import { create } from 'zustand';
import type { MatrixOrder, SortBy } from './matrix-model';

interface MatrixState {
  readonly order: MatrixOrder;
  readonly grouped: boolean;
  readonly collapsed: ReadonlySet<string>;
}

const KEY = 'tapemend.matrix.grouped';

/** How the matrix is arranged; outlives a look at the strips, and grouping the session. */
export const useMatrix = create<MatrixState>()(() => ({
  order: { by: 'symbol', reversed: false },
  // The store is also loaded by unit tests, where there is no window.
  grouped: typeof window === 'undefined' || localStorage.getItem(KEY) !== 'no',
  collapsed: new Set(),
}));

export function isSortedBy(order: MatrixOrder, by: SortBy): boolean {
  if (typeof order.by === 'object' && typeof by === 'object') return order.by.column === by.column;
  return order.by === by;
}

/** Sorts by this; once more, and the order is turned round. */
export function sortBy(by: SortBy): void {
  useMatrix.setState(({ order }) => ({
    order: { by, reversed: isSortedBy(order, by) ? !order.reversed : false },
  }));
}

export function setGrouped(grouped: boolean): void {
  localStorage.setItem(KEY, grouped ? 'yes' : 'no');
  useMatrix.setState({ grouped });
}

export function foldGroup(quote: string, fold: boolean): void {
  useMatrix.setState(({ collapsed }) => {
    const next = new Set(collapsed);
    if (fold) next.add(quote);
    else next.delete(quote);
    return { collapsed: next };
  });
}
