import { DAY_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clampView,
  lastRange,
  MIN_MS_PER_PX,
  panView,
  rangeOf,
  resizeView,
  timeAt,
  viewAround,
  viewOf,
  wholeRange,
  xOf,
  zoomView,
} from './time-view';
import { betweenViews } from './view-motion';

const NOW = Date.UTC(2026, 10, 25);
const WHOLE = wholeRange(NOW);

const view = fc
  .record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    scale: fc.double({ min: 0, max: 1, noNaN: true }),
    width: fc.integer({ min: 1, max: 4_000 }),
  })
  .map(({ at, scale, width }) => {
    const widest = (WHOLE.to - WHOLE.from) / width;
    const msPerPx = MIN_MS_PER_PX * (widest / MIN_MS_PER_PX) ** scale;
    const room = WHOLE.to - WHOLE.from - msPerPx * width;
    return clampView({ from: WHOLE.from + at * room, msPerPx, width }, WHOLE);
  });

describe('time view', () => {
  it('goes from nine years to single seconds and back by the wheel', () => {
    let shown = viewOf(WHOLE, 1_000);
    for (let i = 0; i < 200; i++) shown = zoomView(shown, 500, 1.2, WHOLE);
    expect(shown.msPerPx).toBe(MIN_MS_PER_PX);
    for (let i = 0; i < 200; i++) shown = zoomView(shown, 500, 1 / 1.2, WHOLE);
    expect(rangeOf(shown).from).toBeCloseTo(WHOLE.from, -2);
    expect(rangeOf(shown).to).toBeCloseTo(WHOLE.to, -2);
  });

  it('lets the moment under the pointer slip while zooming in', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        (shown, part, factor) => {
          const x = part * shown.width;
          const zoomed = zoomView(shown, x, factor, WHOLE);
          expect(Math.abs(timeAt(zoomed, x) - timeAt(shown, x))).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('never shows time outside of the limits, whatever is done', () => {
    fc.assert(
      fc.property(
        view,
        fc.double({ min: -1e5, max: 1e5, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 5_000 }),
        (shown, dx, factor, width) => {
          for (const next of [
            panView(shown, dx, WHOLE),
            zoomView(shown, shown.width / 2, factor, WHOLE),
            resizeView(shown, width, WHOLE),
            viewAround({ from: NOW, to: NOW + 1 }, width, WHOLE),
          ]) {
            const range = rangeOf(next);
            expect(range.from).toBeGreaterThanOrEqual(WHOLE.from - 1);
            expect(range.to).toBeLessThanOrEqual(WHOLE.to + 1);
          }
        },
      ),
    );
  });

  it('maps pixels to time and back to the same pixel', () => {
    fc.assert(
      fc.property(view, fc.double({ min: 0, max: 1, noNaN: true }), (shown, part) => {
        const x = part * shown.width;
        // Milliseconds since 1970 leave a double about a 4,000th of one.
        expect(Math.abs(xOf(shown, timeAt(shown, x)) - x)).toBeLessThan(0.01);
      }),
    );
  });

  it('pans back to where it was', () => {
    const shown = clampView(viewOf({ from: NOW - 400 * DAY_MS, to: NOW - 390 * DAY_MS }, 900), WHOLE);
    const back = panView(panView(shown, 123, WHOLE), -123, WHOLE);
    expect(Math.abs(back.from - shown.from)).toBeLessThan(1);
  });

  it('shows more future than the newest candle needs when the last days are asked for', () => {
    const year = 365 * DAY_MS;
    const shown = rangeOf(viewAround(lastRange(NOW, year), 1_000, WHOLE, 0));
    expect(shown.from).toBeCloseTo(NOW - year, -1);
    expect(shown.to).toBeGreaterThan(NOW);
    expect(shown.to).toBeLessThan(NOW + year / 20);
  });
});

describe('motion between views', () => {
  it('starts and ends elsewhere than asked', () => {
    fc.assert(
      fc.property(view, view, (from, other) => {
        const to = { ...other, width: from.width };
        expect(betweenViews(from, to, 1)).toEqual(to);
        expect(Math.abs(betweenViews(from, to, 0).from - from.from)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('lets the moment under the pointer wander on the way of a zoom', () => {
    const shown = clampView(viewOf({ from: NOW - 900 * DAY_MS, to: NOW - 500 * DAY_MS }, 1_000), WHOLE);
    const zoomed = zoomView(shown, 640, 6, WHOLE);
    for (const part of [0.1, 0.35, 0.6, 0.9])
      expect(Math.abs(timeAt(betweenViews(shown, zoomed, part), 640) - timeAt(shown, 640))).toBeLessThan(5);
  });
});
