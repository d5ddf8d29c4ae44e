import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournaledJob } from './journal-lines';
import { headOf, isAhead } from './queue-order';

interface Traits {
  queuedAt: number;
  priority: number;
  paused: boolean;
  cancelAsked: boolean;
  onScreen: boolean;
  alive: boolean;
}

const traits: fc.Arbitrary<Traits> = fc.record({
  queuedAt: fc.nat({ max: 3 }),
  priority: fc.integer({ min: -1, max: 1 }),
  paused: fc.boolean(),
  cancelAsked: fc.boolean(),
  onScreen: fc.boolean(),
  alive: fc.boolean(),
});

function jobOf({ queuedAt, priority, paused, cancelAsked, onScreen, alive }: Traits, index: number): JournaledJob {
  return {
    jobId: `job${index}`,
    queuedAt,
    paused,
    cancelAsked,
    preferred: onScreen ? ['k'] : [],
    request: { items: [], source: 'auto', priority },
    owner: { pid: alive ? 1 : 2, processStart: '', instance: '' },
    claim: 0,
    before: new Map(),
    items: new Map(),
    finished: null,
    hasPages: false,
  };
}

const owners = { isAtWork: (owner: JournaledJob['owner']) => owner?.pid === 1 };

it('programs that read the folder in another order disagree whose turn it is', () => {
  fc.assert(
    fc.property(
      fc.array(traits, { maxLength: 8 }).chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(
            all.map((_, i) => i),
            { minLength: all.length },
          ),
        ),
      ),
      ([all, order]) => {
        const jobs = all.map(jobOf);
        expect(
          headOf(
            order.map((i) => jobs[i]!),
            owners,
          )?.jobId,
        ).toBe(headOf(jobs, owners)?.jobId);
      },
    ),
  );
});

it('a job that may not or cannot run has its turn, or one of lower priority, or a later one', () => {
  fc.assert(
    fc.property(fc.array(traits, { maxLength: 8 }), (all) => {
      const jobs = all.map(jobOf);
      const runnable = all.filter((each) => !each.paused && !each.cancelAsked && each.alive);
      const head = headOf(jobs, owners);
      expect(head !== null).toBe(runnable.length > 0);
      if (!head) return;
      const own = all[jobs.indexOf(head)]!;
      expect(runnable).toContain(own);
      expect(own.priority).toBe(Math.max(...runnable.map((each) => each.priority)));
      const equals = runnable.filter((each) => each.priority === own.priority);
      expect(own.onScreen).toBe(equals.some((each) => each.onScreen));
      const rivals = equals.filter((each) => each.onScreen === own.onScreen);
      expect(own.queuedAt).toBe(Math.min(...rivals.map((each) => each.queuedAt)));
      // Nothing that waits is ahead of the head: the running job would give way to it for ever.
      for (const job of jobs) if (runnable.includes(all[jobs.indexOf(job)]!)) expect(isAhead(job, head)).toBe(false);
    }),
  );
});
