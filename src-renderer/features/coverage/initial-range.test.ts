import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialRange } from './initial-range';

const NOW = Date.UTC(2026, 0, 1);

describe('initialRange', () => {
  it('opens on all of history where nothing is stored', () => {
    expect(initialRange([], NOW)).toBeNull();
  });

  it('does not shrink last month to a few pixels because one series goes back nine years', () => {
    const month = NOW - 30 * 86_400_000;
    const range = initialRange([Date.UTC(2017, 7, 17), month, month, month], NOW)!;
    expect(range.from).toBeGreaterThan(month - 3 * 86_400_000);
  });

  it('shows now and the beginning of at least half of the series', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: Date.UTC(2017, 7, 17), max: NOW }), { minLength: 1 }), (firsts) => {
        const range = initialRange(firsts, NOW)!;
        expect(range.to).toBeGreaterThan(NOW);
        expect(firsts.filter((first) => first >= range.from).length * 2).toBeGreaterThanOrEqual(firsts.length);
      }),
    );
  });
});
