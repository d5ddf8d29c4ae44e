import {
  countBars,
  DAY_MS,
  gridOf,
  HOUR_MS,
  type Interval,
  intervalMs,
  MINUTE_MS,
  type Span,
  VERDICTS,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanColumns, VERDICT_WEIGHT } from '../../client';
import { addSeries, createTally, nextGapCell, sumBars, UNKNOWN } from './cell-tally';

const START = Date.UTC(2021, 0, 1);

/** Neighbouring spans of whole bars, from some bars before or behind the start on. */
const series = fc
  .tuple(
    fc.constantFrom<Interval>('1m', '5m', '1h', '1d', '1w', '1M'),
    fc.integer({ min: -40, max: 40 }),
    fc.array(fc.tuple(fc.constantFrom(...VERDICTS), fc.integer({ min: 1, max: 60 })), { maxLength: 10 }),
  )
  .map(([interval, offset, parts]) => {
    const grid = gridOf(interval);
    let index = grid.indexOf(START) + offset;
    const spans = parts.map(([verdict, bars]): Span => {
      const span = { from: grid.openAt(index), to: grid.openAt(index + bars), verdict, bars };
      index += bars;
      return span;
    });
    return { interval, spans };
  });

const KIND = {
  present: 'present',
  exchange_outage: 'explained',
  symbol_halt: 'explained',
  confirmed_absent: 'explained',
  not_asked: 'notAsked',
  unexplained: 'alarming',
  fetch_failed: 'alarming',
} as const;

describe('cells of time', () => {
  it.each([
    ['days', DAY_MS, 40],
    ['minutes', MINUTE_MS, 300],
    ['hours', HOUR_MS, 72],
  ])('%s count a bar twice, lose one, or hide the worst of a cell', (_name, cellMs, cells) => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), (all) => {
        const tally = createTally(START, cellMs, cells);
        for (const { interval, spans } of all) addSeries(tally, spanColumns(spans), interval);
        const shown: unknown[] = [];
        const expected: unknown[] = [];
        for (let cell = 0; cell < cells; cell++) {
          const [from, to] = [START + cell * cellMs, START + (cell + 1) * cellMs];
          const bars = { present: 0, explained: 0, notAsked: 0, alarming: 0 };
          let worst = -1;
          for (const { interval, spans } of all) {
            for (const span of spans) {
              const part = { from: Math.max(from, span.from), to: Math.min(to, span.to) };
              if (part.to <= part.from) continue;
              worst = Math.max(worst, VERDICT_WEIGHT[VERDICTS.indexOf(span.verdict)]!);
              const kind = KIND[span.verdict as keyof typeof KIND];
              if (kind) bars[kind] += countBars(gridOf(interval), part);
            }
          }
          const code = tally.worst[cell]!;
          shown.push([code === UNKNOWN ? -1 : VERDICT_WEIGHT[code], sumBars(tally, cell, cell + 1)]);
          expected.push([worst, bars]);
        }
        expect(shown).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('a week of candles is missing on one day only, or a month on none', () => {
    const tally = createTally(START, DAY_MS, 31);
    const grid = gridOf('1w');
    const from = grid.openAt(grid.indexOf(START) + 1);
    addSeries(tally, spanColumns([{ from, to: from + intervalMs('1w'), bars: 1, verdict: 'unexplained' }]), '1w');
    expect(sumBars(tally, 0, 31).alarming).toBe(1);
    expect([...tally.worst].filter((code) => VERDICTS[code] === 'unexplained')).toHaveLength(7);
  });

  it('walks to what needs no action, or past the end', () => {
    const tally = createTally(0, 10_000, 5);
    const cut = (second: number, verdict: Span['verdict']): Span => ({
      from: second * 1_000,
      to: second * 1_000 + 10_000,
      bars: 10,
      verdict,
    });
    addSeries(tally, spanColumns([cut(10, 'exchange_outage'), cut(20, 'present'), cut(30, 'unexplained')]), '1s');
    expect(nextGapCell(tally, 0, 1, false)).toBe(1);
    expect(nextGapCell(tally, 0, 1, true)).toBe(3);
    expect(nextGapCell(tally, 3, 1, false)).toBe(-1);
    expect(nextGapCell(tally, 3, -1, true)).toBe(-1);
  });
});
