import type { Span, Verdict } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstEndingAfter, hitSpan, neighbourGap, spanColumns } from './span-columns';

const MINUTE = 60_000;
const span = (verdict: Verdict, from: number, to: number): Span => ({
  from: from * MINUTE,
  to: to * MINUTE,
  verdict,
  bars: to - from,
});

const SPANS = [
  span('not_listed_yet', 0, 100),
  span('present', 100, 5_000),
  span('unexplained', 5_000, 5_001),
  span('present', 5_001, 9_000),
  span('exchange_outage', 9_000, 9_120),
  span('present', 9_120, 12_000),
  span('not_asked', 12_000, 20_000),
  span('not_closed_yet', 20_000, 20_001),
];
const COLUMNS = spanColumns(SPANS);

describe('hit test', () => {
  it('misses one missing minute at a scale where it is a hundredth of a pixel', () => {
    const msPerPx = 100 * MINUTE;
    expect(hitSpan(COLUMNS, 5_000 * MINUTE + 3 * msPerPx, 4 * msPerPx)).toBe(2);
    expect(hitSpan(COLUMNS, 5_000 * MINUTE - 3 * msPerPx, 4 * msPerPx)).toBe(2);
  });

  it('gives a broad span to a pointer that is beside it', () => {
    expect(hitSpan(COLUMNS, 11_999 * MINUTE, 4 * MINUTE)).toBe(5);
    expect(hitSpan(COLUMNS, 12_001 * MINUTE, 4 * MINUTE)).toBe(6);
  });

  it('means something outside of all spans', () => {
    expect(hitSpan(COLUMNS, 30_000 * MINUTE, MINUTE)).toBe(-1);
    expect(hitSpan(spanColumns([]), 0, MINUTE)).toBe(-1);
  });
});

describe('walk through the gaps', () => {
  const edge = (t: number) => ({ from: t, to: t });

  it('skips a gap, stops at what is no gap, or never ends', () => {
    const seen: number[] = [];
    let at = edge(Number.NEGATIVE_INFINITY);
    for (let i = neighbourGap(COLUMNS, at, 1); i !== -1; i = neighbourGap(COLUMNS, at, 1)) {
      seen.push(i);
      at = SPANS[i]!;
    }
    expect(seen).toEqual([2, 4, 6]);
  });

  it('goes back another way than it came', () => {
    const seen: number[] = [];
    let at = edge(Number.POSITIVE_INFINITY);
    for (let i = neighbourGap(COLUMNS, at, -1); i !== -1; i = neighbourGap(COLUMNS, at, -1)) {
      seen.push(i);
      at = SPANS[i]!;
    }
    expect(seen).toEqual([6, 4, 2]);
  });
});

describe('binary search', () => {
  it('differs from looking at every span', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
        fc.integer({ min: -10, max: 3_000 }),
        (lengths, at) => {
          let end = 0;
          const spans = lengths.map((length, i) => {
            const made = span(i % 2 === 0 ? 'present' : 'unexplained', end, end + length);
            end += length;
            return made;
          });
          const expected = spans.findIndex((each) => each.to > at * MINUTE);
          expect(firstEndingAfter(spanColumns(spans), at * MINUTE)).toBe(expected === -1 ? spans.length : expected);
        },
      ),
    );
  });
});
