import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextPace,
  PACE_MAX,
  PACE_MIN,
  PACE_PLACES,
  paceAt,
  paceInBars,
  paceInTime,
  placeOf,
  shortNumber,
} from './pace';

const speed = (pace: number | 'max') => (pace === 'max' ? Number.POSITIVE_INFINITY : pace);

describe('pace slider', () => {
  it('rises with every place, from the slowest to max', () => {
    expect(paceAt(0)).toBe(PACE_MIN);
    expect(paceAt(PACE_PLACES - 1)).toBe(PACE_MAX);
    expect(paceAt(PACE_PLACES)).toBe('max');
    for (let place = 1; place <= PACE_PLACES; place++)
      expect(speed(paceAt(place))).toBeGreaterThanOrEqual(speed(paceAt(place - 1)));
  });

  it('finds the place of every pace again, so that the thumb does not creep', () => {
    for (let place = 0; place <= PACE_PLACES; place++) expect(paceAt(placeOf(paceAt(place)))).toBe(paceAt(place));
  });

  it('stays on the slider for paces beyond it', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (pace) => {
        const place = placeOf(pace);
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThan(PACE_PLACES);
      }),
    );
  });
});

it('the pace keys step to the next stop and stop at both ends', () => {
  expect(nextPace(10, 1)).toBe(20);
  expect(nextPace(10, -1)).toBe(5);
  expect(nextPace(11, 1)).toBe(20);
  expect(nextPace(10_000, 1)).toBe('max');
  expect(nextPace('max', 1)).toBe('max');
  expect(nextPace('max', -1)).toBe(10_000);
  expect(nextPace(0.5, -1)).toBe(0.5);
});

it('shows both units', () => {
  expect(paceInBars(2)).toBe('2 bars/s');
  expect(paceInTime(2, '1m')).toBe('120×');
  expect(paceInTime(10_000, '1h')).toBe('36 M×');
  expect(shortNumber(213_456)).toBe('213 k');
  expect(shortNumber(999_600)).toBe('1 M');
});
