import { INTERVALS, type Interval, isTradeSeries, type Market, parseStoredSeriesKey } from '@shared/market';

export interface FollowRequest {
  readonly market: Market;
  readonly symbols: string[];
  readonly intervals: Interval[];
  readonly aggTrades: boolean;
}

/** What to ask of `series.add` so that exactly these series are followed: symbols that want the same go together. */
export function followRequests(keys: readonly string[]): FollowRequest[] {
  const wanted = new Map<string, FollowRequest & { readonly symbol: string }>();
  for (const key of keys) {
    const series = parseStoredSeriesKey(key);
    if (!series) continue;
    const { market, symbol } = series;
    const id = `${market}:${symbol}`;
    const before = wanted.get(id) ?? { market, symbol, symbols: [], intervals: [], aggTrades: false };
    wanted.set(
      id,
      isTradeSeries(series)
        ? { ...before, aggTrades: true }
        : { ...before, intervals: [...before.intervals, series.interval] },
    );
  }
  const requests = new Map<string, FollowRequest>();
  for (const { market, symbol, intervals, aggTrades } of wanted.values()) {
    const sorted = INTERVALS.filter((interval) => intervals.includes(interval));
    const id = `${market} ${aggTrades} ${sorted.join(' ')}`;
    const known = requests.get(id);
    if (known) known.symbols.push(symbol);
    else requests.set(id, { market, symbols: [symbol], intervals: sorted, aggTrades });
  }
  return [...requests.values()];
}
