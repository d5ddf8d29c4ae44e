import { AppError } from '@shared/contract';
import { type CandleColumns, formatTime } from '@shared/market';
import type { CacheView } from './cache-view';
import { createCacheView } from './cache-view';
import { NodeCache } from './node-cache';
import { canonicalHash, codeHash, nodeIdV1 } from './node-ids';
import {
  checkComputeFunction,
  type OnMissing,
  parseInterval,
  parseOnMissing,
  parsePeriod,
  parseTags,
} from './node-options';

/** Result of a node for the windows it sees; null or undefined ends the branch for this bar. */
export type ComputeFunction = (view: CacheView) => unknown;

/**
 * A function of the app's own. `source` is its text as data, so that its hash survives every bundler; `candles`, when there,
 * does the same for a batch at once: row k of the answer depends on row k alone.
 */
export interface BuiltInFunction {
  readonly compute: ComputeFunction;
  readonly source: string;
  readonly candles?: (batch: CandleColumns) => CandleColumns;
  /** True for functions of the newest bar alone: no window can span a hole, so the bar behind one is computed too. */
  readonly computesBehindGaps?: boolean;
}

export interface NodeOptions {
  input?: Node | Iterable<Node>;
  computeFn?: ComputeFunction | BuiltInFunction | null;
  /** Source text that the code hash is taken of; a user's strategy file. Without it, the function's own text. */
  codeSource?: string;
  name?: string;
  interval?: number | string;
  period?: number;
  tags?: readonly string[];
  config?: Record<string, unknown>;
  schema?: Record<string, unknown>;
}

/** A vertex of the DAG: a window of its inputs' newest rows and a function over it. Times in seconds. */
export class Node {
  readonly inputs: readonly Node[];
  readonly name: string;
  readonly tags: string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly computeFn: ComputeFunction | null;
  readonly builtIn: BuiltInFunction | null;
  readonly codeHash: string;
  readonly configHash: string;
  readonly schemaHash: string;
  readonly nodeId: string;
  /** False: what comes in is passed on as it is. */
  execute = true;
  kafkaTopic: string | null = null;
  /** True until every declared input has filled its window once. */
  preWarmup = true;

  private ownInterval: number | null;
  private ownCache: NodeCache | null;

  constructor(options: NodeOptions = {}) {
    const { computeFn = null } = options;
    this.inputs = readInputs(options.input);
    this.name = options.name ?? '';
    this.tags = parseTags(options.tags ?? []);
    this.config = { ...options.config };
    this.schema = { ...options.schema };
    this.builtIn = typeof computeFn === 'function' || computeFn === null ? null : computeFn;
    this.computeFn = this.builtIn?.compute ?? (computeFn as ComputeFunction | null);
    if (this.computeFn !== null) checkComputeFunction(this.computeFn);
    this.ownInterval = options.interval === undefined ? null : parseInterval(options.interval);
    this.ownCache = options.period === undefined ? null : new NodeCache(options.period);
    this.codeHash = codeHash(options.codeSource ?? this.builtIn?.source ?? this.computeFn?.toString() ?? null);
    this.configHash = canonicalHash(this.config);
    this.schemaHash = canonicalHash(this.schema);
    const { nodeType, configHash, schemaHash } = this;
    this.nodeId = nodeIdV1({ nodeType, codeHash: this.codeHash, configHash, schemaHash });
  }

  /** Class name, which enters the id. The app's own classes fix theirs, so that no bundler can rename them. */
  get nodeType(): string {
    const owner = this.constructor as { nodeType?: string; name: string };
    return Object.hasOwn(owner, 'nodeType') && owner.nodeType !== undefined ? owner.nodeType : owner.name;
  }

  static readonly nodeType: string = 'Node';

  /** Seconds of a bar; null until given or taken from the strategy. */
  get interval(): number | null {
    return this.ownInterval;
  }

  get period(): number | null {
    return this.ownCache?.period ?? null;
  }

  get cache(): NodeCache {
    if (!this.ownCache)
      throw new AppError('usage.period', `Node ${this.label} has no period, and no strategy gave it one.`);
    return this.ownCache;
  }

  /** Fills in what the node does not have itself. */
  applyDefaults(interval: number | null, period: number | null): void {
    if (this.ownInterval === null && interval === null)
      throw new AppError('usage.interval', `Node ${this.label} has no interval, and the strategy has no default one.`);
    if (this.ownCache === null && period === null)
      throw new AppError('usage.period', `Node ${this.label} has no period, and the strategy has no default one.`);
    this.ownInterval ??= interval;
    this.ownCache ??= new NodeCache(parsePeriod(period));
  }

  addTag(tag: string): this {
    const [parsed] = parseTags([tag]);
    if (parsed !== undefined && !this.tags.includes(parsed)) this.tags.push(parsed);
    return this;
  }

  /** Takes a row in; true when the node is to compute now. `ts` in seconds. */
  feed(upstreamId: string, interval: number, ts: number, payload: unknown, onMissing: OnMissing = 'skip'): boolean {
    const previous = this.cache.append(upstreamId, interval, ts, payload);
    this.recorded(interval, ts, payload);
    return this.settle(upstreamId, interval, ts, previous, onMissing);
  }

  /** Like `feed` for a row that comes from storage, so nothing is recorded. */
  replay(upstreamId: string, interval: number, ts: number, payload: unknown, onMissing: OnMissing = 'skip'): boolean {
    const previous = this.cache.append(upstreamId, interval, ts, payload);
    return this.settle(upstreamId, interval, ts, previous, onMissing);
  }

  /** Runs the function over the present windows. */
  compute(): unknown {
    return this.computeFn?.(createCacheView(this.cache.view()));
  }

  /** A node stands for its id as a key: `` view[`${node}`] ``. */
  toString(): string {
    return this.nodeId;
  }

  get label(): string {
    return this.name || `${this.nodeType} ${this.nodeId.slice(0, 8)}`;
  }

  /** Whether every declared input has a full window. */
  protected isWarm(): boolean {
    return (
      this.cache.ready() &&
      this.inputs.every((input) => this.cache.size(input.nodeId, input.interval ?? 0) >= this.cache.period)
    );
  }

  /** Hook for nodes with a recorder. */
  protected recorded(_interval: number, _ts: number, _payload: unknown): void {}

  private settle(
    upstreamId: string,
    interval: number,
    ts: number,
    previous: number | null,
    onMissing: OnMissing,
  ): boolean {
    if (this.preWarmup && this.isWarm()) this.preWarmup = false;
    if (this.cache.gapFlag(upstreamId, interval)) {
      if (parseOnMissing(onMissing) === 'fail') throw gapDetected(this, upstreamId, interval, ts, previous);
      if (!this.builtIn?.computesBehindGaps) return false;
    }
    return !this.preWarmup && this.computeFn !== null;
  }
}

/** A node without inputs. */
export class SourceNode extends Node {
  static override readonly nodeType: string = 'SourceNode';

  constructor(options: Omit<NodeOptions, 'input'> = {}) {
    super(options);
  }
}

/** A node with at least one input. */
export class ProcessingNode extends Node {
  static override readonly nodeType: string = 'ProcessingNode';

  constructor(options: NodeOptions) {
    super(options);
    if (this.inputs.length === 0)
      throw new AppError('usage.input', `Processing node ${this.label} needs at least one input node.`);
  }
}

function readInputs(input: unknown): Node[] {
  if (input === undefined || input === null) return [];
  const nodes = input instanceof Node ? [input] : isIterable(input) ? [...input] : null;
  if (
    nodes === null ||
    typeof input === 'string' ||
    input instanceof Map ||
    !nodes.every((node) => node instanceof Node)
  )
    throw new AppError('usage.input', 'The input of a node must be a node or a list of nodes.');
  const ids = new Set(nodes.map((node) => node.nodeId));
  if (ids.size < new Set(nodes).size)
    throw new AppError(
      'usage.node_id_taken',
      'Two inputs of a node have the same node id and would share one window: give each its own config.',
    );
  return nodes;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function gapDetected(node: Node, upstreamId: string, interval: number, ts: number, previous: number | null): AppError {
  const at = (seconds: number): string => formatTime(seconds * 1000);
  const input = node.inputs.find((each) => each.nodeId === upstreamId)?.label ?? upstreamId;
  const what =
    previous !== null && ts > previous + interval
      ? `${input} has no bar between ${at(previous)} and ${at(ts)}`
      : `the bar at ${at(ts)} of ${input} does not follow the one before it`;
  return new AppError('replay.gap_detected', `Gap detected at node ${node.label}: ${what}.`, {
    nodeId: node.nodeId,
    upstreamId,
    interval,
    previous,
    ts,
  });
}
