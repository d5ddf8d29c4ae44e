import { BackfillState } from './backfill-state';
import { type BarGrid, barGridOf } from './bar-grid';
import type { SecondRange } from './history';
import { parsePeriod } from './node-options';

/** One row of a window: the bar's bucket in seconds, and what came with it. */
export type CacheRow = readonly [ts: number, payload: unknown];

/** Rows of every pair, oldest first: `{upstream: {interval: rows}}`. */
export type CacheSnapshot = ReadonlyMap<string, ReadonlyMap<number, readonly CacheRow[]>>;

interface Pair {
  readonly grid: BarGrid;
  /** Ring of at most `period` rows; the oldest is at `head` once it is full. */
  rows: CacheRow[];
  head: number;
  last: number | null;
  gap: boolean;
}

/** The newest `period` rows of every (upstream, interval) pair, in order of arrival. A pair exists from its first row on. */
export class NodeCache {
  readonly period: number;
  readonly backfillState = new BackfillState();
  private readonly pairs = new Map<string, Map<number, Pair>>();

  constructor(period: number) {
    this.period = parsePeriod(period);
  }

  /** Takes a row in and returns the bucket that was the pair's last before; null for the first. */
  append(upstreamId: string, interval: number, ts: number, payload: unknown): number | null {
    const pair = this.pairOf(upstreamId, interval);
    const previous = pair.last;
    const bucket = pair.grid.floor(ts);
    pair.gap = previous !== null && pair.grid.next(previous) !== bucket;
    pair.last = bucket;
    this.push(pair, [bucket, payload]);
    return previous;
  }

  /**
   * Takes `count` rows in, as if each had been appended, and returns the indices of those that came behind a gap. Rows that
   * the ring would lose again before the end are never built.
   */
  appendMany(
    upstreamId: string,
    interval: number,
    count: number,
    tsAt: (index: number) => number,
    payloadAt: (index: number) => unknown,
  ): number[] {
    if (count === 0) return [];
    const pair = this.pairOf(upstreamId, interval);
    const gaps: number[] = [];
    const kept = count - this.period;
    for (let index = 0; index < count; index++) {
      const bucket = pair.grid.floor(tsAt(index));
      pair.gap = pair.last !== null && pair.grid.next(pair.last) !== bucket;
      if (pair.gap) gaps.push(index);
      pair.last = bucket;
      if (index >= kept) this.push(pair, [bucket, payloadAt(index)]);
    }
    return gaps;
  }

  /** Index of the first of `count` coming rows that would come behind a gap; `count` when none would. */
  firstGap(upstreamId: string, interval: number, count: number, tsAt: (index: number) => number): number {
    const pair = this.pairs.get(upstreamId)?.get(interval);
    const grid = pair?.grid ?? barGridOf(interval);
    let last = pair?.last ?? null;
    for (let index = 0; index < count; index++) {
      const bucket = grid.floor(tsAt(index));
      if (last !== null && grid.next(last) !== bucket) return index;
      last = bucket;
    }
    return count;
  }

  /** Merges history in. Rows that are there already win, also those that arrive while `items` is being read. */
  backfillBulk(upstreamId: string, interval: number, items: Iterable<readonly [ts: number, payload: unknown]>): void {
    const pair = this.pairOf(upstreamId, interval);
    const history = new Map<number, CacheRow>();
    const runs: [number, number][] = [];
    for (const [ts, payload] of items) {
      const bucket = pair.grid.floor(ts);
      if (!history.has(bucket)) history.set(bucket, [bucket, payload]);
      const run = runs[runs.length - 1];
      if (run && (bucket === run[1] || bucket === pair.grid.next(run[1]))) run[1] = bucket;
      else runs.push([bucket, bucket]);
    }
    for (const [first, last] of runs) this.backfillState.markRange(upstreamId, interval, first, last);

    for (const row of rowsOf(pair)) history.set(row[0], row);
    const rows = [...history.values()].sort((a, b) => a[0] - b[0]).slice(-this.period);
    pair.rows = rows;
    pair.head = 0;

    const newest = rows[rows.length - 1]?.[0] ?? null;
    if (pair.last === null) pair.gap = false;
    else if (newest !== null && newest !== pair.last) pair.gap = pair.grid.next(pair.last) !== newest;
    pair.last = newest;
  }

  /** Whether at least one pair exists and each existing one is full. */
  ready(): boolean {
    let pairs = 0;
    for (const intervals of this.pairs.values()) {
      for (const pair of intervals.values()) {
        if (pair.rows.length < this.period) return false;
        pairs++;
      }
    }
    return pairs > 0;
  }

  /** Rows held for a pair. */
  size(upstreamId: string, interval: number): number {
    return this.pairs.get(upstreamId)?.get(interval)?.rows.length ?? 0;
  }

  /** Whether no pair but this one exists. */
  holdsOnly(upstreamId: string, interval: number): boolean {
    for (const [id, intervals] of this.pairs)
      for (const each of intervals.keys()) if (id !== upstreamId || each !== interval) return false;
    return true;
  }

  gapFlag(upstreamId: string, interval: number): boolean {
    return this.pairs.get(upstreamId)?.get(interval)?.gap ?? false;
  }

  view(): CacheSnapshot {
    return this.mapPairs(rowsOf);
  }

  missingFlags(): ReadonlyMap<string, ReadonlyMap<number, boolean>> {
    return this.mapPairs((pair) => pair.gap);
  }

  lastTimestamps(): ReadonlyMap<string, ReadonlyMap<number, number | null>> {
    return this.mapPairs((pair) => pair.last);
  }

  backfilledRanges(upstreamId: string, interval: number): readonly SecondRange[] {
    return this.backfillState.ranges(upstreamId, interval);
  }

  /** The newest `count` rows, oldest first. */
  getSlice(upstreamId: string, interval: number, count: number): CacheRow[] {
    const pair = this.pairs.get(upstreamId)?.get(interval);
    return pair && count > 0 ? rowsOf(pair).slice(-count) : [];
  }

  latest(upstreamId: string, interval: number): CacheRow | null {
    return this.getSlice(upstreamId, interval, 1)[0] ?? null;
  }

  drop(upstreamId: string, interval: number): void {
    const intervals = this.pairs.get(upstreamId);
    intervals?.delete(interval);
    if (intervals?.size === 0) this.pairs.delete(upstreamId);
    this.backfillState.drop(upstreamId, interval);
  }

  private pairOf(upstreamId: string, interval: number): Pair {
    const found = this.pairs.get(upstreamId)?.get(interval);
    if (found) return found;
    const pair: Pair = { grid: barGridOf(interval), rows: [], head: 0, last: null, gap: false };
    const intervals = this.pairs.get(upstreamId);
    if (intervals) intervals.set(interval, pair);
    else this.pairs.set(upstreamId, new Map([[interval, pair]]));
    return pair;
  }

  private push(pair: Pair, row: CacheRow): void {
    if (pair.rows.length < this.period) {
      pair.rows.push(row);
      return;
    }
    pair.rows[pair.head] = row;
    pair.head = (pair.head + 1) % this.period;
  }

  private mapPairs<T>(read: (pair: Pair) => T): ReadonlyMap<string, ReadonlyMap<number, T>> {
    const result = new Map<string, Map<number, T>>();
    for (const [id, intervals] of this.pairs) {
      const inner = new Map<number, T>();
      for (const [interval, pair] of intervals) inner.set(interval, read(pair));
      result.set(id, inner);
    }
    return result;
  }
}

function rowsOf(pair: Pair): CacheRow[] {
  return pair.head === 0 ? pair.rows.slice() : [...pair.rows.slice(pair.head), ...pair.rows.slice(0, pair.head)];
}
