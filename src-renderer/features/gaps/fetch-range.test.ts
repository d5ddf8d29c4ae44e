import { DAY_MS, INTERVALS, type Interval } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { defaultFetchRange, type FetchSeries, readFetchItems } from './fetch-range';

const NOW = Date.UTC(2024, 2, 15, 12, 34, 56, 789);
const of = (interval: Interval): FetchSeries => ({ key: interval, interval, listedAt: null });

describe('range of a first fetch', () => {
  it.each(INTERVALS)(
    'the default of %s asks for an unfinished candle, an off-grid time, or nothing at all',
    (interval: Interval) => {
      const range = defaultFetchRange([of(interval)], NOW);
      expect(range.to).toBeLessThanOrEqual(NOW);
      expect(range.from).toBeLessThan(range.to);
      expect(readFetchItems(String(range.from), String(range.to), [of(interval)], NOW)).toEqual([
        { key: interval, range },
      ]);
    },
  );

  it('the default of minutes is not thirty days', () => {
    const range = defaultFetchRange([of('1m')], NOW);
    expect(range.to - range.from).toBe(30 * DAY_MS);
  });

  it('a mistyped, reversed, future or empty range is asked for all the same', () => {
    expect(readFetchItems('2024-02-30', '2024-03-01', [of('1m')], NOW)).toMatch('"2024-02-30" is no time');
    expect(readFetchItems('2024-03-01', 'soon', [of('1m')], NOW)).toMatch('"soon" is no time');
    expect(readFetchItems('2024-03-02', '2024-03-01', [of('1m')], NOW)).toMatch('ends before');
    expect(readFetchItems('2024-03-16', '2024-03-17', [of('1m')], NOW)).toMatch('future');
    expect(readFetchItems('2024-03-01 00:01', '2024-03-01 00:59', [of('1h')], NOW)).toMatch('No 1h candle');
  });

  it('of several series each gets whole bars of its own, and those without any are not asked for', () => {
    const items = readFetchItems('2024-03-01 00:01', '2024-03-02', [of('1m'), of('1h'), of('1w')], NOW);
    expect(items).toEqual([
      { key: '1m', range: { from: Date.UTC(2024, 2, 1, 0, 1), to: Date.UTC(2024, 2, 2) } },
      { key: '1h', range: { from: Date.UTC(2024, 2, 1, 1), to: Date.UTC(2024, 2, 2) } },
    ]);
  });
});
