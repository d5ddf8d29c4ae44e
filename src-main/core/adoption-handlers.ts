import { type AdoptionRoute, type RequestHandlers, requireCandleSeries } from '@shared/contract';
import type { EventHub } from '@shared/rpc';
import { toAbortSignal } from './abort';
import { type Adopting, adopt, foreignCandles, lookAtFile, lookAtTable, suggestedTables } from './adopt';

/** Handlers of what concerns candles of other programs; `running` throws `questdb.not_ready` until the database runs. */
export function createAdoptionHandlers(
  running: () => Adopting,
  events: Pick<EventHub, 'emit'>,
): Pick<RequestHandlers, AdoptionRoute> {
  return {
    'tables.foreign': () => foreignCandles(running()),
    'tables.suggested': () => suggestedTables(running()),
    'tables.look': ({ table }) => lookAtTable(running(), table),
    'files.look': ({ path }, { signal }) => lookAtFile(running(), path, toAbortSignal(signal)),
    'tables.adopt': ({ source, key, isTrial }, { signal }) =>
      adopt(running(), source, requireCandleSeries(key), {
        signal: toAbortSignal(signal),
        isTrial,
        onProgress: (progress) => events.emit('adoption.progressed', progress),
      }),
  };
}
