import { type CurationRoute, type RequestHandlers, requireCandleSeries, requireStoredSeries } from '@shared/contract';
import { toAbortSignal } from './abort';
import type { Services } from './services';
import { undoSeries } from './undo';

/** Handlers of what can be done about stored data; `running` throws `questdb.not_ready` until the database runs. */
export function createCurationHandlers(running: () => { services: Services }): Pick<RequestHandlers, CurationRoute> {
  const curation = () => running().services.curation;
  return {
    'provenance.read': async ({ key, range }) => ({
      spans: await curation().provenance(requireStoredSeries(key), range),
    }),
    'findings.list': async ({ states, keys }) => ({
      findings: await running().services.store.findingsRead({
        ...(states ? { states } : {}),
        ...(keys ? { keys } : {}),
      }),
    }),
    'findings.set_state': async ({ id, state, reason }) => ({
      finding: await curation().setFindingState(id, state, reason),
    }),
    'findings.reingest': ({ id }, { signal }) => curation().reingest(id, toAbortSignal(signal)),
    'findings.refetch': ({ id }, { signal }) => curation().refetch(id, toAbortSignal(signal)),
    'archives.check': ({ keys }, { signal }) => curation().checkArchives(keys, toAbortSignal(signal)),
    'verify.run': ({ key, against, range }, { signal }) => {
      const { services } = running();
      return services.verify(requireCandleSeries(key), {
        against: against ?? null,
        range: range ?? null,
        signal: toAbortSignal(signal),
      });
    },
    'batches.list': async ({ limit }) => ({ batches: await curation().reverts.batches(limit) }),
    'batches.revert': ({ jobId, key }) => undoSeries(running().services, jobId, key),
  };
}
