import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTally } from './cell-tally';
import { cellAt, cellBox, gridSize, missingShare } from './mark-grid-painter';

it('a click in the middle of a cell means another one, at any size', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 24 }),
    columns: fc.integer({ min: 1, max: 60 }),
    width: fc.integer({ min: 3, max: 30 }),
    height: fc.integer({ min: 3, max: 30 }),
    gap: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (place, a, b) => {
      const [row, column] = [a % place.rows, b % place.columns];
      const box = cellBox(place, row, column);
      expect(cellAt(place, box.x + box.width / 2, box.y + box.height / 2)).toEqual({ row, column });
      const size = gridSize(place);
      expect(box.x + box.width).toBeLessThanOrEqual(size.width);
      expect(box.y + box.height).toBeLessThanOrEqual(size.height);
      expect(cellAt(place, size.width + place.gap + 1, 10)).toBeNull();
    }),
  );
});

it('a cell in which no bar opens looks half full', () => {
  const tally = createTally(0, 1, 2);
  tally.bars.present[0] = 3;
  tally.bars.alarming[0] = 1;
  expect(missingShare(tally, 0)).toBe(0.25);
  expect(missingShare(tally, 1)).toBe(1);
});
