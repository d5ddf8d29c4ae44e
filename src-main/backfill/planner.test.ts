import {
  candleSeries,
  countBars,
  DAY_MS,
  gridOf,
  HOUR_MS,
  type Interval,
  intersectRanges,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  subtractRanges,
  totalLength,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addPlan, noSums } from './plan-series';
import { pageCost, planPages } from './planner';
import { isMonthlyPublished, monthRange } from './publication';

const NOW = Date.UTC(2024, 5, 20, 12);
const btc = candleSeries('BTCUSDT', '1m');
const minute = gridOf('1m');

interface Choice {
  source?: 'auto' | 'archive' | 'rest';
  without?: string[];
  onlyAtRest?: Range[];
}

function plan(wanted: Range[], options: Choice = {}) {
  return planPages(btc, minute, wanted, {
    onlyAtRest: options.onlyAtRest ?? [],
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

  it('takes a file again for bars that it is known to lack, or REST where only files may be asked', () => {
    const [first, second] = [day('2024-03-05'), day('2024-03-06')];
    const both = [{ from: first.from, to: second.to }];
    const tiers = (source: 'auto' | 'archive') =>
      plan(both, { source, onlyAtRest: [second] }).map(({ tier, range }) => [tier, range]);
    expect(tiers('auto')).toEqual([
      ['archiveDaily', first],
      ['rest', second],
    ]);
    expect(tiers('archive').map(([tier]) => tier)).toEqual(['archiveDaily', 'archiveDaily']);
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

  it('asks in one request for two holes that a request holds, and says so; far apart it asks twice', () => {
    const near = [minutesOf('2024-03-05T03:00', 80), minutesOf('2024-03-05T09:00', 10)];
    expect(plan(near)).toEqual([
      {
        tier: 'rest',
        range: { from: near[0]!.from, to: near[1]!.to },
        bars: 90,
        file: null,
        refetched: 280,
        note: expect.stringMatching(/^2 gaps in one go.*280 bars between them/),
      },
    ]);
    const far = [minutesOf('2024-03-05T03:00', 80), minutesOf('2024-03-06T03:00', 10)];
    expect(plan(far).map((page) => [page.bars, page.note])).toEqual([
      [80, undefined],
      [10, undefined],
    ]);
  });

  it('never lets a request for two holes reach over what a file delivers', () => {
    // Half a day, a whole day from its file, half a day: hours make a request for all of them cheap.
    const hours = gridOf('1h');
    const march = monthRange(2024, 3);
    const wanted = [{ from: march.from - 3 * HOUR_MS, to: march.to + 3 * HOUR_MS }];
    const pages = planPages(candleSeries('BTCUSDT', '1h'), hours, wanted, { source: 'auto', now: NOW });
    expect(pages.map((page) => [page.tier, page.bars])).toEqual([
      ['rest', 3],
      ['archiveMonthly', 744],
      ['rest', 3],
    ]);
  });

  it('counts futures requests of 499 rows, and their weight by the rows asked for', () => {
    const um = candleSeries('BTCUSDT', '1m', 'um');
    const range = { from: Date.UTC(2024, 5, 19), to: Date.UTC(2024, 5, 19) + 1_000 * MINUTE_MS };
    const pages = planPages(um, minute, [range], { source: 'auto', now: NOW });
    expect(pages.map((page) => page.tier)).toEqual(['rest']);
    // 499 + 499 + 2 rows.
    expect(pageCost('um', pages[0]!)).toMatchObject({ requests: 3, weight: 5 });
    expect(pageCost('spot', pages[0]!)).toMatchObject({ requests: 1, weight: 2 });
    // COIN-M answers for 200 days at most.
    const years = { tier: 'rest' as const, range: monthsOf2020to2023(), bars: 1_461, file: null };
    expect(pageCost('cm', years).requests).toBe(8);
  });
});

describe('planner, whatever the holes', () => {
  const START = Date.UTC(2024, 2, 20);
  const piece = fc
    .tuple(fc.integer({ min: 0, max: 90 * 24 * 60 }), fc.integer({ min: 1, max: 5_000 }))
    .map(([at, bars]) => ({ from: START + at * MINUTE_MS, to: START + (at + bars) * MINUTE_MS }));
  const holes = fc
    .array(piece, { minLength: 1, maxLength: 20 })
    .map((pieces) => normalizeRanges(pieces).filter((range) => range.to <= NOW - HOUR_MS));
  const source = fc.constantFrom('auto' as const, 'rest' as const);
  const market = fc.constantFrom('spot' as const, 'um' as const, 'cm' as const);

  function planned(wanted: Range[], from: 'auto' | 'rest', at: 'spot' | 'um' | 'cm', onlyAtRest: Range[] = []) {
    return planPages(candleSeries('BTCUSDT', '1m', at), minute, wanted, { source: from, now: NOW, onlyAtRest });
  }

  it('every wanted bar is in exactly one page', () => {
    fc.assert(
      fc.property(holes, holes, source, market, (wanted, onlyAtRest, from, at) => {
        const pages = planned(wanted, from, at, onlyAtRest);
        for (const { tier, range } of pages)
          expect(tier === 'rest' || subtractRanges(intersectRanges(wanted, [range]), onlyAtRest).length > 0).toBe(true);
        const inPages = pages.flatMap((page) => intersectRanges(wanted, [page.range]));
        expect(normalizeRanges(inPages)).toEqual(wanted);
        expect(totalLength(inPages)).toBe(totalLength(wanted));
        for (const page of pages)
          expect(page.bars).toBe(totalLength(intersectRanges(wanted, [page.range])) / MINUTE_MS);
        const sums = noSums();
        addPlan(sums, at, { gaps: wanted, pages });
        expect(sums.bars).toBe(totalLength(wanted) / MINUTE_MS);
      }),
    );
  });

  it('a page that asks REST for bars that are not missing says so, counts them, and costs less than asking without', () => {
    fc.assert(
      fc.property(holes, source, market, (wanted, from, at) => {
        for (const page of planned(wanted, from, at)) {
          if (page.tier !== 'rest') continue;
          const extra = countBars(minute, page.range) - page.bars;
          expect(page.refetched ?? 0).toBe(extra);
          expect(page.note !== undefined).toBe(extra > 0);
          if (extra === 0) continue;
          const apart = intersectRanges(wanted, [page.range]).map((range) =>
            pageCost(at, { tier: 'rest', range, bars: countBars(minute, range), file: null }),
          );
          const weight = apart.reduce((sum, cost) => sum + cost.weight, 0);
          expect(pageCost(at, page).weight).toBeLessThanOrEqual(weight);
          expect(pageCost(at, page).requests).toBeLessThan(apart.reduce((sum, cost) => sum + cost.requests, 0) + 1);
        }
      }),
    );
  });

  it('the plan of what remains after any interruption holds no bar that was stored', () => {
    fc.assert(
      fc.property(holes, source, market, fc.array(fc.nat(), { maxLength: 10 }), (wanted, from, at, done) => {
        const first = planned(wanted, from, at);
        // Some pages were stored whole, one of them in part.
        const stored = done.flatMap((pick, index) => {
          const page = first[pick % Math.max(1, first.length)];
          if (!page) return [];
          const bars = intersectRanges(wanted, [page.range]);
          return index > 0
            ? bars
            : bars.map(({ from: start, to }) => ({
                from: start,
                to: start + Math.ceil((to - start) / MINUTE_MS / 2) * MINUTE_MS,
              }));
        });
        const rest = subtractRanges(wanted, stored);
        const inPages = planned(rest, from, at).flatMap((page) => intersectRanges(rest, [page.range]));
        expect(normalizeRanges(inPages)).toEqual(rest);
        expect(intersectRanges(inPages, stored)).toEqual([]);
      }),
    );
  });
});

function minutesOf(start: string, bars: number): Range {
  const from = Date.parse(`${start}Z`);
  return { from, to: from + bars * MINUTE_MS };
}

function monthsOf2020to2023(): Range {
  return { from: Date.UTC(2020, 0, 1), to: Date.UTC(2024, 0, 1) };
}
