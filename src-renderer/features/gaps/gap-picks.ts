import { ITEMS_AT_ONCE } from './fetch-range';
import type { GapRow } from './gap-rows';

export type PickGap = 'alone' | 'toggle' | 'extend';

export interface Picks {
  readonly ids: ReadonlySet<string>;
  /** Where `extend` begins: the last gap that was picked by itself. */
  readonly anchor: string | null;
}

export const NO_PICKS: Picks = { ids: new Set(), anchor: null };

/** Gaps picked after `row` was picked, too: alone, one more or less, or all from the anchor to it. At most as many as one job takes. */
export function pickGap(before: Picks, rows: readonly GapRow[], index: number, how: PickGap): Picks {
  const row = rows[index];
  if (!row) return before;
  if (how === 'toggle') {
    const ids = new Set(before.ids);
    if (!ids.delete(row.id) && ids.size < ITEMS_AT_ONCE) ids.add(row.id);
    return { ids, anchor: row.id };
  }
  const from = how === 'extend' ? rows.findIndex(({ id }) => id === before.anchor) : -1;
  if (from === -1) return { ids: new Set([row.id]), anchor: row.id };
  const [first, last] = from < index ? [from, index] : [index, from];
  const span = rows.slice(first, last + 1);
  // Counted from the anchor, so that what is left out is what lies farthest from it.
  const kept = from < index ? span.slice(0, ITEMS_AT_ONCE) : span.slice(-ITEMS_AT_ONCE);
  return { ids: new Set(kept.map(({ id }) => id)), anchor: before.anchor };
}

export function pickAll(rows: readonly GapRow[]): Picks {
  const kept = rows.slice(0, ITEMS_AT_ONCE);
  return { ids: new Set(kept.map(({ id }) => id)), anchor: kept[0]?.id ?? null };
}
