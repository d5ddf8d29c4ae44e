import type { PlanTotals, SeriesPlan, SourceChoice } from '@shared/contract';
import { countBars, type Market, type Range, type StoredSeries, seriesKey } from '@shared/market';
import type { BackfillDeps } from './backfill-deps';
import { pageCost } from './planner';
import { sourceOf } from './series-source';
import { isArchiveOnly, sourceFor } from './source-for';

/** Plan of one series, without running it. Throws `usage.gone_symbol` when REST alone is wanted of a symbol that is gone. */
export async function planSeries(
  series: StoredSeries,
  range: Range,
  source: SourceChoice,
  deps: BackfillDeps,
): Promise<SeriesPlan> {
  const bare = await deps.coverage.wanted(series, range);
  const { grid, asked, alreadyPresent, wanted } = bare;
  const bars = wanted.reduce((sum, each) => sum + countBars(grid, each), 0);
  const possible = sourceFor(series, source, await isArchiveOnly(series, deps));
  const pages = await sourceOf(series, deps).plan(wanted, bare, { source: possible, now: deps.exchange.now() });
  return {
    key: seriesKey(series),
    range,
    asked,
    alreadyPresent,
    knownAbsent: asked - alreadyPresent - bars,
    gaps: wanted,
    pages,
    pageCount: pages.length,
  };
}

export type PlanSums = Omit<PlanTotals, 'estimateMs'>;

export function noSums(): PlanSums {
  return {
    bars: 0,
    gaps: 0,
    archiveMonthly: 0,
    archiveDaily: 0,
    rest: 0,
    requests: 0,
    weight: 0,
    bytes: 0,
    refetched: 0,
  };
}

export function addPlan(sums: PlanSums, market: Market, plan: Pick<SeriesPlan, 'gaps' | 'pages'>): void {
  sums.gaps += plan.gaps.length;
  for (const page of plan.pages) {
    const cost = pageCost(market, page);
    sums.bars += page.bars;
    sums[page.tier] += page.tier === 'rest' ? cost.requests : 1;
    sums.requests += cost.requests;
    sums.weight += cost.weight;
    sums.bytes += cost.bytes;
    sums.refetched += page.refetched ?? 0;
    if (page.estimatedTrades !== undefined) sums.estimatedTrades = (sums.estimatedTrades ?? 0) + page.estimatedTrades;
  }
}
