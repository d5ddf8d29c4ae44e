import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Slots } from './slots';

const never = new AbortController().signal;

it('more units are out than there are, whatever is taken, given back and aborted', async () => {
  const piece = fc.record({ units: fc.integer({ min: 1, max: 14 }), rank: fc.nat({ max: 3 }), abort: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const slots = new Slots(10);
      let out = 0;
      await Promise.all(
        pieces.map(async ({ units, rank, abort }) => {
          const aborting = new AbortController();
          if (abort) queueMicrotask(() => aborting.abort());
          await slots
            .with(units, rank, aborting.signal, async () => {
              out += Math.min(units, 10);
              expect(out).toBeLessThanOrEqual(10);
              await Promise.resolve();
              out -= Math.min(units, 10);
            })
            .catch(() => undefined);
        }),
      );
      expect(out).toBe(0);
      // Nothing was lost on the way: all of it can be had at once.
      await slots.with(10, 0, never, async () => {});
    }),
  );
});

it('a later rank goes before an earlier one, or small pieces starve a large one', async () => {
  const slots = new Slots(4);
  const order: string[] = [];
  const giveBack = await slots.take(4, 0, never);
  const jobs = [
    slots.with(1, 2, never, async () => void order.push('late')),
    slots.with(4, 1, never, async () => void order.push('large')),
    slots.with(1, 1, never, async () => void order.push('small')),
    slots.with(1, 0, never, async () => void order.push('first')),
  ];
  giveBack();
  await Promise.all(jobs);
  expect(order).toEqual(['first', 'large', 'small', 'late']);
});

it('a piece that was aborted while it waited keeps those behind it waiting', async () => {
  const slots = new Slots(2);
  const one = await slots.take(1, 0, never);
  const aborting = new AbortController();
  const large = slots.take(2, 0, aborting.signal);
  const small = slots.take(1, 1, never);
  aborting.abort(new Error('over'));
  await expect(large).rejects.toThrow('over');
  (await small)();
  one();
});
