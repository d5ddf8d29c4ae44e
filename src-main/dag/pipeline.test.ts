import {
  CANDLE_FIELDS,
  type CandleColumns,
  type CandleSeries,
  candleSeries,
  createCandleColumns,
  sliceCandles,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheView } from './cache-view';
import { candleStream, IDENTITY, identityNode } from './identity';
import { type ComputeFunction, Node, ProcessingNode, SourceNode } from './node';
import type { OnMissing } from './node-options';
import { Pipeline } from './pipeline';
import { StreamInput } from './stream-input';
import { hasVectors, vectors } from './vectors';

type Windows = Record<string, Record<string, [number, number][]>>;
interface NodeSpec {
  key: string;
  kind: 'source' | 'processing' | 'stream_input';
  inputs?: string[];
  fn?: string | null;
  interval: number;
  period: number;
  execute?: boolean;
  recorder?: boolean;
  topic?: string;
}
interface Call {
  node: string;
  view: Windows;
  result: unknown;
}
interface Trace {
  name: string;
  on_missing: OnMissing;
  nodes: NodeSpec[];
  events: {
    feed: [string, number, number];
    calls: Call[];
    published?: unknown;
    persisted?: unknown;
    error?: unknown;
  }[];
  final: Record<string, { pre_warmup: boolean; ready: boolean; view: Windows; missing: unknown }>;
  proposal: string;
}

const lastOf = (view: CacheView, id = view.keys()[0]!): number => view.window(id).latest()![1] as number;
const sum = (values: number[]): number => values.reduce((total, each) => total + each, 0);
const FUNCTIONS: Record<string, ComputeFunction> = {
  inc: (view) => lastOf(view) + 1,
  last: (view) => lastOf(view),
  sum_last: (view) => sum(view.keys().map((id) => lastOf(view, id))),
  sum_window: (view) => sum([...view.window(view.keys()[0]!)].map(([, payload]) => payload as number)),
  count: (view) => sum(view.keys().map((id) => view.window(id).length)),
  null: (_view) => null,
};

/** A DAG built from a trace, which notes what its nodes do. */
function build(trace: Trace) {
  const nodes = new Map<string, Node>();
  const keys = new Map<string, string>();
  const log = { calls: [] as Call[], published: [] as unknown[], persisted: [] as unknown[] };
  for (const spec of trace.nodes) {
    const { interval, period } = spec;
    const config = { key: spec.key };
    const compute = spec.fn ? FUNCTIONS[spec.fn]! : null;
    const noted: ComputeFunction = (view) => {
      const result = compute?.(view);
      log.calls.push({ node: spec.key, view: windowsOf(nodes.get(spec.key)!, keys), result });
      return result;
    };
    const persist = async (_id: string, ...event: unknown[]): Promise<void> => void log.persisted.push(event);
    const node =
      spec.kind === 'source'
        ? new SourceNode({ interval, period, config })
        : spec.kind === 'stream_input'
          ? new StreamInput({
              interval,
              period,
              config,
              eventRecorder: spec.recorder ? { bindStream: () => {}, persist } : null,
            })
          : new ProcessingNode({
              input: (spec.inputs ?? []).map((key) => nodes.get(key)!),
              computeFn: compute && noted,
              interval,
              period,
              config,
            });
    node.execute = spec.execute ?? true;
    node.kafkaTopic = spec.topic ?? null;
    nodes.set(spec.key, node);
    keys.set(node.nodeId, spec.key);
  }
  const producer = { publish: (topic: string, message: unknown) => void log.published.push([topic, message]) };
  return { nodes, keys, log, pipeline: new Pipeline(nodes.values(), { producer }) };
}

function windowsOf(node: Node, keys: Map<string, string>): Windows {
  const named = [...node.cache.view()].map(([id, windows]) => [keys.get(id), Object.fromEntries(windows)]);
  return Object.fromEntries(named) as Windows;
}

describe('Pipeline', () => {
  const traces = vectors<Trace[]>('pipeline_traces');
  const mirrored = traces.filter((trace) => !/refuse/.test(trace.proposal));

  it.skipIf(!hasVectors)('a trace was lost', () => {
    expect([traces.length, mirrored.length]).toEqual([17, 15]);
  });

  it.each(mirrored.map((trace) => [trace.name, trace] as const))('feeds otherwise than QMTL: %s', (_name, trace) => {
    const { nodes, keys, log, pipeline } = build(trace);
    const firstDiffers = trace.proposal.startsWith('deliberately different at the first event only');
    for (const [index, event] of trace.events.entries()) {
      for (const list of Object.values(log)) list.length = 0;
      const [key, ts, payload] = event.feed;
      const feed = (): void => pipeline.feed(nodes.get(key)!, ts, payload, trace.on_missing);
      if (event.error) expect(feed).toThrow(/gap detected/i);
      else feed();
      // A node with several inputs waits for all of them here; QMTL's starts on the first.
      const waits = (call: Call): boolean => Object.keys(call.view).length < nodes.get(call.node)!.inputs.length;
      const calls = firstDiffers && index === 0 ? event.calls.filter((call) => !waits(call)) : event.calls;
      expect(log.calls, `event ${index}`).toEqual(calls);
      if (event.published) expect(log.published).toEqual(event.published);
      if (event.persisted) expect(log.persisted).toEqual(event.persisted);
    }
    for (const [key, state] of Object.entries(trace.final)) {
      const node = nodes.get(key)!;
      expect({ pre_warmup: node.preWarmup, ready: node.cache.ready(), view: windowsOf(node, keys) }, key).toEqual({
        pre_warmup: state.pre_warmup,
        ready: state.ready,
        view: state.view,
      });
    }
  });

  it('a misspelt onMissing hides gaps', () => {
    const source = new SourceNode({ interval: 60, period: 1 });
    expect(() => new Pipeline([source]).feed(source, 0, 1, 'ignore' as OnMissing)).toThrow(/onmissing/i);
  });

  it('an event that could not be stored vanishes', async () => {
    const failure = new Error('disk full');
    const heard = new Promise((resolve) => {
      const eventRecorder = { bindStream: () => {}, persist: () => Promise.reject(failure) };
      const stream = new StreamInput({ interval: 60, period: 1, eventRecorder, onRecorderError: resolve });
      new Pipeline([stream]).feed(stream, 60, 1);
    });
    expect(await heard).toBe(failure);
  });
});

describe('feeding in columns', () => {
  const series: CandleSeries = candleSeries('BTCUSDT', '1m');

  function candlesAt(minutes: readonly number[]): CandleColumns {
    const candles = createCandleColumns(minutes.length);
    candles.rows = minutes.length;
    minutes.forEach((minute, index) => {
      for (const field of CANDLE_FIELDS) candles[field][index] = minute * 1000 + CANDLE_FIELDS.indexOf(field);
      candles.openTime[index] = minute * 60_000;
    });
    return candles;
  }

  /** Stream, a pass-through of some period, and identity nodes, with a switch that forces the way bar by bar. */
  function dag(period: number, behindGaps: boolean, columns: boolean, minutes: readonly number[]) {
    const seen: Record<string, number[]> = {};
    const note = (node: Node, openMs: number): void => {
      seen[node.name] = [...(seen[node.name] ?? []), openMs];
    };
    const stream = candleStream(series, { period });
    const { candles, ...slow } = { ...IDENTITY, computesBehindGaps: behindGaps };
    const computeFn = columns ? { ...slow, candles: candles! } : slow;
    const options = { computeFn, interval: 60 };
    const a = new Node({ ...options, name: 'a', input: stream, period, config: { key: 'a' } });
    const b = new Node({ ...options, name: 'b', input: a, period: 1, config: { key: 'b' } });
    const pass = new Node({ name: 'pass', interval: 60, period: 2, input: stream, config: { key: 'p' } });
    const c = new Node({ ...options, name: 'c', input: pass, period: 1, config: { key: 'c' } });
    const nodes = [stream, a, b, pass, c];
    const pipeline = new Pipeline(nodes, {
      rows: 'replay',
      onResult: (node, ts) => note(node, ts * 1000),
      onCandles: (node, batch) => batch.openTime.subarray(0, batch.rows).forEach((open) => void note(node, open)),
    });
    expect(pipeline.runsInColumns(stream)).toBe(columns);
    return { nodes, pipeline, stream, seen, candles: candlesAt(minutes) };
  }

  it('columns give other results or windows than bars', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 40 })).map((all) => all.sort((a, b) => a - b));
    const onMissing = fc.constantFrom<OnMissing>('skip', 'fail');
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        onMissing,
        fc.nat(40),
        (opens, period, behind, missing, cut) => {
          const outcomes = [true, false].map((columns) => {
            const { nodes, pipeline, stream, seen, candles } = dag(period, behind, columns, opens);
            const middle = Math.min(cut, candles.rows);
            let error: string | null = null;
            try {
              pipeline.feedCandles(stream, sliceCandles(candles, 0, middle), missing);
              pipeline.feedCandles(stream, sliceCandles(candles, middle, candles.rows), missing);
            } catch (thrown) {
              error = String(thrown);
            }
            const state = nodes.map((node) => [node.name, node.preWarmup, [...node.cache.view().values()]]);
            return { seen, error, state };
          });
          expect(outcomes[0]).toEqual(outcomes[1]);
        },
      ),
    );
  });

  it('identity loses the bar behind a hole', () => {
    const out: number[] = [];
    const stream = candleStream(series);
    const pipeline = new Pipeline([stream, identityNode(stream, series)], {
      rows: 'replay',
      onCandles: (_node, batch) => out.push(...batch.openTime.subarray(0, batch.rows)),
    });
    pipeline.feedCandles(stream, candlesAt([1, 2, 5, 6]));
    expect(out).toEqual([1, 2, 5, 6].map((minute) => minute * 60_000));
  });
});
