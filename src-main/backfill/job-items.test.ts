import type { JobItemState } from '@shared/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JobItems } from './job-items';

const STATES: JobItemState[] = [
  'queued',
  'running',
  'complete',
  'complete_with_explained_gaps',
  'partial',
  'failed',
  'cancelled',
];

function itemsOf(states: readonly JobItemState[]): JobItems {
  const items = new JobItems({
    items: states.map((_, index) => ({ key: `binance:spot:S${index}USDT:1m`, range: { from: 0, to: 60_000 } })),
    source: 'auto',
  });
  states.forEach((state, index) => {
    Object.assign(items.at(index), { state, barsAsked: 10, barsDone: index % 11 });
  });
  return items;
}

it('a job of thousands of series sends them all, hides a failure behind the waiting, or its sums are of those listed only', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATES), { minLength: 1, maxLength: 600 }), (states) => {
      const { items, itemTotals, barsAsked, barsDone } = itemsOf(states).summary();
      expect(items).toHaveLength(Math.min(200, states.length));
      expect(itemTotals.total).toBe(states.length);
      for (const state of STATES)
        expect(itemTotals.byState[state]).toBe(states.filter((each) => each === state).length);
      expect(barsAsked).toBe(10 * states.length);
      expect(barsDone).toBe(states.reduce((sum, _, index) => sum + (index % 11), 0));
      const bad = states.filter((state) => state === 'running' || state === 'failed').length;
      expect(items.filter(({ state }) => state === 'running' || state === 'failed')).toHaveLength(Math.min(200, bad));
    }),
  );
});
