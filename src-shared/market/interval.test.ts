import { expect, it } from 'vitest';
import { gridOf } from './grid';
import { INTERVALS, intervalOfTimes } from './interval';

it.each(INTERVALS)('candles of %s with holes are taken for others', (interval) => {
  const grid = gridOf(interval);
  const opens = Array.from({ length: 40 }, (_, index) => grid.openAt(600 + index)).filter(
    (_, index) => index % 5 !== 3,
  );
  expect(intervalOfTimes(opens)).toBe(interval);
});

it('times of no interval, or a single one, are given one', () => {
  expect(intervalOfTimes([0, 7_000, 14_000])).toBeNull();
  expect(intervalOfTimes([0])).toBeNull();
});
