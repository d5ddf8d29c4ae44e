import {
  DAY_MS,
  gridOf,
  HOUR_MS,
  intersectRanges,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  tradeSeries,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTradePages, type TradePlanOptions, tradePageCost } from './trade-planner';

const GRID = gridOf('1m');
const NOW = Date.UTC(2025, 3, 15, 12);
const day = (back: number): Range => {
  const from = Math.floor(NOW / DAY_MS) * DAY_MS - back * DAY_MS;
  return { from, to: from + DAY_MS };
};
const BTC = tradeSeries('BTCUSDT');
const UM = tradeSeries('BTCUSDT', 'um');
const plan = (wanted: readonly Range[], options: Partial<TradePlanOptions> = {}, series = BTC) =>
  planTradePages(series, GRID, wanted, { source: 'auto', now: NOW, perMinute: 700, onlyAtRest: [], ...options });

const ranges = fc.array(fc.tuple(fc.nat(10 * 1440), fc.integer({ min: 1, max: 3000 })), { maxLength: 6 }).map((list) =>
  normalizeRanges(
    list.map(([back, length]) => {
      const from = Math.floor(NOW / MINUTE_MS) * MINUTE_MS - (back + length) * MINUTE_MS;
      return { from, to: from + length * MINUTE_MS };
    }),
  ),
);

describe('a plan of trades', () => {
  it('leaves a wanted minute out, fetches one twice, or one that is not wanted', () => {
    fc.assert(
      fc.property(
        ranges,
        ranges,
        fc.constantFrom(BTC, UM),
        fc.constantFrom(0.01, 3, 700, 20_000),
        fc.constantFrom('auto', 'rest'),
        (wanted, lacking, series, perMinute, source) => {
          const onlyAtRest = intersectRanges(wanted, lacking);
          const pages = plan(wanted, { perMinute, source: source as 'auto', onlyAtRest }, series);
          const parts = pages.map((page) => intersectRanges(wanted, [page.range]));
          const fetched = pages.flatMap((page, index) =>
            page.tier === 'rest' ? parts[index]! : intersectRanges(parts[index]!, [page.range]),
          );
          expect(normalizeRanges(fetched)).toEqual(wanted);
          // REST pages and files share no minute: what only REST may have is never left to a file.
          const atRest = normalizeRanges(pages.filter((page) => page.tier === 'rest').map((page) => page.range));
          expect(intersectRanges(onlyAtRest, atRest)).toEqual(onlyAtRest);
          const total = pages.reduce((sum, page) => sum + page.bars, 0);
          expect(total).toBe(wanted.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0));
          for (const page of pages) expect(page.tier).not.toBe('archiveMonthly');
        },
      ),
    );
  });

  it('fetches a busy day by a thousand requests, or a file for a minute', () => {
    expect(plan([day(5)])).toMatchObject([
      { tier: 'archiveDaily', bars: 1440, file: 'BTCUSDT-aggTrades-2025-04-10.zip' },
    ]);
    const minute = { from: day(5).from, to: day(5).from + MINUTE_MS };
    expect(plan([minute])).toMatchObject([{ tier: 'rest', bars: 1, estimatedTrades: 700 }]);
  });

  it('waits for a file of yesterday, where REST has all of it', () => {
    expect(plan([day(1)]).every((page) => page.tier === 'rest')).toBe(true);
    expect(plan([day(5)], { without: new Set(['BTCUSDT-aggTrades-2025-04-10.zip']) })[0]).toMatchObject({
      tier: 'rest',
    });
  });

  it('asks REST for futures that it no longer serves, though their file may be there', () => {
    const minute = { from: day(1).from, to: day(1).from + MINUTE_MS };
    expect(plan([minute], {}, UM)).toMatchObject([{ tier: 'archiveDaily', bars: 1 }]);
    expect(plan([{ from: day(0).from, to: day(0).from + HOUR_MS }], {}, UM)[0]).toMatchObject({ tier: 'rest' });
  });

  it('keeps one lane busy with a long range, or makes pieces that are all beginning', () => {
    const pages = plan([day(1)], { source: 'rest' });
    expect(pages.length).toBeGreaterThan(20);
    for (const page of pages) expect(tradePageCost('spot', page).requests).toBeLessThanOrEqual(21);
    expect(plan([day(1)], { source: 'rest', perMinute: 0.5 })).toHaveLength(1);
  });

  it('hides what it costs', () => {
    const [file] = plan([day(5)]);
    expect(tradePageCost('spot', file!)).toMatchObject({ requests: 3, weight: 0 });
    const [page] = plan([{ from: day(1).from, to: day(1).from + 10 * MINUTE_MS }]);
    expect(tradePageCost('spot', page!)).toMatchObject({ requests: 8, weight: 32 });
    expect(tradePageCost('um', page!)).toMatchObject({ requests: 8, weight: 160 });
  });
});
