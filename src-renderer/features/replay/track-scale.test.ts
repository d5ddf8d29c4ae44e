import { gridOf, type Span, type Verdict } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossedGaps, seekTarget, timeOfX, trackMarks, xOfTime } from './track-scale';

const MINUTE = 60_000;
const grid = gridOf('1m');

function spansOf(parts: readonly (readonly [number, Verdict])[]): Span[] {
  let at = 0;
  return parts.map(([bars, verdict]) => {
    const from = at;
    at += bars * MINUTE;
    return { from, to: at, bars, verdict };
  });
}

describe('track scale', () => {
  const scale = { range: { from: 0, to: 1_000 * MINUTE }, width: 500 };

  it('maps time to pixels and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const t = share * scale.range.to;
        expect(timeOfX(scale, xOfTime(scale, t))).toBeCloseTo(t, 3);
      }),
    );
  });

  it('seeks to whole bars inside the range, even from outside of the track', () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 700, noNaN: true }), (x) => {
        const to = seekTarget(scale, x, grid);
        expect(to % MINUTE).toBe(0);
        expect(to).toBeGreaterThanOrEqual(scale.range.from);
        expect(to).toBeLessThanOrEqual(scale.range.to);
      }),
    );
    expect(seekTarget(scale, 500, grid)).toBe(scale.range.to);
  });
});

describe('trackMarks', () => {
  it('shows one missing minute of a year, next to a long span that does not take its colour', () => {
    const spans = spansOf([
      [200_000, 'present'],
      [1, 'unexplained'],
      [100_000, 'not_asked'],
      [225_599, 'present'],
    ]);
    const scale = { range: { from: 0, to: 525_600 * MINUTE }, width: 500 };
    const marks = trackMarks(scale, spans);
    expect(marks.map((mark) => mark.verdict)).toEqual(['unexplained', 'not_asked']);
    expect(marks[0]!.width).toBe(2);
    expect(marks[1]!.width).toBeGreaterThan(90);
  });

  it('names a crowded pixel after the worst that lies in it', () => {
    const spans = spansOf([
      [250_000, 'present'],
      [1, 'confirmed_absent'],
      [5, 'present'],
      [1, 'unexplained'],
      [5, 'present'],
      [1, 'exchange_outage'],
      [275_587, 'present'],
    ]);
    const marks = trackMarks({ range: { from: 0, to: 525_600 * MINUTE }, width: 500 }, spans);
    expect(marks.map((mark) => mark.verdict)).toEqual(['unexplained']);
  });

  it('keeps marks in order, apart, inside the track, and loses no kind of alarm', () => {
    const part = fc.tuple(
      fc.integer({ min: 1, max: 5_000 }),
      fc.constantFrom<Verdict>('present', 'unexplained', 'exchange_outage', 'not_asked'),
    );
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 50, max: 900 }),
        (parts, width) => {
          const spans = spansOf(parts);
          const scale = { range: { from: 0, to: spans[spans.length - 1]!.to }, width };
          const marks = trackMarks(scale, spans);
          let end = 0;
          for (const mark of marks) {
            expect(mark.x).toBeGreaterThanOrEqual(end - 0.011);
            end = mark.x + mark.width;
          }
          expect(end).toBeLessThanOrEqual(width + 2.001);
          const alarm = spans.some((span) => span.verdict === 'unexplained');
          expect(marks.some((mark) => mark.verdict === 'unexplained')).toBe(alarm);
        },
      ),
    );
  });

  it('calls time that no span covers not asked', () => {
    expect(trackMarks({ range: { from: 0, to: 10 * MINUTE }, width: 100 }, [])).toEqual([
      { x: 0, width: 100, verdict: 'not_asked' },
    ]);
  });
});

it('crossedGaps counts a gap as far as the playhead has come, and none ahead of it', () => {
  const spans = spansOf([
    [10, 'present'],
    [5, 'exchange_outage'],
    [10, 'present'],
    [7, 'unexplained'],
    [10, 'present'],
  ]);
  const range = { from: 0, to: 42 * MINUTE };
  expect(crossedGaps(spans, range, 10 * MINUTE, grid)).toEqual({ bars: 0, gaps: 0 });
  expect(crossedGaps(spans, range, 12 * MINUTE, grid)).toEqual({ bars: 2, gaps: 1 });
  expect(crossedGaps(spans, range, 42 * MINUTE, grid)).toEqual({ bars: 12, gaps: 2 });
});
