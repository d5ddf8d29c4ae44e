import { gridOf, type Span } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapReason, gapsOfHoles, gapsOfSpans, gapTitle, isGapVerdict, spanAt } from './gap';

const MINUTE = 60_000;
const grid = gridOf('1m');
const spans: Span[] = [
  { from: 0, to: 100 * MINUTE, bars: 100, verdict: 'present' },
  { from: 100 * MINUTE, to: 180 * MINUTE, bars: 80, verdict: 'exchange_outage' },
  { from: 180 * MINUTE, to: 200 * MINUTE, bars: 20, verdict: 'unexplained' },
  { from: 200 * MINUTE, to: 300 * MINUTE, bars: 100, verdict: 'present' },
];

describe('gapsOfHoles', () => {
  it('splits a hole where the verdict changes', () => {
    const gaps = gapsOfHoles([{ from: 100 * MINUTE, to: 200 * MINUTE }], spans, grid);
    expect(gaps.map(({ bars, verdict }) => [bars, verdict])).toEqual([
      [80, 'exchange_outage'],
      [20, 'unexplained'],
    ]);
  });

  it('tells the true length of a gap that a window cuts', () => {
    const [gap] = gapsOfHoles([{ from: 150 * MINUTE, to: 180 * MINUTE }], spans, grid);
    expect(gap).toMatchObject({ from: 150 * MINUTE, bars: 80 });
  });

  it('draws a hole that the coverage calls present, but gives it no verdict', () => {
    const gaps = gapsOfHoles([{ from: 50 * MINUTE, to: 52 * MINUTE }], spans, grid);
    expect(gaps).toEqual([{ from: 50 * MINUTE, to: 52 * MINUTE, bars: 2, verdict: null }]);
    expect(gapReason(gaps[0]!)).toBe('coverage not read yet');
  });

  it('covers every hole without a rest, whatever the coverage knows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 350 }), fc.integer({ min: 1, max: 350 }), (from, length) => {
        const hole = { from: from * MINUTE, to: (from + length) * MINUTE };
        const gaps = gapsOfHoles([hole], spans, grid);
        expect(gaps[0]?.from).toBe(hole.from);
        expect(gaps[gaps.length - 1]?.to).toBe(hole.to);
        for (let i = 1; i < gaps.length; i++) expect(gaps[i]!.from).toBe(gaps[i - 1]!.to);
      }),
    );
  });
});

it('gapsOfSpans leaves out what is no hole of the data', () => {
  expect(gapsOfSpans(spans, { from: 90 * MINUTE, to: 110 * MINUTE })).toEqual([
    { from: 100 * MINUTE, to: 110 * MINUTE, bars: 80, verdict: 'exchange_outage' },
  ]);
  expect(isGapVerdict('not_listed_yet')).toBe(false);
  expect(isGapVerdict('not_asked')).toBe(true);
});

it('spanAt answers half-open: an edge belongs to what begins there', () => {
  expect(spanAt(spans, 100 * MINUTE)?.verdict).toBe('exchange_outage');
  expect(spanAt(spans, 100 * MINUTE - 1)?.verdict).toBe('present');
  expect(spanAt(spans, 300 * MINUTE)).toBeNull();
});

it('says one bar, and many bars with separators', () => {
  expect(gapTitle({ from: 0, to: 1, bars: 1, verdict: null })).toBe('1 bar missing');
  expect(gapTitle({ from: 0, to: 1, bars: 1_440, verdict: null })).toBe('1,440 bars missing');
});
