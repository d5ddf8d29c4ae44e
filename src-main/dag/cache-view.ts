import { AppError } from '@shared/contract';
import type { CacheRow, CacheSnapshot } from './node-cache';

/** Rows of one pair, oldest first. Negative indices count from the end, as in `view[stream][60][-1]`. */
export interface CacheWindow extends Iterable<CacheRow> {
  readonly [index: number]: CacheRow;
  readonly length: number;
  /** The newest row, null for an empty window. */
  latest(): CacheRow | null;
}

/** The windows of one upstream, by interval in seconds. */
export interface UpstreamView {
  readonly [interval: number]: CacheWindow;
  keys(): number[];
  entries(): [number, CacheWindow][];
}

interface ViewMethods {
  /** Window of an upstream; the interval may be left out when the upstream has just one. */
  window(upstream: { nodeId: string } | string, interval?: number): CacheWindow;
  keys(): string[];
  entries(): [string, UpstreamView][];
}

/**
 * What a compute function sees: `view[id][interval]`, where a node stands for its id (`` view[`${stream}`] `` or
 * `view.window(stream)`). Unknown keys are refused instead of being undefined.
 */
export type CacheView = ViewMethods & { readonly [upstreamId: string]: UpstreamView };

/** `onAccess` hears of each window that is looked for. */
export function createCacheView(
  snapshot: CacheSnapshot,
  onAccess?: (upstreamId: string, interval: number) => void,
): CacheView {
  const upstreamOf = (id: string): UpstreamView => {
    const intervals = snapshot.get(id);
    if (!intervals) throw unknownKey(`no upstream ${id}`, [...snapshot.keys()]);
    return createUpstreamView(id, intervals, onAccess);
  };
  const methods: ViewMethods = {
    window: (upstream, interval) => {
      const id = typeof upstream === 'string' ? upstream : upstream.nodeId;
      const view = upstreamOf(id);
      const [only, another] = view.keys();
      if (interval === undefined && another !== undefined)
        throw unknownKey(`upstream ${id} has several intervals, so one must be named`, view.keys());
      return view[interval ?? only ?? 0]!;
    },
    keys: () => [...snapshot.keys()],
    entries: () => [...snapshot.keys()].map((id) => [id, upstreamOf(id)]),
  };
  return new Proxy(methods, {
    get: (target, key) => {
      if (typeof key === 'symbol' || (Object.hasOwn(target, key) && !snapshot.has(key)))
        return Reflect.get(target, key) as unknown;
      return upstreamOf(key);
    },
    has: (_target, key) => typeof key === 'string' && snapshot.has(key),
  }) as CacheView;
}

function createUpstreamView(
  id: string,
  intervals: ReadonlyMap<number, readonly CacheRow[]>,
  onAccess?: (upstreamId: string, interval: number) => void,
): UpstreamView {
  const windowOf = (interval: number): CacheWindow => {
    const rows = intervals.get(interval);
    // A look at what is not there is a look too, as in QMTL; a name that is no interval is a slip of the pen.
    if (Number.isFinite(interval)) onAccess?.(id, interval);
    if (!rows) throw unknownKey(`upstream ${id} has no interval ${interval}`, [...intervals.keys()]);
    return createWindow(rows);
  };
  const methods = {
    keys: () => [...intervals.keys()],
    entries: () => [...intervals.keys()].map((interval): [number, CacheWindow] => [interval, windowOf(interval)]),
  };
  return new Proxy(methods, {
    get: (target, key) => {
      if (typeof key === 'symbol' || Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
      return windowOf(Number(key));
    },
  }) as UpstreamView;
}

function createWindow(rows: readonly CacheRow[]): CacheWindow {
  const methods = {
    length: rows.length,
    latest: () => rows[rows.length - 1] ?? null,
    [Symbol.iterator]: () => rows[Symbol.iterator](),
  };
  return new Proxy(methods, {
    get: (target, key) => {
      if (typeof key === 'symbol' || Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
      const row = rows.at(Number(key));
      if (row === undefined || !/^-?\d+$/.test(key)) throw unknownKey(`the window has no row ${key}`, [rows.length]);
      return row;
    },
  }) as CacheWindow;
}

function unknownKey(what: string, known: readonly (string | number)[]): AppError {
  return new AppError(
    'usage.view_key',
    `The view was asked wrongly: ${what} (there is: ${known.join(', ') || 'nothing'}).`,
  );
}
