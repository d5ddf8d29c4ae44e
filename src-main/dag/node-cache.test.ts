import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackfillState } from './backfill-state';
import { createCacheView } from './cache-view';
import { type CacheRow, NodeCache } from './node-cache';
import { hasVectors, vectors } from './vectors';

interface Snapshot {
  ready: boolean;
  view: Nested<CacheRow[]>;
  missing: Nested<boolean>;
  last: Nested<number | null>;
  backfilled: Nested<[number, number][]>;
}
type Nested<T> = Record<string, Record<string, T>>;
interface Step {
  op: string;
  u: string;
  i: number;
  ts: number;
  p: unknown;
  s: number;
  e: number;
  count: number;
  items: CacheRow[];
  during?: { after_item: number; ts: number; p: unknown }[];
  result?: unknown;
  error?: string;
  after?: Snapshot;
}
interface Trace {
  name: string;
  period: number;
  steps: Step[];
  proposal: string;
}

function nested<T>(map: ReadonlyMap<string, ReadonlyMap<number, T>>): Nested<T> {
  return Object.fromEntries([...map].map(([id, inner]) => [id, Object.fromEntries(inner)]));
}

function snapshotOf(cache: NodeCache): Snapshot {
  const backfilled: Snapshot['backfilled'] = {};
  for (const [id, intervals] of cache.view())
    for (const interval of intervals.keys()) {
      const ranges = cache.backfilledRanges(id, interval).map(([first, last]): [number, number] => [first, last]);
      if (ranges.length > 0) backfilled[id] = { ...backfilled[id], [interval]: ranges };
    }
  return {
    ready: cache.ready(),
    view: nested(cache.view()) as Snapshot['view'],
    missing: nested(cache.missingFlags()),
    last: nested(cache.lastTimestamps()),
    backfilled,
  };
}

function runStep(cache: NodeCache, step: Step): unknown {
  switch (step.op) {
    case 'append':
      return cache.append(step.u, step.i, step.ts, step.p);
    case 'backfill_bulk':
      return cache.backfillBulk(step.u, step.i, itemsWithAppends(cache, step));
    case 'drop':
      return cache.drop(step.u, step.i);
    case 'get_slice':
      return cache.getSlice(step.u, step.i, step.count);
    case 'latest':
      return cache.latest(step.u, step.i);
    case 'is_complete':
      return cache.backfillState.isComplete(step.u, step.i, step.s, step.e);
    default:
      throw new Error(`unknown step ${step.op}`);
  }
}

function* itemsWithAppends(cache: NodeCache, step: Step): Generator<CacheRow> {
  for (const [index, item] of step.items.entries()) {
    yield item;
    for (const live of step.during ?? []) if (live.after_item === index) cache.append(step.u, step.i, live.ts, live.p);
  }
}

describe('NodeCache', () => {
  it.skipIf(!hasVectors)('windows, flags or ranges differ from QMTL', () => {
    const traces = vectors<Trace[]>('node_cache_traces');
    expect(traces).toHaveLength(38);
    for (const trace of traces) {
      if (trace.period === 0) {
        expect(() => new NodeCache(0)).toThrow(/period/);
        continue;
      }
      const cache = new NodeCache(trace.period);
      // Where two rows of one bucket are merged, either answer is right; our feed never makes two.
      const exact = !trace.proposal.startsWith('at the step that merges');
      for (const [index, step] of trace.steps.entries()) {
        const result = runStep(cache, step);
        const where = `${trace.name}, step ${index}`;
        if ('result' in step) expect(result, where).toEqual(step.result);
        if (step.after && exact) expect(snapshotOf(cache), where).toEqual(step.after);
      }
    }
  });

  it.skipIf(!hasVectors)('ranges from history differ from QMTL', () => {
    interface StateTrace {
      name: string;
      interval: number;
      steps: { mark: [number, number]; ranges: [number, number][] }[];
      is_complete: { range: [number, number]; result: boolean }[];
    }
    for (const trace of vectors<StateTrace[]>('backfill_state_traces')) {
      const state = new BackfillState();
      for (const { mark, ranges } of trace.steps) {
        state.markRange('u', trace.interval, ...mark);
        expect(state.ranges('u', trace.interval), trace.name).toEqual(ranges);
      }
      for (const { range, result } of trace.is_complete)
        expect(state.isComplete('u', trace.interval, ...range), `${trace.name} ${range}`).toBe(result);
    }
  });

  it('a batch leaves another window or other flags than the same rows one by one', () => {
    const opens = fc.array(fc.integer({ min: 0, max: 40 }).map((bar) => bar * 60));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), opens, opens, (period, before, batch) => {
        const single = new NodeCache(period);
        const many = new NodeCache(period);
        for (const ts of before) for (const cache of [single, many]) cache.append('u', 60, ts, ts);
        const tsAt = (index: number): number => batch[index]!;
        const first = many.firstGap('u', 60, batch.length, tsAt);
        const gaps = many.appendMany('u', 60, batch.length, tsAt, tsAt);
        const expected: number[] = [];
        for (const [index, ts] of batch.entries()) {
          single.append('u', 60, ts, ts);
          if (single.gapFlag('u', 60)) expected.push(index);
        }
        expect(gaps).toEqual(expected);
        expect(first).toBe(expected[0] ?? batch.length);
        expect(snapshotOf(many)).toEqual(snapshotOf(single));
      }),
    );
  });

  it('months of different length pass for gaps, or Mondays are moved', () => {
    const cache = new NodeCache(3);
    const month = (index: number): number => Date.UTC(2020, index, 1) / 1000;
    for (let index = 0; index < 12; index++) {
      cache.append('m', 2_592_000, month(index), index);
      expect(cache.gapFlag('m', 2_592_000)).toBe(false);
    }
    expect(cache.latest('m', 2_592_000)?.[0]).toBe(month(11));
    cache.append('m', 2_592_000, month(13), 13);
    expect(cache.gapFlag('m', 2_592_000)).toBe(true);
    cache.append('w', 604_800, Date.UTC(2020, 0, 6) / 1000, 0);
    expect(cache.latest('w', 604_800)?.[0]).toBe(Date.UTC(2020, 0, 6) / 1000);
  });
});

describe('CacheView', () => {
  function view(onAccess?: (id: string, interval: number) => void) {
    const cache = new NodeCache(2);
    cache.append('btc_price', 60, 60, 1);
    cache.append('btc_price', 60, 120, 2);
    cache.append('eth', 300, 300, 9);
    return createCacheView(cache.view(), onAccess);
  }

  it('a key finds other rows than in QMTL', () => {
    const log: unknown[] = [];
    const seen = view((id, interval) => log.push([id, interval]));
    expect(seen.btc_price![60]![-1]).toEqual([120, 2]);
    expect(seen.btc_price![60]![0]).toEqual([60, 1]);
    expect(seen.btc_price![60]!.latest()).toEqual([120, 2]);
    expect([...seen.btc_price![60]!]).toEqual([
      [60, 1],
      [120, 2],
    ]);
    expect(seen.window({ nodeId: 'btc_price' }, 60).length).toBe(2);
    expect(seen.window('eth').latest()).toEqual([300, 9]);
    expect(seen.keys()).toEqual(['btc_price', 'eth']);
    expect(seen.eth!.entries().map(([interval]) => interval)).toEqual([300]);
    expect(log).toEqual([...Array(5).fill(['btc_price', 60]), ['eth', 300], ['eth', 300]]);
  });

  it('a misspelt key is undefined instead of refused', () => {
    const seen = view();
    expect(() => seen.nope).toThrow(/no upstream nope/);
    expect(() => seen.btc_price![300]).toThrow(/no interval 300/);
    expect(() => seen.btc_price![60]![5]).toThrow(/no row 5/);
  });
});
