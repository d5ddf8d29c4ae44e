import { countBars, type Grid, type Range, subtractRanges } from '@shared/market';

/** How a table's bars differ from those that were remembered. */
export interface ContentDifference {
  /** Bars that were remembered and are not there. */
  vanished: Range[];
  vanishedBars: number;
  /** Bars that are there and were not remembered. */
  appeared: Range[];
  appearedBars: number;
}

/** Null when the runs of bars (normal ranges) are the same. */
export function contentDifference(
  grid: Grid,
  remembered: readonly Range[],
  derived: readonly Range[],
): ContentDifference | null {
  const isSame =
    remembered.length === derived.length &&
    remembered.every(({ from, to }, index) => derived[index]!.from === from && derived[index]!.to === to);
  if (isSame) return null;
  const vanished = subtractRanges(remembered, derived);
  const appeared = subtractRanges(derived, remembered);
  const bars = (ranges: readonly Range[]) => ranges.reduce((sum, range) => sum + countBars(grid, range), 0);
  return { vanished, vanishedBars: bars(vanished), appeared, appearedBars: bars(appeared) };
}
