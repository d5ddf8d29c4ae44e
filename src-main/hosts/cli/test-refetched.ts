import type { Market } from '@shared/market';
import {
  candleSeries,
  type Interval,
  intersectRanges,
  intervalMs,
  type Range,
  seriesKey,
  subtractRanges,
} from '@shared/market';
import type { LoggedRequest } from '../../practice';

/** What a request for candles was after. */
interface Asked {
  key: string;
  range: Range;
}

const MARKET_OF_PATH: Record<string, Market> = { api: 'spot', fapi: 'um', dapi: 'cm' };

/** The series and the bars that a request for candles is after; null for any other request, and for one that looks for a first candle. */
export function askedOf(path: string): Asked | null {
  return askedOfRest(path) ?? askedOfArchive(path);
}

function askedOfRest(path: string): Asked | null {
  const route = /^\/(api|fapi|dapi)\/v\d\/klines\?(.*)$/.exec(path);
  if (!route) return null;
  const query = new URLSearchParams(route[2]);
  if (!query.has('startTime') || !query.has('endTime')) return null;
  const interval = query.get('interval') as Interval;
  const from = Number(query.get('startTime'));
  const to = Math.min(Number(query.get('endTime')) + 1, from + Number(query.get('limit')) * intervalMs(interval));
  return {
    key: seriesKey(candleSeries(query.get('symbol')!, interval, MARKET_OF_PATH[route[1]!])),
    range: { from, to },
  };
}

function askedOfArchive(path: string): Asked | null {
  const file =
    /^\/data\/(?:futures\/)?(spot|um|cm)\/(?:daily|monthly)\/klines\/([^/]+)\/([^/]+)\/.*-(\d{4})-(\d\d)(?:-(\d\d))?\.zip$/.exec(
      path,
    );
  if (!file) return null;
  const [, market, symbol, interval, year, month, day] = file;
  const from = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1));
  const to = day ? from + 86_400_000 : Date.UTC(Number(year), Number(month), 1);
  return { key: seriesKey(candleSeries(symbol!, interval as Interval, market as Market)), range: { from, to } };
}

/**
 * Requests of which every bar that the job wants was already known to be stored. (One that spans a hole may ask again for bars
 * beside it: that costs nothing.)
 */
export function refetched(
  requests: readonly LoggedRequest[],
  known: ReadonlyMap<string, readonly Range[]>,
  wanted: ReadonlyMap<string, Range>,
): string[] {
  return requests.flatMap(({ method, path }) => {
    const asked = method === 'GET' ? askedOf(path) : null;
    const job = asked && wanted.get(asked.key);
    if (!asked || !job) return [];
    const bars = intersectRanges([asked.range], [job]);
    const isKnown = bars.length > 0 && subtractRanges(bars, known.get(asked.key) ?? []).length === 0;
    return isKnown ? [path] : [];
  });
}
