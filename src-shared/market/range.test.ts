import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersectRanges, normalizeRanges, type Range, subtractRanges, totalLength, unionRanges } from './range';

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: -20, max: 60 }), fc.integer({ min: -3, max: 15 }))
    .map(([from, length]) => ({ from, to: from + length })),
  { maxLength: 12 },
);

/** The same list as a plain set of integers: the model every operation must agree with. */
function members(list: readonly Range[]): Set<number> {
  const set = new Set<number>();
  for (const { from, to } of list) for (let t = from; t < to; t++) set.add(t);
  return set;
}

function expectNormal(list: readonly Range[]): void {
  list.forEach((range, index) => {
    expect(range.to).toBeGreaterThan(range.from);
    if (index > 0) expect(range.from).toBeGreaterThan(list[index - 1]!.to);
  });
}

describe('range algebra agrees with sets of moments', () => {
  const operations = {
    union: [unionRanges, (x: boolean, y: boolean) => x || y],
    subtract: [subtractRanges, (x: boolean, y: boolean) => x && !y],
    intersect: [intersectRanges, (x: boolean, y: boolean) => x && y],
  } as const;
  for (const [name, [operation, law]] of Object.entries(operations)) {
    it(`${name} loses and invents no moment, also at touching and empty ranges`, () => {
      fc.assert(
        fc.property(ranges, ranges, (a, b) => {
          const result = operation(a, b);
          expectNormal(result);
          const [inA, inB, inResult] = [members(a), members(b), members(result)];
          for (let t = -25; t < 80; t++) expect(inResult.has(t)).toBe(law(inA.has(t), inB.has(t)));
        }),
      );
    });
  }

  it('totalLength counts each moment once', () => {
    fc.assert(
      fc.property(ranges, (list) => {
        expect(totalLength(normalizeRanges(list))).toBe(members(list).size);
      }),
    );
  });
});
