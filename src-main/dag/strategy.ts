import { AppError } from '@shared/contract';
import type { Node } from './node';
import { nodeIdsCrc32 } from './node-ids';
import { parseInterval, parsePeriod } from './node-options';
import { StreamInput } from './stream-input';

/** One node of a serialized DAG, under QMTL's names. */
export interface SerializedNode {
  node_id: string;
  node_type: string;
  name: string;
  interval: number | null;
  period: number | null;
  tags: string[];
  inputs: string[];
  code_hash: string;
  schema_hash: string;
  pre_warmup: boolean;
}

export interface StrategyOptions {
  defaultInterval?: number | string;
  defaultPeriod?: number;
}

/** A DAG. Subclasses add their nodes in `setup()`. */
export abstract class Strategy {
  readonly nodes: Node[] = [];
  /** Things that work but surprise, like a node whose interval differs from its input's. */
  readonly warnings: string[] = [];
  private readonly defaultInterval: number | null;
  private readonly defaultPeriod: number | null;

  constructor(options: StrategyOptions = {}) {
    this.defaultInterval = options.defaultInterval === undefined ? null : parseInterval(options.defaultInterval);
    this.defaultPeriod = options.defaultPeriod === undefined ? null : parsePeriod(options.defaultPeriod);
  }

  abstract setup(): void;

  /** Adds nodes in the order in which they are fed; missing intervals and periods come from the strategy's defaults. */
  addNodes(nodes: Iterable<Node>): void {
    for (const node of nodes) {
      node.applyDefaults(this.defaultInterval, this.defaultPeriod);
      if (node instanceof StreamInput && this.streams().some((each) => each.nodeId === node.nodeId))
        throw new AppError(
          'usage.node_id_taken',
          `Two streams of the DAG have the node id ${node.nodeId}: give each its own config, like {exchange, market, symbol, interval}.`,
        );
      for (const input of node.inputs)
        if (input.interval !== null && input.interval !== node.interval)
          this.warnings.push(
            `Node ${node.label} has an interval of ${node.interval} s, its input ${input.label} one of ${input.interval} s: it computes at every bar of its input.`,
          );
      this.nodes.push(node);
    }
  }

  streams(): StreamInput[] {
    return this.nodes.filter((node): node is StreamInput => node instanceof StreamInput);
  }

  serialize(): { nodes: SerializedNode[] } {
    return {
      nodes: this.nodes.map((node) => ({
        node_id: node.nodeId,
        node_type: node.nodeType,
        name: node.name,
        interval: node.interval,
        period: node.period,
        tags: [...node.tags],
        inputs: node.inputs.map((input) => input.nodeId),
        code_hash: node.codeHash,
        schema_hash: node.schemaHash,
        pre_warmup: node.preWarmup,
      })),
    };
  }

  /** Checksum over the node ids in order. */
  nodeIdsCrc32(): number {
    return nodeIdsCrc32(this.nodes.map((node) => node.nodeId));
  }
}
