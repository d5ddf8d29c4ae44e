import type { BackfillPlan } from '@shared/contract';
import { type Range, type Span, type StoredSeries, seriesKey, type Verdict } from '@shared/market';
import { expect, it } from 'vitest';
import { preflight } from './preflight';

const MINUTE = 60_000;
const KEY = 'binance:spot:BTCUSDT:1m';
const OTHER = 'binance:spot:ETHUSDT:1m';

/** Spans one behind the other from 0, each so many minutes long. */
function spansOf(...runs: [Verdict, number][]): Span[] {
  let at = 0;
  return runs.map(([verdict, bars]) => {
    const span = { verdict, bars, from: at, to: at + bars * MINUTE };
    at = span.to;
    return span;
  });
}

function services(spans: Record<string, Span[]>) {
  const planned: { key: string; range: Range }[][] = [];
  return {
    planned,
    coverage: {
      report: async (series: StoredSeries, range?: Range) => {
        const key = seriesKey(series);
        const own = spans[key]!;
        const bars = own.filter(({ verdict }) => verdict === 'present').reduce((sum, span) => sum + span.bars, 0);
        return { key, range: range!, bars, spans: own, missing: { explained: 0, unexplained: 0 }, revision: 1 };
      },
    },
    backfill: {
      plan: async ({ items }: { items: readonly { key: string; range: Range }[] }) => {
        planned.push([...items]);
        return { totals: { estimateMs: 2_000 } } as BackfillPlan;
      },
    },
  };
}

const range = { from: 0, to: 20 * MINUTE };

it('a run is kept back by bars that exist nowhere, or something is asked for them', async () => {
  const parts = services({
    [KEY]: spansOf(
      ['not_listed_yet', 4],
      ['present', 10],
      ['exchange_outage', 3],
      ['present', 2],
      ['not_closed_yet', 1],
    ),
  });
  const answer = await preflight(parts, [{ key: KEY, range }]);
  expect(answer).toEqual({
    needs: [{ key: KEY, range, bars: 20, present: 12, explained: 8, holes: 0, missing: 0 }],
    ready: true,
    holes: 0,
    missing: 0,
    items: [],
    estimateMs: null,
  });
  expect(parts.planned).toEqual([]);
});

it('one hole counts as several because its bars have different verdicts, or a need without holes is fetched too', async () => {
  const parts = services({
    [KEY]: spansOf(['present', 5], ['unexplained', 2], ['fetch_failed', 3], ['present', 5], ['not_asked', 5]),
    [OTHER]: spansOf(['present', 20]),
  });
  const answer = await preflight(parts, [
    { key: KEY, range },
    { key: OTHER, range },
  ]);
  expect(answer).toMatchObject({ ready: false, holes: 2, missing: 10, estimateMs: 2_000 });
  expect(answer.items).toEqual([{ key: KEY, range }]);
  expect(parts.planned).toEqual([[{ key: KEY, range }]]);
});
