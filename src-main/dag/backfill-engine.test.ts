import { AppError } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { BackfillEngine, type BackfillEngineOptions } from './backfill-engine';
import { type HistoryRow, payloadOfRow } from './history';
import { SourceNode } from './node';
import { hasVectors, vectors } from './vectors';

interface EngineCase {
  name: string;
  max_retries: number;
  job: [number, number];
  source_answers: ('raise' | null | HistoryRow[])[];
  live_appends_before_answer?: [number, unknown][];
  observed: {
    fetch_calls: number;
    sleeps_s: number[];
    error: unknown;
    backfill_jobs_in_progress: number;
    backfill_last_timestamp: number | null;
    backfill_retry_total: number;
    backfill_failure_total: number;
    cache: Record<string, [number, HistoryRow][]>;
    ready: boolean;
    pre_warmup: boolean;
  };
}

function counters() {
  const count = { inProgress: 0, last: null as number | null, retries: 0, failures: 0 };
  const metrics: NonNullable<BackfillEngineOptions['metrics']> = {
    jobsInProgress: (change) => {
      count.inProgress += change;
    },
    lastTimestamp: (_id, _interval, ts) => {
      count.last = ts;
    },
    retry: () => {
      count.retries++;
    },
    failure: () => {
      count.failures++;
    },
  };
  return { count, metrics };
}

describe('BackfillEngine', () => {
  it.each(hasVectors ? vectors<EngineCase[]>('backfill_engine').map((each) => [each.name, each] as const) : [])(
    'attempts, counters or window differ from QMTL: %s',
    async (_name, each) => {
      const node = new SourceNode({
        interval: 60,
        period: each.observed.ready && each.name.startsWith('rows') ? 1 : 3,
      });
      const { count, metrics } = counters();
      const waits: number[] = [];
      let calls = 0;
      const fetch = async (): Promise<HistoryRow[] | null> => {
        const answer = each.source_answers[Math.min(calls++, each.source_answers.length - 1)];
        if (answer === 'raise' || answer === undefined) throw new Error('boom');
        for (const [ts, payload] of each.live_appends_before_answer ?? [])
          node.cache.append(node.nodeId, 60, ts, payload);
        return answer;
      };
      const wait = async (ms: number): Promise<void> => void waits.push(ms / 1000);
      const engine = new BackfillEngine({ fetch }, { maxRetries: each.max_retries, metrics, wait });
      engine.submit(node, ...each.job);
      if (each.observed.error) await expect(engine.wait()).rejects.toThrow('boom');
      else await engine.wait();

      expect(calls).toBe(each.observed.fetch_calls);
      expect(waits).toEqual(each.observed.sleeps_s);
      expect(count).toEqual({
        inProgress: each.observed.backfill_jobs_in_progress,
        last: each.observed.backfill_last_timestamp,
        retries: each.observed.backfill_retry_total,
        failures: each.observed.backfill_failure_total,
      });
      const rows = [...(node.cache.view().get(node.nodeId) ?? [])].map(([interval, window]) => [
        String(interval),
        window,
      ]);
      // Our payloads are the columns without the time, in history as in live rows.
      const expected = Object.entries(each.observed.cache).map(([interval, window]) => [
        interval,
        window.map(([ts, row]) => [ts, payloadOfRow(row)]),
      ]);
      expect(rows).toEqual(expected);
      expect(node.preWarmup).toBe(each.observed.pre_warmup);
    },
  );

  it('the wait that a server asked for is cut short', async () => {
    const waits: number[] = [];
    const answers = [
      () => Promise.reject(new AppError('exchange.rate_limited', 'Too many requests.', { retryAfterMs: 7_000 })),
    ];
    const fetch = (): Promise<HistoryRow[]> => answers.shift()?.() ?? Promise.resolve([]);
    const engine = new BackfillEngine({ fetch }, { wait: async (ms) => void waits.push(ms) });
    engine.submit(new SourceNode({ interval: 60, period: 1 }), 0, 60);
    await engine.wait();
    expect(waits).toEqual([7_000]);
  });

  it('more jobs than allowed fetch at once, or one is forgotten', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const fetch = async (): Promise<HistoryRow[]> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done++;
      return [];
    };
    const engine = new BackfillEngine({ fetch }, { concurrency: 2 });
    for (let job = 0; job < 7; job++) engine.submit(new SourceNode({ interval: 60, period: 1 }), 0, 60);
    await engine.wait();
    expect([most, done]).toEqual([2, 7]);
  });
});
