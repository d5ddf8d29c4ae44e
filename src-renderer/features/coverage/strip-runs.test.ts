import type { Span, Verdict } from '@shared/market';
import { VERDICTS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanColumns, VERDICT_WEIGHT } from '../../client';
import { createStripReducer, NOTHING, type StripRuns } from './strip-runs';

const MINUTE = 60_000;

function span(verdict: Verdict, fromMinute: number, toMinute: number): Span {
  return { from: fromMinute * MINUTE, to: toMinute * MINUTE, verdict, bars: toMinute - fromMinute };
}

/** What the runs say column by column. */
function columnsOf(runs: StripRuns): { verdict: number; share: number; thin: boolean }[] {
  const columns: { verdict: number; share: number; thin: boolean }[] = [];
  for (let i = 0; i < runs.count; i++)
    for (let x = runs.start[i]!; x < runs.start[i + 1]!; x++)
      columns.push({ verdict: runs.verdict[i]!, share: runs.share[i]!, thin: runs.thin[i] === 1 });
  return columns;
}

/** Neighbouring spans from minute 0 on, as coverage has them. */
const coverage = fc
  .array(fc.tuple(fc.constantFrom(...VERDICTS), fc.integer({ min: 1, max: 3_000 })), { minLength: 1, maxLength: 40 })
  .map((parts) => {
    let at = 0;
    return parts.map(([verdict, length]) => {
      const made = span(verdict, at, at + length);
      at += length;
      return made;
    });
  });

describe('strip reducer', () => {
  it('loses one missing minute among nine years of candles', () => {
    const years = 9 * 365 * 1_440;
    const at = 3_123_457;
    const spans = [span('present', 0, at), span('unexplained', at, at + 1), span('present', at + 1, years)];
    for (const columns of [300, 845, 2_560]) {
      const reduced = columnsOf(createStripReducer(columns).reduce(spanColumns(spans), 0, (years * MINUTE) / columns));
      const alarms = reduced.filter((each) => VERDICTS[each.verdict] === 'unexplained');
      expect(alarms).toHaveLength(1);
      expect(alarms[0]!.share).toBeGreaterThan(200);
    }
  });

  it('invents a gap in what is complete, or a candle in what is empty', () => {
    const reducer = createStripReducer(500);
    const full = columnsOf(reducer.reduce(spanColumns([span('present', 0, 1e6)]), 0, 2_000 * MINUTE));
    expect(full.every((each) => VERDICTS[each.verdict] === 'present' && each.share === 255)).toBe(true);
    const empty = columnsOf(reducer.reduce(spanColumns([span('not_asked', 0, 1e6)]), 0, 2_000 * MINUTE));
    expect(empty.every((each) => VERDICTS[each.verdict] === 'not_asked' && each.share === 0)).toBe(true);
  });

  it('says something about time that no span covers', () => {
    const reduced = columnsOf(createStripReducer(10).reduce(spanColumns([span('present', 5, 10)]), 0, MINUTE));
    expect(reduced.slice(0, 5).every((each) => each.verdict === NOTHING)).toBe(true);
    expect(reduced.slice(5).every((each) => each.verdict !== NOTHING)).toBe(true);
  });

  it('covers every column once, whatever the spans and the zoom', () => {
    fc.assert(
      fc.property(
        coverage,
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0.01, max: 5_000, noNaN: true }),
        fc.integer({ min: -50_000, max: 50_000 }),
        (spans, columns, minutesPerColumn, fromMinute) => {
          const runs = createStripReducer(columns).reduce(
            spanColumns(spans),
            fromMinute * MINUTE,
            minutesPerColumn * MINUTE,
          );
          expect(runs.start[0]).toBe(0);
          expect(runs.start[runs.count]).toBe(columns);
          for (let i = 0; i < runs.count; i++) expect(runs.start[i + 1]!).toBeGreaterThan(runs.start[i]!);
        },
      ),
    );
  });

  it('keeps the heaviest verdict of the whole, however many spans fall on one column', () => {
    fc.assert(
      fc.property(coverage, fc.integer({ min: 1, max: 300 }), (spans, columns) => {
        const end = spans.at(-1)!.to;
        const reduced = columnsOf(createStripReducer(columns).reduce(spanColumns(spans), 0, end / columns));
        const heaviest = (codes: readonly number[]) => Math.max(...codes.map((code) => VERDICT_WEIGHT[code]!));
        const shown = reduced.map((each) => each.verdict).filter((code) => code !== NOTHING);
        expect(heaviest(shown)).toBe(heaviest(spans.map((each) => VERDICTS.indexOf(each.verdict))));
      }),
    );
  });

  it('gives the same picture from a reducer that was used before', () => {
    fc.assert(
      fc.property(coverage, coverage, fc.integer({ min: 1, max: 200 }), (first, second, columns) => {
        const used = createStripReducer(columns);
        used.reduce(spanColumns(first), 0, 7 * MINUTE);
        const again = columnsOf(used.reduce(spanColumns(second), 0, 7 * MINUTE));
        expect(again).toEqual(columnsOf(createStripReducer(columns).reduce(spanColumns(second), 0, 7 * MINUTE)));
      }),
    );
  });
});
