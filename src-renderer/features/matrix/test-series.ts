import type { SeriesSummary } from '@shared/contract';
import type { Market } from '@shared/market';
import type { CoveragePage } from '../../client';
import { columnOf } from './matrix-model';

/** A followed series as the list has it; only what the matrix looks at. */
export function summaryOf(key: string, facts: Partial<SeriesSummary> = {}): SeriesSummary {
  const [, market, symbol] = key.split(':');
  return {
    key,
    market: market as Market,
    symbol: symbol!,
    interval: columnOf(key),
    bars: 1_000,
    first: 0,
    last: 600_000,
    listedAt: null,
    missing: { explained: 0, unexplained: 0 },
    revision: 1,
    ...facts,
  } as SeriesSummary;
}

/** Its coverage, by the numbers that are counted. */
export function pageOf(key: string, alarming: number, notAsked = 0): CoveragePage {
  return {
    key,
    alarming,
    notAsked,
    explained: 0,
    gaps: [],
    spans: [],
    range: { from: 0, to: 1 },
  } as unknown as CoveragePage;
}
