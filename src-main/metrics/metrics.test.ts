import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackfillMetrics } from '../dag';
import { createMetrics, type Metrics, NO_METRICS } from '.';
import { FlowBoard } from './flow-board';
import { parseExposition, sampleOf } from './testing';

const NODE = '2f70e1731d97253fcb8f282502256f344e316ee72ed40763cd193f83c204d97b';

async function scraped(tell: (metrics: Metrics) => void = () => {}): Promise<ReturnType<typeof parseExposition>> {
  const metrics = await createMetrics();
  tell(metrics);
  return parseExposition(await metrics.read());
}

describe('metrics of the contract', () => {
  it('have another name, type or label than QMTL gave them', async () => {
    const families = await scraped((metrics) => {
      const history: BackfillMetrics = metrics;
      history.jobsInProgress(1);
      history.lastTimestamp(NODE, 60, 1_706_745_600);
      history.retry(NODE, 60);
      history.failure(NODE, 60);
    });
    const seed = [...families].filter(([name]) => !name.startsWith('tapemend_'));
    const labels = { node_id: NODE, interval: '60' };
    expect(seed.map(([name, { type, samples }]) => ({ name, type, samples }))).toEqual([
      {
        name: 'backfill_jobs_in_progress',
        type: 'gauge',
        samples: [{ name: 'backfill_jobs_in_progress', labels: {}, value: 1 }],
      },
      {
        name: 'backfill_last_timestamp',
        type: 'gauge',
        samples: [{ name: 'backfill_last_timestamp', labels, value: 1_706_745_600 }],
      },
      { name: 'backfill_retry_total', type: 'counter', samples: [{ name: 'backfill_retry_total', labels, value: 1 }] },
      {
        name: 'backfill_failure_total',
        type: 'counter',
        samples: [{ name: 'backfill_failure_total', labels, value: 1 }],
      },
    ]);
  });

  it('show a series before its first event, or hide the gauge without labels', async () => {
    const families = await scraped();
    expect(families.get('backfill_retry_total')?.samples).toEqual([]);
    expect(families.get('backfill_last_timestamp')?.samples).toEqual([]);
    expect(sampleOf(families, 'backfill_jobs_in_progress')).toBe(0);
  });
});

describe('metrics of our own', () => {
  it('start with a gap, so that the first event of a counter is no rise', async () => {
    const families = await scraped();
    expect(sampleOf(families, 'tapemend_requests_total', { source: 'rest:spot', outcome: 'throttled' })).toBe(0);
    expect(sampleOf(families, 'tapemend_jobs_ended_total', { state: 'partial' })).toBe(0);
    expect(sampleOf(families, 'tapemend_database_seconds_count', { operation: 'write' })).toBe(0);
    expect(sampleOf(families, 'tapemend_rows_written_total')).toBe(0);
    expect(sampleOf(families, 'tapemend_queue_length')).toBe(0);
  });

  it('lose a request, its bytes, a slow answer of the database, or its error', async () => {
    const families = await scraped((metrics) => {
      metrics.requestDone('rest:spot', 'ok', 1_000);
      metrics.requestDone('rest:spot', 'failed', 24);
      metrics.requestDone('archive', 'ok', 70_000);
      metrics.databaseAnswered('write', 0.004, true);
      metrics.databaseAnswered('write', 45, false);
      metrics.rowsWritten(1_440);
      metrics.rowsWritten(0);
    });
    const value = (name: string, labels?: Record<string, string>) => sampleOf(families, name, labels);
    expect(value('tapemend_requests_total', { source: 'rest:spot', outcome: 'failed' })).toBe(1);
    expect(value('tapemend_received_bytes_total', { source: 'rest:spot' })).toBe(1_024);
    expect(value('tapemend_received_bytes_total', { source: 'archive' })).toBe(70_000);
    expect(value('tapemend_database_seconds_bucket', { operation: 'write', le: '0.005' })).toBe(1);
    expect(value('tapemend_database_seconds_bucket', { operation: 'write', le: '30' })).toBe(1);
    expect(value('tapemend_database_seconds_count', { operation: 'write' })).toBe(2);
    expect(value('tapemend_database_errors_total', { operation: 'write' })).toBe(1);
    expect(value('tapemend_rows_written_total')).toBe(1_440);
  });

  it('keep a job as open after its end, count its end twice, or count what ended before this program looked', async () => {
    const bars = { barsAsked: 100, barsDone: 40 };
    const families = await scraped((metrics) => {
      metrics.jobProgressed({ jobId: 'a', state: 'queued', ...bars });
      metrics.jobProgressed({ jobId: 'a', state: 'running', ...bars });
      metrics.jobProgressed({ jobId: 'b', state: 'queued', barsAsked: 0, barsDone: 0 });
      metrics.jobProgressed({ jobId: 'c', state: 'running', barsAsked: 7, barsDone: 0 });
      metrics.jobProgressed({ jobId: 'c', state: 'partial', barsAsked: 7, barsDone: 5 });
      metrics.jobProgressed({ jobId: 'c', state: 'partial', barsAsked: 7, barsDone: 5 });
      metrics.jobProgressed({ jobId: 'old', state: 'failed', barsAsked: 7, barsDone: 5 });
    });
    const value = (name: string, labels?: Record<string, string>) => sampleOf(families, name, labels);
    expect(value('tapemend_jobs', { state: 'running' })).toBe(1);
    expect(value('tapemend_jobs', { state: 'queued' })).toBe(1);
    expect(value('tapemend_jobs', { state: 'paused' })).toBe(0);
    expect(value('tapemend_queue_length')).toBe(1);
    expect(value('tapemend_bars_left')).toBe(60);
    expect(value('tapemend_jobs_ended_total', { state: 'partial' })).toBe(1);
    expect(value('tapemend_jobs_ended_total', { state: 'failed' })).toBe(0);
  });

  it('tell the weight of an earlier scrape', async () => {
    const metrics = await createMetrics();
    let used = 10;
    metrics.watchWeights(() => [{ market: 'spot', used, limit: 6_000, budget: 3_000, blockedSeconds: 0 }]);
    const read = async (name: string) => sampleOf(parseExposition(await metrics.read()), name, { market: 'spot' });
    expect(await read('tapemend_weight_used')).toBe(10);
    used = 20;
    expect(await read('tapemend_weight_used')).toBe(20);
    expect(await read('tapemend_weight_limit')).toBe(6_000);
    expect(await read('tapemend_weight_budget')).toBe(3_000);
    expect(await read('tapemend_exchange_blocked_seconds')).toBe(0);
  });

  it('tell nothing of the process, or under a name of somebody else', async () => {
    const families = await scraped();
    expect(sampleOf(families, 'tapemend_process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(families.has('tapemend_nodejs_eventloop_lag_p99_seconds')).toBe(true);
    const foreign = [...families.keys()].filter((name) => !/^(backfill|tapemend)_/.test(name));
    expect(foreign).toEqual([]);
  });

  it('of two programs in one process run into each other', async () => {
    const [one, other] = await Promise.all([createMetrics(), createMetrics()]);
    one.rowsWritten(5);
    expect(sampleOf(parseExposition(await other.read()), 'tapemend_rows_written_total')).toBe(0);
  });

  it('grow with anything but the number of series', async () => {
    const size = async (tell: (metrics: Metrics) => void): Promise<number> => {
      const families = await scraped(tell);
      return [...families].filter(([name]) => !/_(process|nodejs)_/.test(name)).flatMap(([, each]) => each.samples)
        .length;
    };
    const empty = await size(() => {});
    const busy = await size((metrics) => {
      for (let job = 0; job < 200; job++) {
        metrics.jobProgressed({ jobId: `${job}`, state: 'running', barsAsked: job, barsDone: 0 });
        metrics.jobProgressed({ jobId: `${job}`, state: 'complete', barsAsked: job, barsDone: job });
        metrics.requestDone('archive', 'missing', job);
        metrics.databaseAnswered('statement', job, true);
        metrics.lastTimestamp(NODE, 60, job);
        metrics.lastTimestamp(NODE, 3_600, job);
        metrics.retry(NODE, 60);
      }
    });
    expect(busy - empty).toBe(3);
  });

  it('differ from what was told, whatever the order of reports', async () => {
    const states = ['queued', 'running', 'complete', 'cancelled'] as const;
    const report = fc.record({
      jobId: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom(...states),
      barsAsked: fc.nat(1_000),
      barsDone: fc.nat(1_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(report, { maxLength: 30 }), async (reports) => {
        const families = await scraped((metrics) => {
          for (const each of reports) metrics.jobProgressed(each);
        });
        const last = new Map(reports.map((each) => [each.jobId, each]));
        const open = [...last.values()].filter(({ state }) => state === 'queued' || state === 'running');
        for (const state of ['queued', 'running'] as const)
          expect(sampleOf(families, 'tapemend_jobs', { state })).toBe(
            open.filter((each) => each.state === state).length,
          );
        expect(sampleOf(families, 'tapemend_bars_left')).toBe(
          open.reduce((sum, { barsAsked, barsDone }) => sum + Math.max(0, barsAsked - barsDone), 0),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('the flow of a backfill', () => {
  it('is shown without the work under way at a stage, its bytes, or stages where nothing is', async () => {
    const families = await scraped((metrics) => {
      metrics.underWay('download', 1);
      metrics.underWay('download', 1);
      metrics.underWay('download', -1);
      metrics.bytesHeld(400_000);
      metrics.bytesHeld(-150_000);
    });
    expect(sampleOf(families, 'tapemend_flow_under_way', { stage: 'download' })).toBe(1);
    expect(sampleOf(families, 'tapemend_flow_under_way', { stage: 'write' })).toBe(0);
    expect(sampleOf(families, 'tapemend_flow_held_bytes')).toBe(250_000);
    expect(sampleOf(families, 'tapemend_flow_busy_seconds_total', { stage: 'download' })).toBeGreaterThan(0);
    expect(sampleOf(families, 'tapemend_flow_busy_seconds_total', { stage: 'write' })).toBe(0);
  });

  it('counts a moment in which two pieces are under way twice, or one that has not ended not at all', () => {
    const event = fc.record({ after: fc.integer({ min: 0, max: 1_000 }), starts: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let now = 0;
        let underWay = 0;
        let busyMs = 0;
        const board = new FlowBoard(() => now);
        for (const { after, starts } of events) {
          now += after;
          if (underWay > 0) busyMs += after;
          if (!starts && underWay === 0) continue;
          underWay += starts ? 1 : -1;
          board.change('ingest', starts ? 1 : -1);
          expect(board.busySeconds('ingest')).toBeCloseTo(busyMs / 1000, 6);
          expect(board.underWay('ingest')).toBe(underWay);
        }
        expect(board.busySeconds('write')).toBe(0);
      }),
    );
  });
});

describe('without metrics', () => {
  it('a call fails', () => {
    const { requestDone, databaseAnswered, jobProgressed, ...others } = NO_METRICS;
    requestDone('archive', 'ok', 1);
    databaseAnswered('read', 1, true);
    jobProgressed({ jobId: 'a', state: 'running', barsAsked: 0, barsDone: 0 });
    others.watchWeights(() => {
      throw new Error('read without anybody who asked');
    });
    expect(Object.keys(others).sort()).toEqual(
      [
        'bytesHeld',
        'failure',
        'jobsInProgress',
        'lastTimestamp',
        'retry',
        'rowsWritten',
        'underWay',
        'watchWeights',
      ].sort(),
    );
  });
});

describe('the reader of expositions in these tests', () => {
  const good = '# HELP a_total b\n# TYPE a_total counter\na_total{x="1\\"2"} 3\n';

  it('refuses what is right', () => {
    expect(parseExposition(good).get('a_total')?.samples).toEqual([
      { name: 'a_total', labels: { x: '1"2' }, value: 3 },
    ]);
  });

  it.each([
    ['a sample without TYPE', 'a_total 3\n'],
    ['a sample of another metric', good.replace('a_total{', 'b_total{')],
    ['a sample twice', `${good}a_total{x="1\\"2"} 4\n`],
    ['a number in words', good.replace(' 3', ' three')],
    ['an open quote', good.replace('2"}', '2}')],
    ['a label twice', good.replace('{x="1\\"2"}', '{x="1",x="2"}')],
    ['a cut end', good.slice(0, -1)],
    ['a metric twice', good + good],
    [
      'buckets that fall',
      '# HELP h b\n# TYPE h histogram\nh_bucket{le="1"} 3\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2\n',
    ],
    ['a count beside its buckets', '# HELP h b\n# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 3\n'],
  ])('lets %s pass', (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
