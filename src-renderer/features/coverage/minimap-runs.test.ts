import { type Span, VERDICTS, type Verdict } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESENT, spanColumns, VERDICT_WEIGHT } from '../../client';
import { worstOfRows } from './minimap-runs';
import { NOTHING, type StripRuns } from './strip-runs';

const row = fc
  .tuple(
    fc.integer({ min: 0, max: 300 }),
    fc.array(fc.tuple(fc.constantFrom(...VERDICTS), fc.integer({ min: 1, max: 200 })), { maxLength: 12 }),
  )
  .map(([start, parts]) => {
    let at = start;
    return parts.map(([verdict, bars]): Span => {
      const span = { from: at, to: at + bars, verdict, bars };
      at += bars;
      return span;
    });
  });

function columnsOf(runs: StripRuns): number[] {
  const shown: number[] = [];
  for (let i = 0; i < runs.count; i++) shown.push(...Array(runs.start[i + 1]! - runs.start[i]!).fill(runs.verdict[i]!));
  return shown;
}

/** What a column must show, bar by bar: the heaviest gap of any row with something to do, else what is stored, else why nothing is. */
function expected(rows: readonly Span[][], from: number, to: number): number {
  const codes = new Set<Verdict>();
  for (const spans of rows) for (const span of spans) if (span.from < to && span.to > from) codes.add(span.verdict);
  const toDo = ['unexplained', 'fetch_failed', 'not_asked', 'present'];
  const list = [...codes].filter((code) => !codes.has('present') || toDo.includes(code));
  const heaviest = list.sort((a, b) => VERDICT_WEIGHT[VERDICTS.indexOf(b)]! - VERDICT_WEIGHT[VERDICTS.indexOf(a)]!)[0];
  return heaviest === undefined ? NOTHING : VERDICTS.indexOf(heaviest);
}

describe('minimap', () => {
  it('hides the worst of what can be repaired, however short and however many rows, or lets explained gaps hide what is stored', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 1, max: 60 }), (rows, columns) => {
        const width = 2_500 / columns;
        const shown = columnsOf(worstOfRows(rows.map(spanColumns), 0, width, columns));
        expect(shown).toEqual(Array.from({ length: columns }, (_, x) => expected(rows, x * width, (x + 1) * width)));
      }),
    );
  });

  it('calls time in which one series lives and another does not missing', () => {
    const spans = (verdict: Verdict): Span[] => [{ from: 0, to: 10, bars: 10, verdict }];
    const rows = [spanColumns(spans('delisted')), null, spanColumns(spans('present'))];
    expect(columnsOf(worstOfRows(rows, 0, 1, 10))).toEqual(Array(10).fill(PRESENT));
  });
});
