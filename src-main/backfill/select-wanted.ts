import { type CandleColumns, type Grid, intervalMs, lowerBound, type Range, subtractRanges } from '@shared/market';

/** The candles of a page that a backfill wants, as index ranges, and what the page lacks. */
export interface Selection {
  /** `[start, end)` indexes into the columns. */
  slices: { start: number; end: number }[];
  rows: number;
  /** Runs of bars that the selected candles fill. */
  filled: Range[];
  /** Wanted bars without a candle. */
  absent: Range[];
}

/**
 * Picks the candles whose bar lies in `wanted` (normal ranges of whole bars). Candles are ascending; a candle off the grid
 * belongs to the bar that contains it.
 */
export function selectWanted(candles: CandleColumns, grid: Grid, wanted: readonly Range[]): Selection {
  const slices: Selection['slices'] = [];
  const filled: { from: number; to: number }[] = [];
  const step = grid.interval === '1M' ? null : intervalMs(grid.interval);
  let rows = 0;
  for (const range of wanted) {
    const start = lowerBound(candles, range.from);
    const end = lowerBound(candles, range.to);
    if (end === start) continue;
    slices.push({ start, end });
    rows += end - start;
    for (let i = start; i < end; i++) {
      const time = candles.openTime[i]!;
      const run = filled[filled.length - 1];
      // Where the run ends an aligned bar begins; its neighbour is one step on, except among months.
      if (step !== null && run && time === run.to) {
        run.to = time + step;
        continue;
      }
      const index = grid.indexOf(time);
      const from = grid.openAt(index);
      if (run && from < run.to) continue;
      const to = grid.openAt(index + 1);
      if (run && run.to === from) run.to = to;
      else filled.push({ from, to });
    }
  }
  return { slices, rows, filled, absent: subtractRanges(wanted, filled) };
}
