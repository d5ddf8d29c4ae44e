import type { PlannedPage } from '@shared/contract';
import { countBars, type Grid, type Market, type Range } from '@shared/market';
import { restCost, restPageBars } from './rest-cost';

/** Whole requests that one lane makes in a row: a long range is shared by lanes, and an interruption loses little. */
const REQUESTS_IN_A_ROW = 20;

/** What one page asks REST for: missing bars, and perhaps stored ones between them. */
interface Run {
  from: number;
  to: number;
  missing: number;
  holes: number;
}

/**
 * Pages for exactly these missing ranges (ascending, whole bars), neighbours joined where that costs fewer requests. No page
 * reaches over `elsewhere`: missing bars that another source delivers.
 */
export function planRestPages(
  market: Market,
  grid: Grid,
  missing: readonly Range[],
  elsewhere: readonly Range[] = [],
): PlannedPage[] {
  return joined(market, grid, missing, elsewhere)
    .flatMap((run) => inPieces(market, grid, run))
    .map(({ from, to, missing: bars, holes }) => {
      const refetched = countBars(grid, { from, to }) - bars;
      const page: PlannedPage = { tier: 'rest', range: { from, to }, bars, file: null };
      return refetched === 0 ? page : { ...page, refetched, note: noteOf(holes, refetched) };
    });
}

/**
 * Joins holes while one run of requests is cheaper than two: less weight, or as much with fewer requests. Bars between them are
 * asked for again, which costs nothing where a request has room for them.
 */
function joined(market: Market, grid: Grid, missing: readonly Range[], elsewhere: readonly Range[]): Run[] {
  const runs: Run[] = [];
  const isFree = (between: Range): boolean =>
    !elsewhere.some((each) => each.from < between.to && between.from < each.to);
  for (const hole of missing) {
    const next: Run = { from: hole.from, to: hole.to, missing: countBars(grid, hole), holes: 1 };
    const last = runs[runs.length - 1];
    if (last && isCheaperTogether(market, grid, last, next) && isFree({ from: last.to, to: next.from })) {
      last.to = next.to;
      last.missing += next.missing;
      last.holes++;
    } else runs.push(next);
  }
  return runs;
}

function isCheaperTogether(market: Market, grid: Grid, a: Run, b: Run): boolean {
  const range = { from: a.from, to: b.to };
  // Whatever is longer would keep one lane busy while others idle.
  if (countBars(grid, range) > REQUESTS_IN_A_ROW * restPageBars(market)) return false;
  const together = costOf(market, grid, range);
  const [first, second] = [costOf(market, grid, a), costOf(market, grid, b)];
  const weight = first.weight + second.weight;
  return (
    together.weight < weight || (together.weight === weight && together.requests < first.requests + second.requests)
  );
}

function costOf(market: Market, grid: Grid, range: Range): ReturnType<typeof restCost> {
  return restCost(market, countBars(grid, range), range.to - range.from);
}

/** Only runs without stored bars grow long enough to be cut. */
function inPieces(market: Market, grid: Grid, run: Run): Run[] {
  const most = REQUESTS_IN_A_ROW * restPageBars(market);
  if (run.holes > 1 || run.missing <= most) return [run];
  const pieces: Run[] = [];
  for (let from = run.from; from < run.to; ) {
    const to = Math.min(run.to, grid.openAt(grid.indexOf(from) + most));
    pieces.push({ from, to, missing: countBars(grid, { from, to }), holes: 1 });
    from = to;
  }
  return pieces;
}

function noteOf(holes: number, refetched: number): string {
  return (
    `${holes} gaps in one go, because a request for both sides costs less: ` +
    `${refetched.toLocaleString('en')} bars between them are asked for again and not written.`
  );
}
