import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Credit, checkCredits } from './credits';

describe('credits', () => {
  it('refuse limits with which a paused stream would never resume', () => {
    expect(() => checkCredits({ high: 10, low: 2, ackEvery: 3 })).toThrow(RangeError);
    expect(() => checkCredits({ high: 1, low: 2, ackEvery: 1 })).toThrow(RangeError);
    expect(() => checkCredits({ high: 1, low: 1, ackEvery: 0 })).toThrow(RangeError);
  });

  it('never stall, whatever the sizes of frames and limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(40),
        fc.nat(40),
        async (frames, ackEvery, extraLow, extraHigh) => {
          const limits = { ackEvery, low: ackEvery + extraLow, high: ackEvery + extraLow + extraHigh };
          const credit = new Credit(limits);
          const wire: number[] = [];
          let processed = 0;
          // The consumer's rule: acknowledge whenever enough has been processed.
          const consumeOne = () => {
            processed += wire.shift() ?? 0;
            if (processed < ackEvery) return;
            expect(credit.acknowledge(processed)).toBe(true);
            processed = 0;
          };
          for (const bytes of frames) {
            let open = false;
            const available = credit.available().then(() => {
              open = true;
            });
            await Promise.resolve().then(() => {});
            while (!open) {
              if (wire.length === 0) return expect.unreachable('stalled with nothing on the wire');
              consumeOne();
              await Promise.resolve().then(() => {});
            }
            await available;
            expect(credit.unacknowledged).toBeLessThan(Math.max(limits.high, limits.low + 1));
            credit.sent(bytes);
            wire.push(bytes);
          }
        },
      ),
    );
  });
});
