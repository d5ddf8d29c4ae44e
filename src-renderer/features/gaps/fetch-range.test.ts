import { DAY_MS, INTERVALS, type Interval } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { defaultFetchRange, readFetchRange } from './fetch-range';

const NOW = Date.UTC(2024, 2, 15, 12, 34, 56, 789);

describe('range of a first fetch', () => {
  it.each(INTERVALS)(
    'the default of %s asks for an unfinished candle, an off-grid time, or nothing at all',
    (interval: Interval) => {
      const range = defaultFetchRange(interval, NOW);
      expect(range.to).toBeLessThanOrEqual(NOW);
      expect(range.from).toBeLessThan(range.to);
      expect(readFetchRange(String(range.from), String(range.to), interval, NOW)).toEqual(range);
    },
  );

  it('the default of minutes is not thirty days', () => {
    const range = defaultFetchRange('1m', NOW);
    expect(range.to - range.from).toBe(30 * DAY_MS);
  });

  it('a mistyped, reversed, future or empty range is asked for all the same', () => {
    expect(readFetchRange('2024-02-30', '2024-03-01', '1m', NOW)).toMatch('"2024-02-30" is no time');
    expect(readFetchRange('2024-03-01', 'soon', '1m', NOW)).toMatch('"soon" is no time');
    expect(readFetchRange('2024-03-02', '2024-03-01', '1m', NOW)).toMatch('ends before');
    expect(readFetchRange('2024-03-16', '2024-03-17', '1m', NOW)).toMatch('future');
    expect(readFetchRange('2024-03-01 00:01', '2024-03-01 00:59', '1h', NOW)).toMatch('No 1h candle');
  });
});
