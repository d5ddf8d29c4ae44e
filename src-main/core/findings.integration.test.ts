import type { Finding } from '@shared/contract';
import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const day = (text: string, days = 1): Range => ({
  from: Date.parse(`${text}T00:00Z`),
  to: Date.parse(`${text}T00:00Z`) + days * 86_400_000,
});
const keyOf = (symbol: string) => `binance:spot:${symbol}:1m`;

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterEach(() => bench.practice.setFaults([]));
afterAll(() => bench.close());

const findingsOf = (key: string): Promise<Finding[]> => bench.services.store.findingsRead({ keys: [key] });
const told = (list: readonly Finding[]) => list.map(({ kind, state }) => `${kind} ${state}`).sort();

/** Takes the stored rows away, so that the next job asks its sources again. */
async function forget(key: string, range: Range): Promise<void> {
  const { store, coverage } = bench.services;
  const series = parseCandleSeriesKey(key)!;
  await store.deleteRows(series, [range], { folder: bench.workspace });
  await coverage.refresh(series);
}

describe('what a backfill notices', () => {
  it('is lost with its receipt, added again by the next run, or stays open when the file is good again', async () => {
    const key = keyOf('ADAUSDT');
    const range = day('2024-04-02');
    const file = 'ADAUSDT-1m-2024-04-02.zip';
    bench.practice.setFaults([{ match: { kind: 'checksum', file }, effect: 'bad_checksum' }]);
    const receipt = await bench.backfill(key, range);
    expect(receipt.status).toBe('complete');
    const [finding, ...others] = await findingsOf(key);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'checksum_mismatch',
      state: 'new',
      range,
      data: { file, jobId: receipt.jobId },
    });
    expect(receipt.series[0]!.findings).toEqual([finding!.sentence]);

    await forget(key, range);
    await bench.backfill(key, range);
    expect(await findingsOf(key)).toEqual([finding]);

    bench.practice.setFaults([]);
    await forget(key, range);
    await bench.backfill(key, range);
    expect(told(await findingsOf(key))).toEqual(['checksum_mismatch fixed']);
  });

  it.each([
    ['duplicate_rows', 'XRPUSDT', 'duplicate_rows'],
    ['unsorted_rows', 'LTCUSDT', 'unsorted_rows'],
    ['conflicting_rows', 'TRXUSDT', 'conflicting_rows'],
    ['ohlc_violation', 'LINKUSDT', 'bad_rows'],
    ['truncated_zip', 'SOLUSDT', 'checksum_mismatch'],
    ['long_decimals', 'NEOUSDT', 'inexact_decimals'],
    ['lacks_day', 'DOGEUSDT', 'archive_lacks_rows'],
  ] as const)('of an archive with %s is another kind of finding', async (effect, symbol, kind) => {
    const key = keyOf(symbol);
    bench.practice.setFaults([{ match: { kind: 'archive', symbol }, effect }]);
    expect(await bench.backfill(key, day('2024-04-05'))).toMatchObject({ status: 'complete' });
    const findings = await findingsOf(key);
    expect(told(findings)).toEqual([`${kind} new`]);
    expect(findings[0]!.data).toMatchObject({ file: `${symbol}-1m-2024-04-05.zip` });
  });

  it('is forgotten when the job is stopped before its end', async () => {
    const key = keyOf('ETCUSDT');
    bench.practice.setFaults([
      { match: { kind: 'archive', symbol: 'ETCUSDT' }, effect: 'duplicate_rows' },
      { match: { kind: 'klines' }, effect: 'slow', delayMs: 300 },
    ]);
    const { backfill } = bench.services;
    const own = await backfill.start({
      items: [{ key, range: { from: Date.UTC(2024, 4, 1), to: Date.UTC(2024, 5, 20) } }],
      source: 'auto',
    });
    const done = async () => (await backfill.list(1))[0]!.barsDone;
    await expect.poll(done, { timeout: 30_000 }).toBeGreaterThan(0);
    await backfill.pause(own.jobId);
    const state = async () => (await backfill.list(1))[0]!.state;
    await expect.poll(state, { timeout: 30_000 }).toBe('paused');
    expect(told(await findingsOf(key))).toContain('duplicate_rows new');
    await backfill.cancel(own.jobId);
    await own.finished;
  });
});
