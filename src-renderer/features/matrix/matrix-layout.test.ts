import { MINUTE_MS, type Span } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanColumns, VERDICT_WEIGHT } from '../../client';
import { createStripReducer } from '../coverage';
import {
  cellLeft,
  layoutOf,
  maxScrollLeft,
  maxScrollTop,
  nearestPlace,
  placeAt,
  scrollToShow,
  spannedBy,
  type Viewport,
  visibleLines,
} from './matrix-layout';

function view(part: Partial<Viewport> & { columns?: number } = {}): Viewport {
  const width = part.width ?? 800;
  return {
    layout: layoutOf(width, part.columns ?? 4),
    lines: 500,
    width,
    height: 400,
    scrollTop: 0,
    scrollLeft: 0,
    ...part,
  };
}

describe('layout', () => {
  it('columns leave a seam, overlap, or do not fill the width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 3_000 }), fc.integer({ min: 1, max: 16 }), (width, columns) => {
        const layout = layoutOf(width, columns);
        expect(cellLeft(layout, 0)).toBe(0);
        expect(cellLeft(layout, columns)).toBe(layout.contentWidth);
        expect(layout.contentWidth).toBeGreaterThanOrEqual(width);
        const right = layout.strip.x + layout.strip.width;
        for (let i = 0; i < columns; i++) expect(cellLeft(layout, i) + right).toBeLessThan(cellLeft(layout, i + 1));
        expect(layout.strip.width).toBeGreaterThan(40);
      }),
    );
  });

  it('sixteen intervals are squeezed into a small window instead of scrolling', () => {
    const narrow = view({ width: 600, columns: 16 });
    expect(maxScrollLeft(narrow)).toBeGreaterThan(600);
    expect(maxScrollLeft(view())).toBe(0);
  });
});

describe('places', () => {
  it('a point is in another cell than the one that is drawn there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 300, max: 2_000 }),
        fc.integer({ min: 1, max: 16 }),
        fc.nat(4_000),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (width, columns, scrollTop, share) => {
          const now = view({ width, columns, scrollTop });
          const x = share * width;
          const place = placeAt(now, x, 17);
          expect(place).not.toBeNull();
          expect(cellLeft(now.layout, place!.column)).toBeLessThanOrEqual(x);
          expect(cellLeft(now.layout, place!.column + 1)).toBeGreaterThan(x);
          expect(place!.line).toBe(Math.floor((scrollTop + 17) / now.layout.rowHeight));
        },
      ),
    );
  });

  it('heads and the ground behind the last line are taken for cells', () => {
    expect(placeAt(view(), -5, 40)).toEqual({ line: 1, column: -1 });
    expect(placeAt(view({ lines: 1 }), 5, 40)).toBeNull();
    expect(nearestPlace(view({ lines: 1 }), 5_000, 4_000)).toEqual({ line: 0, column: 3 });
  });

  it('a lasso misses its corners, or depends on where it began', () => {
    const corner = fc.record({ line: fc.nat(20), column: fc.nat(7) });
    fc.assert(
      fc.property(corner, corner, (a, b) => {
        const range = spannedBy(a, b, 21, 8);
        expect(range).toEqual(spannedBy(b, a, 21, 8));
        for (const { line, column } of [a, b]) {
          expect(line >= range.firstLine && line <= range.lastLine).toBe(true);
          expect(column >= range.firstColumn && column <= range.lastColumn).toBe(true);
        }
      }),
    );
  });

  it('from head to head a lasso takes part of the rows or columns', () => {
    expect(spannedBy({ line: 3, column: -1 }, { line: 5, column: -1 }, 9, 4)).toEqual({
      firstLine: 3,
      lastLine: 5,
      firstColumn: 0,
      lastColumn: 3,
    });
    expect(spannedBy({ line: -1, column: 1 }, { line: -1, column: 2 }, 9, 4)).toMatchObject({
      firstLine: 0,
      lastLine: 8,
    });
  });
});

describe('scrolling', () => {
  it('the active cell stays out of sight, or the view jumps without need', () => {
    fc.assert(
      fc.property(fc.nat(499), fc.nat(15), fc.nat(10_000), fc.nat(1_000), (line, column, top, left) => {
        const now = view({ columns: 16, width: 500 });
        const before = {
          ...now,
          scrollTop: Math.min(top, maxScrollTop(now)),
          scrollLeft: Math.min(left, maxScrollLeft(now)),
        };
        const to = scrollToShow(before, { line, column });
        const after = { ...before, scrollTop: to.top, scrollLeft: to.left };
        const { rowHeight } = now.layout;
        expect(line * rowHeight).toBeGreaterThanOrEqual(after.scrollTop);
        expect((line + 1) * rowHeight).toBeLessThanOrEqual(after.scrollTop + after.height - 11);
        expect(cellLeft(now.layout, column)).toBeGreaterThanOrEqual(after.scrollLeft);
        expect(cellLeft(now.layout, column + 1)).toBeLessThanOrEqual(after.scrollLeft + after.width);
        expect(scrollToShow(after, { line, column })).toEqual(to);
      }),
    );
  });

  it('a line at the edge is not drawn', () => {
    const now = view({ scrollTop: 10 });
    const { first, last } = visibleLines(now);
    expect(first).toBe(0);
    expect(last * now.layout.rowHeight).toBeGreaterThanOrEqual(10 + now.height);
    expect(visibleLines(view({ lines: 2 }))).toEqual({ first: 0, last: 2 });
  });
});

describe('strip of a cell', () => {
  it('one missing minute among nine years vanishes at the width of a cell, or something milder covers it', () => {
    const strip = layoutOf(720, 8).strip;
    const minutes = 9 * 365 * 1_440;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: minutes - 2 }), fc.constantFrom(1, 1.5, 2), (at, ratio) => {
        const spans: Span[] = [
          { from: 0, to: at * MINUTE_MS, verdict: 'present', bars: at },
          { from: at * MINUTE_MS, to: (at + 1) * MINUTE_MS, verdict: 'unexplained', bars: 1 },
          { from: (at + 1) * MINUTE_MS, to: minutes * MINUTE_MS, verdict: 'exchange_outage', bars: minutes - at - 1 },
        ];
        const columns = Math.round(strip.width * ratio);
        const runs = createStripReducer(columns).reduce(spanColumns(spans), 0, (minutes * MINUTE_MS) / columns);
        const weights = [...runs.verdict.subarray(0, runs.count)].map((code) => VERDICT_WEIGHT[code] ?? 0);
        expect(Math.max(...weights)).toBe(9);
      }),
    );
  });
});
