import { type CurationRoute, type RequestHandlers, requireCandleSeries, requireStoredSeries } from '@shared/contract';
import { toAbortSignal } from './abort';
import type { Services } from './services';
import { refuseWhileRunning, undoSeries } from './undo';

/** Handlers of what can be done about stored data; `running` throws `questdb.not_ready` until the database runs. */
export function createCurationHandlers(running: () => { services: Services }): Pick<RequestHandlers, CurationRoute> {
  const curation = () => running().services.curation;
  /** Changes stored rows of the finding's series while nobody else does. */
  const inTurn = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const { services } = running();
    const { key } = await services.curation.finding(id);
    return services.turns.run(key, async () => {
      await refuseWhileRunning(services, 'repeat', key);
      return work();
    });
  };
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
    'findings.reingest': ({ id }, { signal }) => inTurn(id, () => curation().reingest(id, toAbortSignal(signal))),
    'findings.refetch': ({ id }, { signal }) => inTurn(id, () => curation().refetch(id, toAbortSignal(signal))),
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
