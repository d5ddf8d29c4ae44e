import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { streamNodeId } from '../dag';
import { createMetrics, type ServedMetrics } from '../metrics';
import { type Family, parseExposition, sampleOf } from '../metrics/testing';
import { startTestBench, type TestBench } from './testing';

const BTC = 'binance:spot:BTCUSDT:1m';
const LABELS = { node_id: streamNodeId(parseCandleSeriesKey(BTC)!), interval: '60' };
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const day = (text: string, days = 1): Range => ({
  from: Date.parse(`${text}T00:00Z`),
  to: Date.parse(`${text}T00:00Z`) + days * 86_400_000,
});

let metrics: ServedMetrics;
let bench: TestBench;
beforeAll(async () => {
  metrics = await createMetrics();
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() }, metrics);
});
afterAll(() => bench?.close());
beforeEach(() => bench.practice.setFaults([]));

const scrape = async () => parseExposition(await metrics.read());

/** What a counter rose by between two scrapes, over all of its samples with these labels. */
function rise(
  before: Map<string, Family>,
  after: Map<string, Family>,
  name: string,
  labels: Record<string, string>,
): number {
  const sum = (families: Map<string, Family>): number =>
    (families.get(name)?.samples ?? [])
      .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
      .reduce((total, { value }) => total + value, 0);
  return sum(after) - sum(before);
}

describe('metrics of a backfill', () => {
  it('differ from its receipt and from what the exchange counted', async () => {
    const before = await scrape();
    const counted = bench.practice.counters();
    // A month's archive, days from daily ones, and the last hours from REST.
    const range = { from: Date.UTC(2024, 4, 1), to: Date.UTC(2024, 5, 20, 12) };
    const receipt = await bench.backfill(BTC, range);
    expect(receipt.status).toBe('complete');
    const after = await scrape();
    const [series] = receipt.series;
    expect(rise(before, after, 'tapemend_rows_written_total', {})).toBe(series!.stored);
    const asked = bench.practice.counters();
    const requests = rise(before, after, 'tapemend_requests_total', {});
    expect(rise(before, after, 'tapemend_requests_total', { source: 'archive', outcome: 'ok' })).toBe(
      2 * (series!.sources.archiveMonthly + series!.sources.archiveDaily),
    );
    expect(rise(before, after, 'tapemend_requests_total', { source: 'rest:spot' })).toBe(
      Object.values(asked.requests).reduce((sum, value) => sum + value, 0) -
        Object.values(counted.requests).reduce((sum, value) => sum + value, 0) -
        rise(before, after, 'tapemend_requests_total', { source: 'archive' }),
    );
    expect(requests).toBeGreaterThanOrEqual(receipt.requests);
    expect(rise(before, after, 'tapemend_received_bytes_total', {})).toBeGreaterThanOrEqual(receipt.bytes);
    expect(sampleOf(after, 'tapemend_weight_limit', { market: 'spot' })).toBe(6_000);
    expect(sampleOf(after, 'tapemend_weight_used', { market: 'spot' })).toBeGreaterThan(0);
    for (const operation of ['write', 'read', 'statement'])
      expect(rise(before, after, 'tapemend_database_seconds', { operation })).toBeGreaterThan(0);
    expect(rise(before, after, 'tapemend_database_errors_total', {})).toBe(0);
  });

  it('leave the job open, or miss its success', async () => {
    const range = day('2024-04-03');
    const before = await scrape();
    await bench.backfill(BTC, range);
    const after = await scrape();
    expect(sampleOf(after, 'backfill_jobs_in_progress')).toBe(0);
    expect(sampleOf(after, 'backfill_last_timestamp', LABELS)).toBe(range.to / 1000);
    expect(rise(before, after, 'tapemend_jobs_ended_total', { state: 'complete' })).toBe(1);
    expect(sampleOf(after, 'tapemend_jobs', { state: 'running' })).toBe(0);
    expect(sampleOf(after, 'tapemend_bars_left')).toBe(0);
  });

  it('call a storm that it came through a failure, or do not count its retries', async () => {
    const before = await scrape();
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'status', status: 503, times: 2 }]);
    const receipt = await bench.backfill(BTC, day('2024-03-05'), 'rest');
    const after = await scrape();
    expect([receipt.status, receipt.retries]).toEqual(['complete', 2]);
    expect(rise(before, after, 'backfill_retry_total', LABELS)).toBe(2);
    expect(rise(before, after, 'backfill_failure_total', LABELS)).toBe(0);
    expect(rise(before, after, 'tapemend_requests_total', { source: 'rest:spot', outcome: 'failed' })).toBe(2);
  });

  it('call a range that could not be fetched a success, or move its last time', async () => {
    const before = await scrape();
    bench.practice.setFaults([{ match: { kind: 'archive' }, effect: 'missing' }]);
    const receipt = await bench.backfill(BTC, day('2024-02-07'), 'archive');
    const after = await scrape();
    expect(receipt.series[0]!.stillMissing).toBe(1_440);
    expect(rise(before, after, 'backfill_failure_total', LABELS)).toBe(1);
    expect(rise(before, after, 'backfill_retry_total', LABELS)).toBeGreaterThanOrEqual(1);
    expect(rise(before, after, 'backfill_last_timestamp', LABELS)).toBe(0);
    expect(rise(before, after, 'tapemend_requests_total', { source: 'archive', outcome: 'missing' })).toBeGreaterThan(
      0,
    );
    expect(rise(before, after, 'tapemend_rows_written_total', {})).toBe(0);
    expect(sampleOf(after, 'backfill_jobs_in_progress')).toBe(0);
  });

  it('do not show a job while it runs, or what waits behind it', async () => {
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 30 }]);
    const items = [{ key: BTC, range: day('2024-01-10', 3) }];
    const first = await bench.services.backfill.start({ items, source: 'rest' });
    const second = await bench.services.backfill.start({ items, source: 'rest' });
    let running: Map<string, Family> | null = null;
    while (running === null) {
      const now = await scrape();
      if ((sampleOf(now, 'tapemend_bars_left') ?? 0) > 0) running = now;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sampleOf(running, 'backfill_jobs_in_progress')).toBe(1);
    expect(sampleOf(running, 'tapemend_jobs', { state: 'running' })).toBe(1);
    expect(sampleOf(running, 'tapemend_queue_length')).toBe(1);
    await Promise.all([first.finished, second.finished]);
    expect(sampleOf(await scrape(), 'tapemend_queue_length')).toBe(0);
  });
});
