import { countBars, gridOf, type Range, type Span, type Verdict } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOLE_PLACES } from './axis';
import {
  axisBars,
  extentOf,
  needsWindow,
  planWindow,
  WINDOW_BARS_MAX,
  type WindowSubject,
  walkAxis,
} from './candle-window';
import { focusRange } from './focus-range';

const MINUTE = 60_000;
const START = Date.UTC(2021, 0, 1);
const grid = gridOf('1m');

function subjectOf(parts: readonly (readonly [number, Verdict])[]): WindowSubject {
  let at = START;
  const spans = parts.map(([bars, verdict]): Span => {
    const from = at;
    at += bars * MINUTE;
    return { from, to: at, bars, verdict };
  });
  return { grid, spans, extent: extentOf(spans) ?? { from: START, to: at } };
}

const coverage = fc
  .array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 30 })
  .map((lengths) => subjectOf(lengths.map((bars, i) => [bars, i % 2 === 0 ? 'present' : 'not_asked'] as const)));

const view = fc.record({
  at: fc.double({ min: -0.2, max: 1.2, noNaN: true }),
  bars: fc.integer({ min: 5, max: 400_000 }),
  width: fc.integer({ min: 200, max: 3_000 }),
});

function visibleOf(subject: WindowSubject, at: number, bars: number): Range {
  const { from, to } = subject.extent;
  const middle = from + at * (to - from);
  return { from: middle - (bars * MINUTE) / 2, to: middle + (bars * MINUTE) / 2 };
}

describe('planWindow', () => {
  it('never asks for more bars than the chart may hold, and never outside of what can have candles', () => {
    fc.assert(
      fc.property(coverage, view, (subject, { at, bars, width }) => {
        const plan = planWindow(subject, visibleOf(subject, at, bars), width);
        expect(plan.maxBars).toBeLessThanOrEqual(WINDOW_BARS_MAX);
        expect(plan.maxBars).toBeGreaterThanOrEqual(100);
        expect(plan.range.from).toBeGreaterThanOrEqual(subject.extent.from);
        expect(plan.range.to).toBeLessThanOrEqual(subject.extent.to);
        let last = plan.range.from;
        for (const piece of plan.pieces) {
          expect(piece.from).toBeGreaterThanOrEqual(last);
          expect(piece.to).toBeLessThanOrEqual(plan.range.to);
          // A piece with more bars would come back aggregated while the others do not.
          if (!plan.aggregated) expect(countBars(grid, piece)).toBeLessThanOrEqual(plan.maxBars);
          last = piece.to;
        }
      }),
    );
  });

  it('leaves out no stored bar of the window when it splits it into pieces', () => {
    fc.assert(
      fc.property(coverage, view, (subject, { at, bars, width }) => {
        const plan = planWindow(subject, visibleOf(subject, at, bars), width);
        for (const span of subject.spans.filter((each) => each.verdict === 'present')) {
          const wanted = countBars(grid, cut(span, plan.range));
          const read = plan.pieces.reduce((sum, piece) => sum + countBars(grid, cut(span, piece)), 0);
          expect(read).toBe(wanted);
        }
      }),
    );
  });

  it('brings what is visible with room to pan, so that a fresh window is never wanted anew at once', () => {
    fc.assert(
      fc.property(coverage, view, (subject, { at, bars, width }) => {
        const visible = visibleOf(subject, Math.min(1, Math.max(0, at)), bars);
        const plan = planWindow(subject, visible, width);
        const places = plan.aggregated
          ? ((visible.to - visible.from) / (plan.range.to - plan.range.from)) * plan.maxBars
          : axisBars(subject, visible);
        const loaded = { plan, barPx: width / Math.max(1, places), width };
        expect(needsWindow(subject, loaded, visible)).toBe(false);
      }),
    );
  });

  it('jumps a gap of years instead of filling the window with it', () => {
    const subject = subjectOf([
      [5_000, 'present'],
      [2_000_000, 'not_asked'],
      [5_000, 'present'],
    ]);
    const edge = START + 5_000 * MINUTE;
    const plan = planWindow(subject, { from: edge - 100 * MINUTE, to: edge }, 1_200);
    expect(plan.aggregated).toBe(false);
    expect(plan.pieces).toHaveLength(2);
    expect(plan.range.to).toBeGreaterThan(START + 2_005_000 * MINUTE);
  });

  it('aggregates when single bars would be narrower than a pixel', () => {
    const subject = subjectOf([[3_000_000, 'present']]);
    const plan = planWindow(subject, { from: START, to: START + 1_000_000 * MINUTE }, 1_200);
    expect(plan.aggregated).toBe(true);
    expect(plan.maxBars).toBeLessThan(2_000);
  });
});

describe('walkAxis', () => {
  it('goes as many places as axisBars counts, or to the edge', () => {
    fc.assert(
      fc.property(
        coverage,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -5_000, max: 5_000 }),
        (subject, share, places) => {
          const { from, to } = subject.extent;
          const t = grid.openAt(grid.indexOf(from + share * (to - from)));
          const reached = walkAxis(subject, t, places);
          const walked = axisBars(subject, { from: Math.min(t, reached), to: Math.max(t, reached) });
          if (reached === from || reached === to) expect(walked).toBeLessThanOrEqual(Math.abs(places) + HOLE_PLACES);
          // A gap cut at an end counts anew with up to all of its places.
          else expect(Math.abs(walked - Math.abs(places))).toBeLessThanOrEqual(2 * HOLE_PLACES);
        },
      ),
    );
  });

  it('is exact where nothing is missing', () => {
    const subject = subjectOf([[10_000, 'present']]);
    expect(walkAxis(subject, START + 100 * MINUTE, 50)).toBe(START + 150 * MINUTE);
    expect(walkAxis(subject, START + 100 * MINUTE, -50)).toBe(START + 50 * MINUTE);
    expect(walkAxis(subject, START + 100 * MINUTE, -500)).toBe(START);
  });
});

describe('focusRange', () => {
  const subject = subjectOf([
    [10_000, 'present'],
    [1_440, 'unexplained'],
    [10_000, 'present'],
  ]);

  it('shows a gap together with candles on both sides', () => {
    const gap = { from: START + 10_000 * MINUTE, to: START + 11_440 * MINUTE };
    const range = focusRange(subject, { at: gap.from, range: gap }, 1_200, null);
    expect(range.from).toBeLessThanOrEqual(gap.from - 40 * MINUTE);
    expect(range.to).toBeGreaterThanOrEqual(gap.to + 40 * MINUTE);
    expect(axisBars(subject, range)).toBeLessThanOrEqual(3 * HOLE_PLACES);
  });

  it('keeps the number of places when it moves to another moment', () => {
    const keep = { from: START, to: START + 300 * MINUTE };
    const range = focusRange(subject, { at: START + 5_000 * MINUTE }, 1_200, keep);
    expect(axisBars(subject, range)).toBe(300);
  });

  it('puts the newest candle near the right edge instead of half a screen of nothing', () => {
    const end = subject.extent.to;
    const range = focusRange(subject, { at: end }, 1_200, null);
    expect(range.to - end).toBeLessThanOrEqual(5 * MINUTE);
    expect(axisBars(subject, range)).toBeGreaterThan(100);
  });
});

function cut(a: Range, b: Range): Range {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}
