import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runItems } from './run-items';

it('an item runs twice or never, two of one series run at a time, or more than may', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }),
      async (keys, atOnce, turns) => {
        const active: string[] = [];
        const ran: number[] = [];
        await runItems({
          keys,
          atOnce,
          isPreferred: (key) => key === 'c',
          isHalted: () => false,
          run: async (index, order) => {
            expect(active).not.toContain(keys[index]);
            expect(order).toBe(ran.length);
            ran.push(index);
            active.push(keys[index]!);
            expect(active.length).toBeLessThanOrEqual(atOnce);
            for (let i = 0; i < turns[index]!; i++) await turn();
            active.splice(active.indexOf(keys[index]!), 1);
          },
        });
        expect([...ran].sort((a, b) => a - b)).toEqual(keys.map((_, index) => index));
      },
    ),
    { numRuns: 60 },
  );
});

it('a series that is preferred meanwhile waits behind the others', async () => {
  const ran: string[] = [];
  let preferred = '';
  const keys = ['a', 'b', 'c', 'd'];
  await runItems({
    keys,
    atOnce: 1,
    isPreferred: (key) => key === preferred,
    isHalted: () => false,
    run: async (index) => {
      ran.push(keys[index]!);
      preferred = 'd';
    },
  });
  expect(ran).toEqual(['a', 'd', 'b', 'c']);
});

it('a halt lets further items begin, or does not wait for those under way', async () => {
  const ended: number[] = [];
  let halted = false;
  await runItems({
    keys: ['a', 'a', 'b', 'c'],
    atOnce: 2,
    isPreferred: () => false,
    isHalted: () => halted,
    run: async (index) => {
      halted = true;
      await turn();
      ended.push(index);
    },
  });
  expect(ended).toEqual([0]);
});
