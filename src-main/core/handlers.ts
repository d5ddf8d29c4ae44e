import {
  type Answers,
  type BackfillRequest,
  encodeCandleFrame,
  failureOf,
  type RequestHandlers,
  requireCandleSeries,
  requireStoredSeries,
  type SeriesSummary,
  type StreamHandlers,
} from '@shared/contract';
import type { EventHub } from '@shared/rpc';
import { acceptGap, withdrawGap } from '../coverage';
import { toAbortSignal } from './abort';
import { createAdoptionHandlers } from './adoption-handlers';
import { createCurationHandlers } from './curation-handlers';
import { preflight } from './preflight';
import type { ReplaySessions } from './replay-sessions';
import type { RunningAdoptions } from './running-adoptions';
import type { SeriesList } from './series-list';
import type { Services } from './services';

/** The parts that exist once the database runs. */
export interface Running {
  services: Services;
  list: SeriesList;
  replays: ReplaySessions;
}

/** Series whose coverage is read together. */
const SUMMED_AT_ONCE = 200;

export type DataHandlers = Omit<
  RequestHandlers,
  'app.get_state' | 'app.complete_setup' | 'app.retry_start' | 'gaps.export'
>;

/** Handlers of all routes that need the database; `running` throws `questdb.not_ready` until there is one. */
export function createDataHandlers(
  running: () => Running,
  events: Pick<EventHub, 'emit'>,
  adoptions: RunningAdoptions,
): DataHandlers {
  return {
    'symbols.search': async ({ market, query, limit }, { signal }) => {
      const wanted = query.trim().toUpperCase();
      const all = await running().services.exchange.symbols(market, toAbortSignal(signal));
      const found = all
        .filter((info) => info.symbol.includes(wanted))
        .sort((a, b) => rank(a.symbol, wanted) - rank(b.symbol, wanted) || a.symbol.localeCompare(b.symbol));
      return { symbols: found.slice(0, limit), total: found.length };
    },
    'universe.list': ({ market }, { signal }) => running().services.exchange.universe(market, toAbortSignal(signal)),
    'universe.life': async ({ market, symbols, interval }, { signal }) => {
      const { exchange } = running().services;
      // One after the other: the limiter would queue them anyway, and whoever closes the dialog cancels the rest.
      const lives: Answers['universe.life']['lives'] = [];
      for (const symbol of symbols) {
        try {
          const life = await exchange.candleLife(market, symbol, interval, toAbortSignal(signal));
          lives.push({ symbol, life, failure: null });
        } catch (error) {
          signal.aborted || lives.push({ symbol, life: null, failure: failureOf(error).message });
        }
      }
      return { lives };
    },
    'series.list': async () => {
      const { services, list } = running();
      return { series: await Promise.all(list.all.map((series) => services.coverage.summary(series))) };
    },
    'series.add': async ({ market, symbols, intervals, aggTrades }, { signal }) => {
      const { services, list } = running();
      const added = await list.add(market, symbols, { intervals, aggTrades }, toAbortSignal(signal));
      // Some hundred at a time share one look at the catalogue of tables, and whoever waits sees them come.
      const series: SeriesSummary[] = [];
      for (let at = 0; at < added.length; at += SUMMED_AT_ONCE) {
        const part = added.slice(at, at + SUMMED_AT_ONCE);
        await services.coverage.preload(part);
        series.push(...(await Promise.all(part.map((each) => services.coverage.summary(each)))));
        events.emit('series.add_progressed', { done: series.length, total: added.length });
      }
      return { series };
    },
    'series.remove': async ({ keys }) => ({ removed: await running().list.remove(keys) }),
    'coverage.read': async ({ keys, range }) => {
      const { services } = running();
      return {
        reports: await Promise.all(keys.map((key) => services.coverage.report(requireStoredSeries(key), range))),
      };
    },
    'coverage.refresh': async ({ keys }) => {
      const { coverage } = running().services;
      for (const key of keys) await coverage.refresh(requireStoredSeries(key));
      return { reports: await Promise.all(keys.map((key) => coverage.report(requireStoredSeries(key)))) };
    },
    'coverage.explain': ({ key, at }) => running().services.coverage.explain(requireStoredSeries(key), at),
    'gaps.accept': async ({ key, range, reason }) => {
      const { coverage, exchange } = running().services;
      return { bars: await acceptGap(coverage, requireStoredSeries(key), range, reason, exchange.now()) };
    },
    'gaps.withdraw': async ({ key, range }) => {
      const { coverage, exchange } = running().services;
      return { bars: await withdrawGap(coverage, requireStoredSeries(key), range, exchange.now()) };
    },
    'outages.list': () => running().services.outages.list(),
    'outages.proposals': async () => ({ proposals: await running().services.outages.proposals() }),
    'outages.accept': async ({ id, remark }) => ({ entry: await running().services.outages.accept(id, remark) }),
    'outages.dismiss': async ({ id }) => ({ proposal: await running().services.outages.dismiss(id) }),
    'outages.withdraw': async ({ id }) => ({ entry: await running().services.outages.withdraw(id) }),
    'backfill.plan': (request) => running().services.backfill.plan(checkRanges(request, running().services)),
    'run.preflight': ({ needs }) => preflight(running().services, needs),
    'backfill.start': async (request) => {
      const { services, list } = running();
      checkRanges(request, services);
      await list.track(request.items.map((item) => requireStoredSeries(item.key)));
      const { jobId } = await services.backfill.start(request);
      return { jobId };
    },
    'backfill.cancel': async ({ jobId }) => ({ cancelled: await running().services.backfill.cancel(jobId) }),
    'jobs.list': async ({ limit }) => ({ jobs: await running().services.backfill.list(limit) }),
    'jobs.receipt': async ({ jobId }) => ({ receipt: await running().services.backfill.receipt(jobId) }),
    ...createCurationHandlers(running),
    ...createAdoptionHandlers(running, events, adoptions),
    'jobs.pause': async ({ jobId }) => ({ paused: await running().services.backfill.pause(jobId) }),
    'jobs.resume': async ({ jobId }) => ({ resumed: await running().services.backfill.resume(jobId) }),
    'jobs.retry': async ({ jobId }) => ({ jobId: (await running().services.backfill.retry(jobId)).jobId }),
    'jobs.prefer': async ({ keys }) => ({ jobs: await running().services.backfill.prefer(keys) }),
    'replay.open': ({ key, range, pace, warmUp }) =>
      running().replays.open(requireCandleSeries(key), range, pace, warmUp),
    'replay.play': ({ sessionId }) => running().replays.get(sessionId).play(),
    'replay.pause': ({ sessionId }) => running().replays.get(sessionId).pause(),
    'replay.step': ({ sessionId, candles }) => running().replays.get(sessionId).step(candles),
    'replay.seek': ({ sessionId, to }) => running().replays.get(sessionId).seek(to),
    'replay.set_pace': ({ sessionId, pace }) => running().replays.get(sessionId).setPace(pace),
    'replay.close': async ({ sessionId }) => ({ closed: await running().replays.close(sessionId) }),
  };
}

export function createStreamHandlers(running: () => Running): StreamHandlers {
  return {
    'candles.read': async function* ({ key, range, maxBars }, { signal }) {
      const { store } = running().services;
      const abort = toAbortSignal(signal);
      const candles =
        maxBars === undefined
          ? store.readCandles(requireCandleSeries(key), range, { signal: abort })
          : store.readAggregated(requireCandleSeries(key), range, maxBars, { signal: abort });
      for await (const batch of candles) yield encodeCandleFrame(batch);
    },
    'replay.candles': ({ sessionId }) => running().replays.get(sessionId).frames(),
  };
}

function checkRanges(request: BackfillRequest, services: Services): BackfillRequest {
  for (const { range } of request.items) services.backfill.checkRange(range);
  return request;
}

/** Names that start with the query first, exact names before all. */
function rank(symbol: string, query: string): number {
  if (symbol === query) return 0;
  return symbol.startsWith(query) ? 1 : 2;
}
