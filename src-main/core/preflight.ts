import { type NeedState, type Preflight, type RunNeed, requireStoredSeries } from '@shared/contract';
import { verdictClass } from '@shared/market';
import type { BackfillService } from '../backfill';
import type { CoverageService } from '../coverage';

interface PreflightServices {
  coverage: Pick<CoverageService, 'report'>;
  backfill: Pick<BackfillService, 'plan'>;
}

/**
 * Looks before a run whether the bars that it needs are there. Holes are neighbouring bars that a fetch may fill, whatever their
 * verdicts; bars that are known to exist nowhere do not keep a run from being ready.
 */
export async function preflight(services: PreflightServices, needs: readonly RunNeed[]): Promise<Preflight> {
  const states = await Promise.all(needs.map((need) => stateOf(services, need)));
  const items = states.filter(({ holes }) => holes > 0).map(({ key, range }) => ({ key, range }));
  const sum = (field: 'holes' | 'missing') => states.reduce((total, state) => total + state[field], 0);
  const plan = items.length === 0 ? null : await services.backfill.plan({ items, source: 'auto' });
  return {
    needs: states,
    ready: items.length === 0,
    holes: sum('holes'),
    missing: sum('missing'),
    items,
    estimateMs: plan?.totals.estimateMs ?? null,
  };
}

async function stateOf({ coverage }: PreflightServices, { key, range }: RunNeed): Promise<NeedState> {
  const { spans, bars: present } = await coverage.report(requireStoredSeries(key), range);
  const state: NeedState = { key, range, bars: 0, present, explained: 0, holes: 0, missing: 0 };
  let open = false;
  for (const span of spans) {
    state.bars += span.bars;
    const hole = verdictClass(span.verdict) === 'unexplained';
    if (hole) {
      state.missing += span.bars;
      if (!open) state.holes++;
    } else if (span.verdict !== 'present') state.explained += span.bars;
    open = hole;
  }
  return state;
}
