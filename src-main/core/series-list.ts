import { AppError } from '@shared/contract';
import {
  candleSeries,
  compareText,
  INTERVALS,
  type Interval,
  type Market,
  parseStoredSeriesKey,
  type StoredSeries,
  seriesKey,
  tradeSeries,
} from '@shared/market';
import { learnLifetime } from '../backfill';
import type { Services } from './services';

/** Series whose lifetime is learned before `add` answers; the rest follow in the background. */
const LEARNED_AT_ONCE = 8;

/** The series that the workspace follows, kept in the database. */
export class SeriesList {
  #series = new Map<string, StoredSeries>();
  /** Grows with every change of our own. */
  #changes = 0;

  constructor(
    private readonly services: Services,
    private readonly onListChange: () => void,
  ) {}

  async load(): Promise<void> {
    const keys = await this.services.store.trackedSeries();
    this.#series = new Map(keys.flatMap((key) => wrap(key)));
  }

  /** Takes over what another program of the workspace follows now, or no longer. */
  async catchUp(): Promise<void> {
    const changes = this.#changes;
    const keys = await this.services.store.trackedSeries();
    const next = new Map(keys.flatMap((key) => wrap(key)));
    const isSame = next.size === this.#series.size && [...next.keys()].every((key) => this.#series.has(key));
    if (isSame || changes !== this.#changes) return;
    this.#series = next;
    this.onListChange();
  }

  get all(): StoredSeries[] {
    return [...this.#series.values()].sort(
      (a, b) => compareText(a.market, b.market) || compareText(a.symbol, b.symbol) || order(a) - order(b),
    );
  }

  /** Follows candles of every combination, and the symbols' aggregate trades when they are wanted; throws `usage.unknown_symbol` before anything is changed. */
  async add(
    market: Market,
    symbols: readonly string[],
    what: { intervals: readonly Interval[]; aggTrades: boolean },
    signal?: AbortSignal,
  ): Promise<StoredSeries[]> {
    for (const symbol of symbols) await this.services.exchange.symbol(market, symbol, signal);
    const added = symbols.flatMap((symbol): StoredSeries[] => [
      ...what.intervals.map((interval) => candleSeries(symbol, interval, market)),
      ...(what.aggTrades ? [tradeSeries(symbol, market)] : []),
    ]);
    await this.track(added);
    for (const series of added.slice(0, LEARNED_AT_ONCE)) await this.#learn(series, signal);
    void this.#learnLater(added.slice(LEARNED_AT_ONCE));
    return added;
  }

  /** Follows series whose symbols were checked already. */
  async track(list: readonly StoredSeries[]): Promise<void> {
    const fresh = list.filter((series) => !this.#series.has(seriesKey(series)));
    if (fresh.length === 0) return;
    this.#changes++;
    await this.services.store.trackSeries(fresh.map(seriesKey), true);
    this.#changes++;
    for (const series of fresh) this.#series.set(seriesKey(series), series);
    this.onListChange();
  }

  /** Takes series off the list; their tables stay. */
  async remove(keys: readonly string[]): Promise<number> {
    const known = keys.filter((key) => this.#series.has(key));
    if (known.length > 0) {
      this.#changes++;
      await this.services.store.trackSeries(known, false);
      this.#changes++;
      for (const key of known) this.#series.delete(key);
      this.onListChange();
    }
    return known.length;
  }

  async #learn(series: StoredSeries, signal?: AbortSignal): Promise<void> {
    const counters = { requests: 0, bytes: 0, weight: 0, retries: 0 };
    await learnLifetime(series, this.services, { jobId: 'listing', counters, ...(signal ? { signal } : {}) });
  }

  async #learnLater(list: readonly StoredSeries[]): Promise<void> {
    for (const series of list) {
      try {
        await this.#learn(series);
      } catch (error) {
        // The strip stays without its left bracket until a backfill learns it; a missing exchange is shown elsewhere.
        if (error instanceof AppError) return;
        throw error;
      }
    }
  }
}

function wrap(key: string): [string, StoredSeries][] {
  const series = parseStoredSeriesKey(key);
  return series ? [[key, series]] : [];
}

function order(series: StoredSeries): number {
  return series.interval === null ? INTERVALS.length : INTERVALS.indexOf(series.interval);
}
