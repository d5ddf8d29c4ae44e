import { type CandleColumns, candleSeries, createCandleColumns } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { BinanceHistoryStrategy } from './binance-history-strategy';
import { coverageRuns, type HistoryProvider, type HistoryRow, type SecondRange } from './history';
import { Node } from './node';
import type { OnMissing } from './node-options';
import { type BacktestReport, Runner } from './runner';
import { Strategy } from './strategy';
import { StreamInput } from './stream-input';
import { hasVectors, vectors } from './vectors';

interface StreamSpec {
  key: string;
  period: number;
  stored_ts: number[];
  holes?: number[];
  coverage_claims?: SecondRange[];
}
interface ReplayCase {
  name: string;
  streams: StreamSpec[];
  node_period: number;
  start: number;
  end: number;
  on_missing: OnMissing;
  proposed: { fills: Record<string, unknown[]>; compute_windows: Record<string, number[]>[]; error?: string };
}

/** Half-open fetch, inclusive fill; `holes` can never be filled. */
class MemoryProvider implements HistoryProvider {
  readonly fills: unknown[] = [];
  private readonly stored: Set<number>;

  constructor(private readonly spec: StreamSpec) {
    this.stored = new Set(spec.stored_ts);
  }
  bindStream(): void {}
  async fetch(start: number, end: number): Promise<HistoryRow[]> {
    return this.opens()
      .filter((ts) => ts >= start && ts < end)
      .map((ts) => ({ ts, node_id: 'n', interval: 60, v: ts }));
  }
  async coverage(): Promise<SecondRange[]> {
    return this.spec.coverage_claims ?? coverageRuns(this.opens(), 60);
  }
  async fillMissing(start: number, end: number): Promise<void> {
    this.fills.push(['fill_missing', start, end]);
    for (let ts = start; ts <= end; ts += 60) if (!this.spec.holes?.includes(ts)) this.stored.add(ts);
  }
  private opens(): number[] {
    return [...this.stored].sort((a, b) => a - b);
  }
}

class Scripted extends Strategy {
  readonly windows: Record<string, number[]>[] = [];
  readonly providers = new Map<string, MemoryProvider>();
  readonly persisted: unknown[] = [];

  constructor(private readonly script: ReplayCase) {
    super();
  }
  override setup(): void {
    const streams = this.script.streams.map((spec) => {
      const historyProvider = new MemoryProvider(spec);
      this.providers.set(spec.key, historyProvider);
      const eventRecorder = {
        bindStream: () => {},
        persist: async (...event: unknown[]) => void this.persisted.push(event),
      };
      return new StreamInput({
        interval: 60,
        period: spec.period,
        config: { key: spec.key },
        historyProvider,
        eventRecorder,
      });
    });
    const node = new Node({
      input: streams,
      interval: 60,
      period: this.script.node_period,
      computeFn: (view) => {
        const named = streams.map((stream, index) => [
          this.script.streams[index]!.key,
          [...view.window(stream)].map(([ts]) => ts),
        ]);
        this.windows.push(Object.fromEntries(named) as Record<string, number[]>);
        return null;
      },
    });
    this.addNodes([...streams, node]);
  }
}

describe('Runner.backtest', () => {
  it.each(hasVectors ? vectors<ReplayCase[]>('backtest_replay').map((each) => [each.name, each] as const) : [])(
    'bars or fills differ from what was decided: %s',
    async (_name, each) => {
      const strategy = new Scripted(each);
      const run = Runner.backtest(strategy, { startTime: each.start, endTime: each.end, onMissing: each.on_missing });
      if (each.proposed.error) await expect(run).rejects.toMatchObject({ code: 'replay.gap_detected' });
      else expect(await run).toBe(strategy);
      expect(strategy.windows).toEqual(each.proposed.compute_windows);
      const fills = Object.fromEntries([...strategy.providers].map(([key, provider]) => [key, provider.fills]));
      expect(fills).toEqual(each.proposed.fills);
      expect(strategy.persisted).toEqual([]);
    },
  );

  it('a hole that nobody can fill is not told', async () => {
    const stream = { key: 'a', period: 2, stored_ts: [0, 120], holes: [60] };
    const script: ReplayCase = {
      name: '',
      streams: [stream],
      node_period: 1,
      start: 0,
      end: 120,
      on_missing: 'skip',
      proposed: { fills: {}, compute_windows: [] },
    };
    const reports: BacktestReport[] = [];
    await Runner.backtest(new Scripted(script), {
      startTime: '1970-01-01',
      endTime: new Date(120_000),
      onReport: (each) => reports.push(each),
    });
    expect(reports).toMatchObject([{ bars: 2, knownHoles: [{ ranges: [[60, 60]] }] }]);
  });

  it('times that are missing, reversed or no times start a run', async () => {
    const strategy = new BinanceHistoryStrategy([]);
    for (const times of [
      { startTime: 60, endTime: 0 },
      { startTime: 'soon', endTime: 60 },
      { startTime: Number.NaN, endTime: 60 },
    ])
      await expect(Runner.backtest(strategy, times)).rejects.toThrow(/start|startTime/);
  });

  it('an interrupted run goes on reading, or leaves its readers open', async () => {
    const controller = new AbortController();
    let closed = 0;
    async function* endless(): AsyncGenerator<CandleColumns> {
      try {
        for (let minute = 0; ; minute++) {
          const candles = createCandleColumns(1);
          candles.rows = 1;
          candles.openTime[0] = minute * 60_000;
          if (minute === 5) controller.abort();
          yield candles;
        }
      } finally {
        closed++;
      }
    }
    const historyProvider: HistoryProvider = {
      bindStream: () => {},
      fetch: async () => [],
      coverage: async () => [[0, 600]],
      fillMissing: async () => {},
      stream: endless,
    };
    const strategy = new BinanceHistoryStrategy([candleSeries('BTCUSDT', '1m')], () => ({ historyProvider }));
    const opens: number[] = [];
    const run = Runner.backtest(strategy, {
      startTime: 0,
      endTime: 600,
      signal: controller.signal,
      onCandles: (_node, batch) => opens.push(...batch.openTime),
    });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(opens).toEqual([0, 1, 2, 3, 4].map((minute) => minute * 60_000));
    expect(closed).toBe(1);
  });
});
