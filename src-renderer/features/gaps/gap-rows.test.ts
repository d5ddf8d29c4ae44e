import type { Span, Verdict } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoverageBook, type CoveragePage } from '../../client';
import { ITEMS_AT_ONCE } from './fetch-range';
import { NO_PICKS, type Picks, pickAll, pickGap } from './gap-picks';
import { countGaps, GAP_VERDICTS, listGaps, NEEDS_ACTION, totalsOf } from './gap-rows';
import { gapText } from './gap-text';

const MINUTE = 60_000;
const key = (symbol: string) => `binance:spot:${symbol}:1m`;

function page(symbol: string, ...parts: [Verdict, number][]): CoveragePage {
  let at = Date.UTC(2021, 1, 17);
  const spans = parts.map(([verdict, bars]): Span => {
    const span = { from: at, to: at + bars * MINUTE, verdict, bars };
    at = span.to;
    return span;
  });
  const book = new CoverageBook();
  const range = { from: spans[0]?.from ?? 0, to: at };
  book.put([{ key: key(symbol), range, bars: 0, spans, missing: { explained: 0, unexplained: 0 }, revision: 1 }]);
  return book.get(key(symbol))!;
}

const PAGES = [
  page('BTCUSDT', ['present', 10], ['unexplained', 5], ['present', 1], ['exchange_outage', 90], ['not_closed_yet', 1]),
  page('ETHUSDT', ['not_listed_yet', 4], ['not_asked', 7], ['fetch_failed', 2], ['unexplained', 60]),
];
const say = (rows: ReturnType<typeof listGaps>) => rows.map(({ series, span }) => `${series.symbol} ${span.bars}`);

describe('list of gaps', () => {
  it('shows what is no gap, or hides one', () => {
    const all = listGaps(PAGES, GAP_VERDICTS, { by: 'series', reversed: false });
    expect(say(all)).toEqual(['BTCUSDT 5', 'BTCUSDT 90', 'ETHUSDT 7', 'ETHUSDT 2', 'ETHUSDT 60']);
    expect(say(listGaps(PAGES, NEEDS_ACTION, { by: 'series', reversed: false }))).not.toContain('BTCUSDT 90');
    expect(countGaps(PAGES)).toEqual({
      unexplained: 2,
      fetch_failed: 1,
      not_asked: 1,
      exchange_outage: 1,
      symbol_halt: 0,
      confirmed_absent: 0,
    });
    expect(totalsOf(all)).toEqual({ gaps: 5, bars: 164 });
  });

  it('orders by bars from the smallest, or by verdict from what is explained', () => {
    expect(say(listGaps(PAGES, GAP_VERDICTS, { by: 'bars', reversed: false }))[0]).toBe('BTCUSDT 90');
    expect(say(listGaps(PAGES, GAP_VERDICTS, { by: 'bars', reversed: true }))[0]).toBe('ETHUSDT 2');
    expect(say(listGaps(PAGES, GAP_VERDICTS, { by: 'verdict', reversed: false }))).toEqual([
      'BTCUSDT 5',
      'ETHUSDT 60',
      'ETHUSDT 2',
      'ETHUSDT 7',
      'BTCUSDT 90',
    ]);
    expect(say(listGaps(PAGES, GAP_VERDICTS, { by: 'from', reversed: true }))[0]).toBe('BTCUSDT 90');
  });

  it('turning the order round twice is another order, or changes the list it was given', () => {
    const order = { by: 'series', reversed: true } as const;
    const once = say(listGaps(PAGES, GAP_VERDICTS, order));
    expect(say(listGaps(PAGES, GAP_VERDICTS, order))).toEqual(once);
  });

  it('makes other rows of the same page, so that all of the list is drawn again', () => {
    const first = listGaps(PAGES, GAP_VERDICTS, { by: 'series', reversed: false });
    const again = listGaps(PAGES, GAP_VERDICTS, { by: 'series', reversed: false });
    expect(again[0]).toBe(first[0]);
  });

  it('copied text leaves out series, times, bars or why', () => {
    expect(gapText(listGaps(PAGES, ['unexplained'], { by: 'series', reversed: false })).split('\n')[0]).toBe(
      'binance:spot:BTCUSDT:1m · 2021-02-17 00:10 to 2021-02-17 00:15 UTC · 5 bars · unexplained',
    );
  });
});

describe('picking gaps', () => {
  const rows = listGaps(PAGES, GAP_VERDICTS, { by: 'series', reversed: false });
  const picked = (picks: Picks) => rows.map(({ id }) => picks.ids.has(id));

  it('extends from the last row instead of the anchor', () => {
    let picks = pickGap(NO_PICKS, rows, 2, 'alone');
    picks = pickGap(picks, rows, 4, 'extend');
    expect(picked(picks)).toEqual([false, false, true, true, true]);
    picks = pickGap(picks, rows, 0, 'extend');
    expect(picked(picks)).toEqual([true, true, true, false, false]);
  });

  it('takes the others away when one more is picked', () => {
    let picks = pickGap(NO_PICKS, rows, 0, 'alone');
    picks = pickGap(picks, rows, 3, 'toggle');
    expect(picked(picks)).toEqual([true, false, false, true, false]);
    picks = pickGap(picks, rows, 0, 'toggle');
    expect(picked(picks)).toEqual([false, false, false, true, false]);
  });

  it('picks more than one job takes, whatever is done', () => {
    const many = Array.from({ length: ITEMS_AT_ONCE + 500 }, (_, index) => ({ ...rows[0]!, id: String(index) }));
    expect(pickAll(many).ids.size).toBe(ITEMS_AT_ONCE);
    const act = fc.tuple(fc.integer({ min: 0, max: many.length - 1 }), fc.constantFrom('toggle', 'extend', 'alone'));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 6 }), (acts) => {
        let picks = NO_PICKS;
        for (const [index, how] of acts) picks = pickGap(picks, many, index, how as 'toggle');
        expect(picks.ids.size).toBeLessThanOrEqual(ITEMS_AT_ONCE);
        if (acts.at(-1)?.[1] === 'alone') expect([...picks.ids]).toEqual([String(acts.at(-1)![0])]);
      }),
      { numRuns: 30 },
    );
  });

  it('a row that is gone breaks the range', () => {
    const picks = pickGap({ ids: new Set(['gone']), anchor: 'gone' }, rows, 1, 'extend');
    expect(picked(picks)).toEqual([false, true, false, false, false]);
    expect(pickGap(picks, rows, 99, 'alone')).toBe(picks);
  });
});
