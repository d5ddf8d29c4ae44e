import { AppError } from '@shared/contract';
import { CANDLE_FIELDS, type CandleColumns, SECOND_MS, sliceCandles } from '@shared/market';
import { payloadAt } from './history';
import type { Node } from './node';
import { type OnMissing, parseOnMissing } from './node-options';

/** Message to the topic of a node. `timestamp` in seconds, not floored. */
export interface PipelineMessage {
  interval: number;
  timestamp: number;
  payload: unknown;
}

export interface PipelineOptions {
  /** Gets what nodes with a topic put out. */
  producer?: { publish(topic: string, message: PipelineMessage): void };
  /** `replay`: the rows come from storage, so no recorder is asked to store them again. */
  rows?: 'live' | 'replay';
  /** Results of computing nodes, one by one or, where a batch ran in columns, together. */
  onResult?: (node: Node, ts: number, result: unknown) => void;
  onCandles?: (node: Node, candles: CandleColumns) => void;
}

/** Lets rows run from a source through the nodes, depth first in the order of adding. */
export class Pipeline {
  private readonly children = new Map<Node, Node[]>();

  constructor(
    nodes: Iterable<Node>,
    private readonly options: PipelineOptions = {},
  ) {
    for (const node of nodes) {
      for (const input of new Set(node.inputs)) {
        const siblings = this.children.get(input);
        if (siblings) siblings.push(node);
        else this.children.set(input, [node]);
      }
    }
  }

  /** Feeds one bar into a source; `ts` in seconds. A gap at the source itself never fails, one at a child does on `fail`. */
  feed(node: Node, ts: number, payload: unknown, onMissing: OnMissing = 'skip'): void {
    parseOnMissing(onMissing);
    const interval = intervalOf(node);
    this.take(node, node.nodeId, interval, ts, payload, 'skip');
    this.publish(node, interval, ts, payload);
    this.propagate(node, interval, ts, payload, onMissing);
  }

  /** Feeds candles (ascending) into a source: in columns where every node behind it can, else bar by bar. */
  feedCandles(source: Node, candles: CandleColumns, onMissing: OnMissing = 'skip'): void {
    parseOnMissing(onMissing);
    const tsAt = (index: number): number => candles.openTime[index]! / SECOND_MS;
    let start = 0;
    if (this.runsInColumns(source)) {
      // On `fail` the columns end before the first gap; the bar behind it goes the slow way, which refuses it in words.
      const end =
        onMissing === 'fail'
          ? source.cache.firstGap(source.nodeId, intervalOf(source), candles.rows, tsAt)
          : candles.rows;
      const safe = sliceCandles(candles, 0, end);
      this.takeColumns(source, source.nodeId, intervalOf(source), safe);
      this.propagateColumns(source, safe);
      start = end;
    }
    for (let index = start; index < candles.rows; index++)
      this.feed(source, tsAt(index), payloadAt(candles, index), onMissing);
  }

  /** Whether candles of this source can run in columns: nothing behind it needs single bars or meets another source. */
  runsInColumns(source: Node): boolean {
    if (source.kafkaTopic !== null || (this.options.rows !== 'replay' && source.inputs.length === 0)) return false;
    return this.childrenOf(source).every((child) => {
      const plain = child.computeFn === null || !child.execute || child.builtIn?.candles !== undefined;
      const alone = child.inputs.length === 1 && child.cache.holdsOnly(source.nodeId, intervalOf(source));
      return plain && alone && child.kafkaTopic === null && this.hasColumnsBehind(child);
    });
  }

  private hasColumnsBehind(node: Node): boolean {
    return this.childrenOf(node).length === 0 || this.runsInColumns(node);
  }

  private childrenOf(node: Node): readonly Node[] {
    return this.children.get(node) ?? [];
  }

  private take(node: Node, upstreamId: string, interval: number, ts: number, payload: unknown, onMissing: OnMissing) {
    return this.options.rows === 'replay'
      ? node.replay(upstreamId, interval, ts, payload, onMissing)
      : node.feed(upstreamId, interval, ts, payload, onMissing);
  }

  private propagate(parent: Node, parentInterval: number, ts: number, payload: unknown, onMissing: OnMissing): void {
    for (const child of this.childrenOf(parent)) {
      const computes = this.take(child, parent.nodeId, parentInterval, ts, payload, onMissing);
      let passed = payload;
      if (child.execute && child.computeFn !== null) {
        if (!computes) continue;
        passed = child.compute();
        if (passed === null || passed === undefined) continue;
        this.options.onResult?.(child, ts, passed);
      }
      const interval = intervalOf(child);
      this.publish(child, interval, ts, passed);
      this.propagate(child, interval, ts, passed, onMissing);
    }
  }

  private propagateColumns(parent: Node, candles: CandleColumns): void {
    if (candles.rows === 0) return;
    for (const child of this.childrenOf(parent)) {
      const computed = this.takeColumns(child, parent.nodeId, intervalOf(parent), candles);
      if (!child.execute || child.computeFn === null) {
        this.propagateColumns(child, candles);
        continue;
      }
      const passed = child.builtIn?.candles?.(computed) ?? computed;
      if (passed.rows > 0) this.options.onCandles?.(child, passed);
      this.propagateColumns(child, passed);
    }
  }

  /** Puts a batch into a node's window and returns the candles at which it computes. */
  private takeColumns(node: Node, upstreamId: string, interval: number, candles: CandleColumns): CandleColumns {
    const { cache } = node;
    const stillCold = node.preWarmup ? Math.max(0, cache.period - cache.size(upstreamId, interval) - 1) : 0;
    const gaps = cache.appendMany(
      upstreamId,
      interval,
      candles.rows,
      (index) => candles.openTime[index]! / SECOND_MS,
      (index) => payloadAt(candles, index),
    );
    if (node.preWarmup && cache.ready()) node.preWarmup = false;
    const first = Math.min(candles.rows, stillCold);
    const warm = first === 0 ? candles : sliceCandles(candles, first, candles.rows);
    if (gaps.length === 0 || node.builtIn?.computesBehindGaps) return warm;
    return withoutRows(warm, new Set(gaps.map((index) => index - first)));
  }

  private publish(node: Node, interval: number, timestamp: number, payload: unknown): void {
    if (node.kafkaTopic !== null) this.options.producer?.publish(node.kafkaTopic, { interval, timestamp, payload });
  }
}

function intervalOf(node: Node): number {
  if (node.interval !== null) return node.interval;
  throw new AppError('usage.interval', `Node ${node.label} has no interval; add it to a strategy with a default one.`);
}

function withoutRows(candles: CandleColumns, left: ReadonlySet<number>): CandleColumns {
  const kept = Array.from({ length: candles.rows }, (_, index) => index).filter((index) => !left.has(index));
  const result = { rows: kept.length } as CandleColumns;
  for (const field of CANDLE_FIELDS) result[field] = Float64Array.from(kept, (index) => candles[field][index]!);
  return result;
}
