import { describe, expect, it } from 'vitest';
import { createCacheView } from './cache-view';
import { Node, ProcessingNode } from './node';
import { NodeCache } from './node-cache';
import { checkComputeFunction, parseInterval, parsePeriod } from './node-options';
import { Runner } from './runner';
import { Strategy, type StrategyOptions } from './strategy';
import { StreamInput } from './stream-input';
import { hasVectors, sectionNames, vectors } from './vectors';

/** Sections that a test of this folder or of src-main/questdb/qmtl reads. */
const TESTED = [
  'interval_parsing',
  'interval_parsing_newer_differences',
  'period_parsing',
  'period_parsing_newer',
  'tag_validation_newer',
  'validation',
  'canonical_json_v1',
  'code_hash',
  'node_ids_v1',
  'crc32',
  'missing_ranges',
  'coverage_runs',
  'node_cache_traces',
  'node_cache_traces_newer_differences',
  'backfill_state_traces',
  'cache_view',
  'pipeline_traces',
  'backtest_replay',
  'backfill_engine',
  'fill_missing',
  'stream_identities',
];

/** Sections of parts that are not built yet: v4 ids, live and dry runs, tag queries, gateway, metrics page; and QMTL's own SQL. */
const LATER = [
  'canonical_params_v4',
  'blake3',
  'node_ids_v4',
  'compute_keys_newer',
  'default_fill_changes_id_newer',
  'live_warmup_window',
  'metrics_exposition_sample',
  'sql',
  'tag_query',
  'gateway_seed',
  'gateway_newer',
  'apply_queue_map',
  'circuit_breaker',
];

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

const bars = (node: Node) => ({ interval: node.interval, period: node.period, window_size: node.cache.period });
const defaults = { defaultInterval: '1m', defaultPeriod: 5 };

/** What stands for a recorded case here; QMTL's errors are refusals, whatever their class. */
const VALIDATION: Record<string, () => unknown> = {
  'node without interval/period, no defaults': () => new OneNode(new Node()),
  'node without period, no defaults': () => new OneNode(new Node({ interval: 60 })),
  'defaults 1m/5 fill both': () => bars(new OneNode(new Node(), defaults).node),
  'defaults do not override': () => bars(new OneNode(new Node({ interval: 300, period: 9 }), defaults).node),
  'input is a mapping': () => new Node({ input: { a: new Node() } as unknown as Node }),
  'input is a number': () => new Node({ input: 7 as unknown as Node }),
  'ProcessingNode with empty input': () => new ProcessingNode({ input: [] }),
  'compute_fn with two parameters': () => checkComputeFunction((a: unknown, b: unknown) => [a, b]),
  'compute_fn with *args': () => checkComputeFunction((...views: unknown[]) => views),
  'compute_fn without parameters': () => checkComputeFunction(() => 1),
  'compute_fn(view, k=1): a second positional with a default is refused': () =>
    checkComputeFunction((view: unknown, k = 1) => [view, k]),
  'assigning StreamInput.history_provider': () => Object.assign(new StreamInput(), { historyProvider: null }),
  'assigning StreamInput.event_recorder': () => Object.assign(new StreamInput(), { eventRecorder: null }),
  'add_tag twice appends once': () => new Node({ tags: ['a'] }).addTag('b').addTag('b').tags,
  'Runner.backtest without times': () => Runner.backtest(OneNode as never, {} as never),
};

/** No keyword-only parameters in JavaScript; modes run without a gateway; live and dry runs come later. */
const NOT_MIRRORED = [
  'compute_fn(view, *, k=1) is accepted',
  'Runner.backtest without gateway_url',
  'Runner.dryrun without gateway_url',
  'Runner.live without gateway_url',
  'Runner.offline without gateway',
];

describe.skipIf(!hasVectors)('the recorded behaviour of QMTL', () => {
  it('has a section that nobody has thought about', () => {
    expect([...TESTED, ...LATER].sort()).toEqual(sectionNames().sort());
  });

  it('is refused or accepted otherwise', async () => {
    const cases = vectors<{ name: string; result?: unknown; error?: unknown }[]>('validation');
    expect([...Object.keys(VALIDATION), ...NOT_MIRRORED].sort()).toEqual(cases.map(({ name }) => name).sort());
    for (const { name, result, error } of cases) {
      const run = VALIDATION[name];
      if (!run) continue;
      const outcome = Promise.resolve().then(run);
      if (error) await expect(outcome, name).rejects.toThrow();
      else expect(await outcome, name).toEqual(result);
    }
  });

  it('lets a view be read in other ways', () => {
    const { period, appends, queries, access_log_after } = vectors<{
      period: number;
      appends: [string, number, number, unknown][];
      queries: { expr: string; result?: unknown; error?: string }[];
      access_log_after: unknown[];
    }>('cache_view');
    const cache = new NodeCache(period);
    for (const append of appends) cache.append(...append);
    const log: unknown[] = [];
    const view = createCacheView(cache.view(), (id, interval) => log.push([id, interval]));
    for (const { expr, result, error } of queries) {
      // Python's text, as JavaScript; the last two are what a view here can do more.
      const text = expr
        .replace('[*', '[...')
        .replace(/^len\((.*)\)$/, '$1.length')
        .replace('.items()', '.keys()');
      const read = () => new Function('view', `return ${text}`)(view) as unknown;
      if (text.endsWith('.length')) expect(read(), expr).toBe(period);
      else if (text.endsWith('.keys()')) expect(read(), expr).toEqual(['btc_price', 'eth']);
      else if (error) expect(read, expr).toThrow();
      else expect(read(), expr).toEqual(result);
    }
    expect(log).toEqual(access_log_after);
  });

  it('of later versions would forbid bars of three days and weeks, or long windows', () => {
    for (const { in: value } of vectors<{ in: unknown }[]>('interval_parsing_newer_differences'))
      expect(parseInterval(value)).toBeGreaterThan(86_400);
    for (const { in: value } of vectors<{ in: number }[]>('period_parsing_newer'))
      expect(parsePeriod(value)).toBe(value);
  });

  it('of later versions would keep the time of an older bar as the last', () => {
    const later = vectors<{ name: string }[]>('node_cache_traces_newer_differences').map(({ name }) => name);
    const seed = vectors<{ name: string }[]>('node_cache_traces').map(({ name }) => name);
    expect(seed).toEqual(expect.arrayContaining(later));
    const cache = new NodeCache(3);
    cache.append('a', 60, 180, 1);
    cache.append('a', 60, 60, 2);
    expect([cache.gapFlag('a', 60), cache.latest('a', 60)]).toEqual([true, [60, 2]]);
  });
});

describe('StreamInput.loadHistory', () => {
  const rows = [60, 120, 180].map((ts) => ({ ts, node_id: 'n', interval: 60, close: ts }));

  it('leaves the window empty, or puts keys of the table into it', async () => {
    const asked: unknown[] = [];
    const historyProvider = {
      bindStream: () => {},
      fetch: async (start: number, end: number) => {
        asked.push([start, end]);
        return rows;
      },
      coverage: async () => [],
      fillMissing: async () => {},
    };
    const stream = new StreamInput({ interval: '1m', period: 2, historyProvider });
    await stream.loadHistory(60, 240);
    expect(asked).toEqual([[60, 240]]);
    const pair = stream.cache.view().get(stream.nodeId)?.get(60);
    expect(pair).toEqual([
      [120, { close: 120 }],
      [180, { close: 180 }],
    ]);
    expect(stream.preWarmup).toBe(true);
  });

  it('fails without a provider or an interval', async () => {
    await new StreamInput({ interval: 60, period: 1 }).loadHistory(0, 60);
    await new StreamInput({ period: 1 }).loadHistory(0, 60);
  });
});
