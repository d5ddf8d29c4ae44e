import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageRuns, mergeRuns, missingRanges, payloadOfRow, type SecondRange } from './history';
import { hasVectors, vectors } from './vectors';

interface GapCase {
  coverage: SecondRange[];
  start: number;
  end: number;
  interval: number;
  gaps: SecondRange[];
}
interface RunsCase {
  stored_ts: number[];
  interval: number;
  coverage: SecondRange[];
}

describe('missingRanges', () => {
  it.skipIf(!hasVectors)('a gap differs from what QMTL would ask for', () => {
    const cases = vectors<GapCase[]>('missing_ranges');
    expect(cases).toHaveLength(31);
    for (const each of cases)
      expect(missingRanges(each.coverage, each.start, each.end, each.interval), JSON.stringify(each)).toEqual(
        each.gaps,
      );
  });

  it('a stored bar is asked for again, or a missing one is not', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 })), fc.nat(60), fc.nat(60), (bars, start, length) => {
        const opens = bars.sort((a, b) => a - b).map((bar) => bar * 60);
        const end = (start + length) * 60;
        const asked = new Set<number>();
        for (const [first, last] of missingRanges(coverageRuns(opens, 60), start * 60, end, 60))
          for (let t = first; t <= last; t += 60) asked.add(t);
        for (let t = start * 60; t <= end; t += 60) expect(asked.has(t)).toBe(!opens.includes(t));
      }),
    );
  });
});

describe('coverageRuns', () => {
  it.skipIf(!hasVectors)('a run differs from what QMTL would report', () => {
    const cases = vectors<RunsCase[]>('coverage_runs');
    expect(cases.length).toBeGreaterThan(15);
    for (const each of cases) expect(coverageRuns(each.stored_ts, each.interval)).toEqual(each.coverage);
  });

  it('duplicates split runs that merging does not join again', () => {
    expect(mergeRuns(coverageRuns([60, 60, 120], 60), 60)).toEqual([[60, 120]]);
  });
});

describe('payloadOfRow', () => {
  it('keys of the table leak into the payload', () => {
    expect(
      payloadOfRow({ ts: 60, timestamp: new Date(0), node_id: 'n', interval: 60, close: 1, quote_volume: 2 }),
    ).toEqual({
      close: 1,
      quote_volume: 2,
    });
  });
});
