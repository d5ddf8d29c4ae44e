import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowOf, startTestBench, type TestBench } from './testing';

const KEY = 'binance:spot:BTCUSDT:1m';
const SERIES = parseCandleSeriesKey(KEY)!;
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const DAYS: Range = { from: Date.UTC(2024, 5, 5), to: Date.UTC(2024, 5, 7) };
const FILE = 'BTCUSDT-1m-2024-06-05.zip';

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterAll(() => bench.close());

async function rows(): Promise<number[][]> {
  const stored = await bench.stored(KEY, DAYS);
  return Array.from({ length: stored.rows }, (_, index) => rowOf(stored, index));
}

const verdicts = async () =>
  (await bench.services.coverage.report(SERIES, DAYS)).spans.map(({ verdict, bars }) => [verdict, bars]);

it('rows can be followed to their file, a replaced file is found and taken anew with the difference told, and all of it undone', async () => {
  const { curation } = bench.services;
  const never = new AbortController().signal;
  const { jobId } = await bench.backfill(KEY, DAYS, 'archive');
  const first = await rows();
  expect(await curation.provenance(SERIES, DAYS)).toMatchObject([
    { from: DAYS.from, to: Date.UTC(2024, 5, 6), source: 'archiveDaily', file: FILE, jobId },
    { from: Date.UTC(2024, 5, 6), to: DAYS.to, source: 'archiveDaily', file: 'BTCUSDT-1m-2024-06-06.zip', jobId },
  ]);
  expect((await curation.provenance(SERIES, DAYS))[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await curation.checkArchives(undefined, never)).toMatchObject({ checked: 2, stale: [], failed: [] });

  bench.practice.setFaults([{ match: { file: FILE }, effect: 'long_decimals' }]);
  const { stale, failed } = await curation.checkArchives([KEY], never);
  expect(failed).toEqual([]);
  expect(stale).toMatchObject([{ key: KEY, kind: 'stale_archive', state: 'new' }]);
  expect(await rows()).toEqual(first);

  const result = await curation.reingest(stale[0]!.id, never);
  expect(result.changed + result.added).toBeGreaterThan(0);
  const second = await rows();
  // What it replaced is kept, and within bounds.
  expect(await bench.services.store.keptBatches()).toMatchObject([{ rows: 1_440 }]);
  expect(await curation.reverts.prune()).toBe(0);
  expect(second.filter((row, index) => String(row) !== String(first[index]))).toHaveLength(result.changed);
  expect((await curation.provenance(SERIES, DAYS))[0]).toMatchObject({ file: FILE, jobId: result.jobId });
  const findings = await bench.services.store.findingsRead();
  expect(findings.map(({ kind, state }) => [kind, state]).sort()).toEqual([
    ['inexact_decimals', 'new'],
    ['row_diff', 'new'],
    ['stale_archive', 'fixed'],
  ]);
  await expect(curation.reingest('0'.repeat(32), never)).rejects.toMatchObject({ code: 'usage.no_finding' });

  expect(await curation.reverts.revert(result.jobId, SERIES)).toMatchObject({ restored: 1_440 });
  expect(await rows()).toEqual(first);
  await curation.reverts.revert(jobId, SERIES);
  expect(await rows()).toEqual([]);
  expect(await verdicts()).toEqual([['not_asked', 2_880]]);
  expect(await curation.reverts.revert(jobId, SERIES)).toEqual({ removed: 0, restored: 0 });
  bench.practice.setFaults([]);
  expect(await bench.backfill(KEY, DAYS)).toMatchObject({ status: 'complete', series: [{ stored: 2_880 }] });
  expect(await rows()).toEqual(first);
});
