import { candleSeries } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { BinanceHistoryStrategy } from './binance-history-strategy';
import { IDENTITY } from './identity';
import { Node, ProcessingNode, SourceNode } from './node';
import { streamNodeId } from './node-ids';
import { Strategy, type StrategyOptions } from './strategy';
import { StreamInput } from './stream-input';
import { hasVectors, vectors } from './vectors';

class OneNode extends Strategy {
  constructor(
    readonly node: Node,
    options: StrategyOptions = {},
  ) {
    super(options);
    this.setup();
  }
  override setup(): void {
    this.addNodes([this.node]);
  }
}

describe('Node', () => {
  it('a node without interval or period is added without defaults', () => {
    expect(() => new OneNode(new Node({ period: 3 }))).toThrow(/no interval/);
    expect(() => new OneNode(new Node({ interval: '1m' }))).toThrow(/no period/);
  });

  it('defaults are not filled in, or override what a node has', () => {
    const defaults = { defaultInterval: '1m', defaultPeriod: 5 };
    expect(new OneNode(new Node(), defaults).node).toMatchObject({ interval: 60, period: 5 });
    expect(new OneNode(new Node({ interval: 300, period: 9 }), defaults).node).toMatchObject({
      interval: 300,
      period: 9,
    });
  });

  it.each([[{ a: new Node() }], [7], ['node'], [[7]], [new Map([['a', new Node()]])]])(
    'an input that is no node is accepted: %s',
    (input) => {
      expect(() => new Node({ input: input as unknown as Node })).toThrow(/input/);
    },
  );

  it('a processing node without input waits for ever', () => {
    expect(() => new ProcessingNode({ input: [] })).toThrow(/at least one input/);
  });

  it('two inputs of one id mix in one window', () => {
    const twins = [new SourceNode({ interval: 60 }), new SourceNode({ interval: 60 })];
    expect(() => new Node({ input: twins })).toThrow(/same node id/);
  });

  it('a tag is added twice', () => {
    expect(new Node({ tags: ['a'] }).addTag('b').addTag('b').tags).toEqual(['a', 'b']);
  });

  it.skipIf(!hasVectors)('a class gets another id than in QMTL', () => {
    class BtcStream extends StreamInput {}
    const { cases } = vectors<{ cases: { name: string; node_type: string; node_id: string }[] }>('node_ids_v1');
    const idOf = (name: string): string | undefined => cases.find((each) => each.name.startsWith(name))?.node_id;
    expect(new StreamInput({ interval: 300, tags: ['x'] }).nodeId).toBe(idOf('StreamInput, BTC'));
    expect(new BtcStream().nodeId).toBe(idOf('subclass BtcStream'));
    expect(new Node().nodeId).toBe(idOf('Node, no function'));
    expect(new SourceNode().nodeId).toBe(idOf('SourceNode, no function'));
    expect(new ProcessingNode({ input: new Node() }).nodeId).toBe(idOf('ProcessingNode, no function'));
    const codeSource = 'def identity(view):\n    return view\n';
    expect(new Node({ computeFn: (view) => view, codeSource }).nodeId).toBe(idOf('Node with identity function'));
  });
});

describe('StreamInput', () => {
  it('provider and recorder are not bound, or are replaced later', () => {
    const bound: string[] = [];
    const bindStream = (stream: { nodeId: string }): void => void bound.push(stream.nodeId);
    const historyProvider = {
      bindStream,
      fetch: async () => [],
      coverage: async () => [],
      fillMissing: async () => {},
    };
    const eventRecorder = { bindStream, persist: async () => {} };
    const stream = new StreamInput({ historyProvider, eventRecorder, interval: '60s', period: 120 });
    expect(bound).toEqual([stream.nodeId, stream.nodeId]);
    expect(() => Object.assign(stream, { historyProvider: null })).toThrow();
    expect(() => Object.assign(stream, { eventRecorder: null })).toThrow();
    expect(stream.historyProvider).toBe(historyProvider);
  });
});

describe('Strategy', () => {
  it('two streams share a table', () => {
    const twins = [new StreamInput({ interval: 60, period: 1 }), new StreamInput({ interval: 60, period: 1 })];
    class Twins extends Strategy {
      override setup(): void {
        this.addNodes(twins);
      }
    }
    expect(() => new Twins().setup()).toThrow(/Two streams/);
  });

  it('a node of another interval than its input surprises silently', () => {
    const input = new SourceNode({ interval: 60, period: 1 });
    expect(new OneNode(new Node({ input, interval: 300, period: 1 })).warnings[0]).toMatch(/300 s/);
  });

  it('binance-history lacks a node, or nodes of two series share an id', () => {
    const series = [candleSeries('BTCUSDT', '1m'), candleSeries('BTCUSDT', '1M'), candleSeries('ETHUSDT', '1m', 'um')];
    const strategy = new BinanceHistoryStrategy(series);
    strategy.setup();
    const { nodes } = strategy.serialize();
    expect(nodes.map((node) => node.name)).toEqual([
      'stream_input',
      'identity:binance:spot:BTCUSDT:1m',
      'stream_input',
      'identity:binance:spot:BTCUSDT:1M',
      'stream_input',
      'identity:binance:um:ETHUSDT:1m',
    ]);
    expect(new Set(nodes.map((node) => node.node_id)).size).toBe(6);
    expect(nodes[0]).toMatchObject({
      node_id: streamNodeId(series[0]!),
      node_type: 'StreamInput',
      interval: 60,
      period: 120,
    });
    expect(nodes[1]!.inputs).toEqual([nodes[0]!.node_id]);
    expect(strategy.nodeIdsCrc32()).toBeGreaterThan(0);
  });

  it('the id of a built-in function hangs on the bundler', () => {
    const node = new Node({ computeFn: IDENTITY });
    const minified = new Node({ computeFn: { ...IDENTITY, compute: (v) => v.window(v.keys()[0]!).latest()![1] } });
    expect(minified.nodeId).toBe(node.nodeId);
  });
});
