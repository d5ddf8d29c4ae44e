import { type AdoptionRoute, type RequestHandlers, requireCandleSeries } from '@shared/contract';
import type { EventHub } from '@shared/rpc';
import type { AdoptOptions } from '../adoption';
import { toAbortSignal } from './abort';
import { type Adopting, adopt, foreignCandles, lookAtFile, lookAtTable, suggestedTables } from './adopt';
import type { RunningAdoptions } from './running-adoptions';

/** Handlers of what concerns candles of other programs; `running` throws `questdb.not_ready` until the database runs. */
export function createAdoptionHandlers(
  running: () => Adopting,
  events: Pick<EventHub, 'emit'>,
  adoptions: RunningAdoptions,
): Pick<RequestHandlers, AdoptionRoute> {
  return {
    'tables.foreign': () => foreignCandles(running()),
    'tables.suggested': () => suggestedTables(running()),
    'tables.look': ({ table }) => lookAtTable(running(), table),
    'files.look': ({ path }, { signal }) => lookAtFile(running(), path, toAbortSignal(signal)),
    'tables.adopt': ({ source, key, isTrial }, { signal }) => {
      const series = requireCandleSeries(key);
      const onProgress: AdoptOptions['onProgress'] = (progress) => events.emit('adoption.progressed', progress);
      if (isTrial) return adopt(running(), source, series, { signal: toAbortSignal(signal), isTrial, onProgress });
      // Nobody's leaving ends it: rows half taken serve no one.
      return adoptions.run(key, (stop) =>
        running().services.turns.run(
          key,
          () => adopt(running(), source, series, { signal: new AbortController().signal, stop, onProgress }),
          `Rows of another program are being adopted into ${key}; wait until that has ended, or stop it, then repeat.`,
        ),
      );
    },
    'tables.stop_adopting': ({ key }) => ({ stopped: adoptions.stop(key) }),
  };
}
