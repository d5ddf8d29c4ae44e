import {
  candleSeries,
  countBars,
  DAY_MS,
  gridOf,
  HOUR_MS,
  type Interval,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  totalLength,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPages, planTotals } from './planner';
import { isMonthlyPublished, monthRange } from './publication';

const NOW = Date.UTC(2024, 5, 20, 12);
const btc = candleSeries('BTCUSDT', '1m');
const minute = gridOf('1m');

function plan(wanted: Range[], options: { source?: 'auto' | 'archive' | 'rest'; without?: string[] } = {}) {
  return planPages(btc, minute, wanted, {
    source: options.source ?? 'auto',
    now: NOW,
    without: new Set(options.without ?? []),
  });
}

const day = (text: string): Range => ({
  from: Date.parse(`${text}T00:00Z`),
  to: Date.parse(`${text}T00:00Z`) + DAY_MS,
});

describe('planner', () => {
  it('takes a whole closed month from one monthly archive', () => {
    expect(plan([monthRange(2024, 3)])).toMatchObject([
      { tier: 'archiveMonthly', file: 'BTCUSDT-1m-2024-03.zip', bars: 44_640 },
    ]);
  });

  it('takes three days from three daily archives, not from a month of 2 MB', () => {
    const pages = plan([{ from: Date.UTC(2020, 0, 1), to: Date.UTC(2020, 0, 4) }]);
    expect(pages.map((page) => page.file)).toEqual([
      'BTCUSDT-1m-2020-01-01.zip',
      'BTCUSDT-1m-2020-01-02.zip',
      'BTCUSDT-1m-2020-01-03.zip',
    ]);
  });

  it('asks REST for a short hole, and for what is younger than the publication delay', () => {
    const hole = { from: Date.UTC(2024, 2, 5, 3), to: Date.UTC(2024, 2, 5, 4, 20) };
    expect(plan([hole])).toEqual([{ tier: 'rest', range: hole, bars: 80, file: null }]);
    const yesterday = day('2024-06-19');
    expect(plan([yesterday]).map((page) => page.tier)).toEqual(['rest']);
  });

  it('asks REST across a month border in one piece', () => {
    const range = { from: Date.UTC(2024, 3, 30, 23), to: Date.UTC(2024, 4, 1, 1) };
    expect(plan([range])).toEqual([{ tier: 'rest', range, bars: 120, file: null }]);
  });

  it('never plans a monthly archive before the first Monday of the next month', () => {
    // 2024-05-31 is a Friday: the first Monday of June is the 3rd.
    const may = monthRange(2024, 5);
    expect(isMonthlyPublished(may, Date.UTC(2024, 5, 3))).toBe(false);
    expect(isMonthlyPublished(may, Date.UTC(2024, 5, 3, 13))).toBe(true);
  });

  it('falls to daily archives when the monthly file turned out bad, and to REST when the daily one did', () => {
    const march = plan([monthRange(2024, 3)], { without: ['BTCUSDT-1m-2024-03.zip'] });
    expect(new Set(march.map((page) => page.tier))).toEqual(new Set(['archiveDaily']));
    expect(march).toHaveLength(31);
    expect(plan([day('2024-03-05')], { without: ['BTCUSDT-1m-2024-03-05.zip'] }).map((page) => page.tier)).toEqual([
      'rest',
    ]);
  });

  it('respects the chosen source', () => {
    const hole = { from: Date.UTC(2024, 2, 5, 3), to: Date.UTC(2024, 2, 5, 4) };
    // March has 44,640 minutes; 20,000 are one piece.
    expect(plan([monthRange(2024, 3)], { source: 'rest' }).map(({ tier, bars }) => [tier, bars])).toEqual([
      ['rest', 20_000],
      ['rest', 20_000],
      ['rest', 4_640],
    ]);
    expect(plan([hole], { source: 'archive' }).map((page) => page.tier)).toEqual(['archiveDaily']);
    expect(plan([day('2024-06-19')], { source: 'archive' })).toEqual([]);
  });

  it('reads years of hours from monthly archives but years of days from REST', () => {
    const year = [{ from: Date.UTC(2023, 0, 1), to: Date.UTC(2024, 0, 1) }];
    const tiersOf = (interval: Interval) =>
      new Set(
        planPages(candleSeries('BTCUSDT', interval), gridOf(interval), year, { source: 'auto', now: NOW }).map(
          (page) => page.tier,
        ),
      );
    expect(tiersOf('1h')).toEqual(new Set(['archiveMonthly']));
    expect(tiersOf('1d')).toEqual(new Set(['rest']));
  });

  it('covers every wanted bar exactly once, whatever the holes', () => {
    const piece = fc
      .tuple(fc.integer({ min: 0, max: 90 * 24 * 60 }), fc.integer({ min: 1, max: 5_000 }))
      .map(([at, bars]) => ({
        from: Date.UTC(2024, 2, 20) + at * MINUTE_MS,
        to: Date.UTC(2024, 2, 20) + (at + bars) * MINUTE_MS,
      }));
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 20 }),
        fc.constantFrom('auto', 'rest'),
        (pieces, source) => {
          const wanted = normalizeRanges(pieces).filter((range) => range.to <= NOW - HOUR_MS);
          const pages = planPages(btc, minute, wanted, { source: source as 'auto', now: NOW });
          const bars = wanted.reduce((sum, range) => sum + countBars(minute, range), 0);
          expect(pages.reduce((sum, page) => sum + page.bars, 0)).toBe(bars);
          expect(
            planTotals([
              { key: 'k', range: { from: 0, to: 1 }, asked: 0, alreadyPresent: 0, knownAbsent: 0, gaps: wanted, pages },
            ]).bars,
          ).toBe(bars);
          // Pages of different files do not overlap, so no bar is fetched twice.
          const spans = pages.map((page) => page.range);
          expect(totalLength(normalizeRanges(spans))).toBe(totalLength(spans));
        },
      ),
    );
  });
});
