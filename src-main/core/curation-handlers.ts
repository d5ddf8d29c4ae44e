import { AppError, type RequestHandlers } from '@shared/contract';
import { parseCandleSeriesKey } from '@shared/market';
import { toAbortSignal } from './abort';
import type { Services } from './services';

type CurationRoute =
  | 'provenance.read'
  | 'findings.list'
  | 'findings.set_state'
  | 'findings.reingest'
  | 'archives.check'
  | 'batches.list'
  | 'batches.revert';

/** Handlers of what can be done about stored data; `running` throws `questdb.not_ready` until the database runs. */
export function createCurationHandlers(running: () => { services: Services }): Pick<RequestHandlers, CurationRoute> {
  const curation = () => running().services.curation;
  return {
    'provenance.read': async ({ key, range }) => ({ spans: await curation().provenance(series(key), range) }),
    'findings.list': async ({ states, keys }) => ({
      findings: await running().services.store.findingsRead({
        ...(states ? { states } : {}),
        ...(keys ? { keys } : {}),
      }),
    }),
    'findings.set_state': async ({ id, state }) => ({ finding: await curation().setFindingState(id, state) }),
    'findings.reingest': ({ id }, { signal }) => curation().reingest(id, toAbortSignal(signal)),
    'archives.check': ({ keys }, { signal }) => curation().checkArchives(keys, toAbortSignal(signal)),
    'batches.list': async ({ limit }) => ({ batches: await curation().reverts.batches(limit) }),
    'batches.revert': ({ jobId, key }) => {
      if (running().services.backfill.running > 0) {
        throw new AppError(
          'usage.jobs_running',
          'A backfill is under way, which may write the same rows; wait until it has ended, or cancel it, then undo.',
        );
      }
      return curation().reverts.revert(jobId, series(key));
    },
  };
}

function series(key: string) {
  const parsed = parseCandleSeriesKey(key);
  if (!parsed)
    throw new AppError('usage.bad_series', `"${key}" is no series of candles; write it like binance:spot:BTCUSDT:1m.`);
  return parsed;
}
