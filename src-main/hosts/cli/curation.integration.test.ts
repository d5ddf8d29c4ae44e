import type { Finding, ProvenanceRecord, Receipt, ReingestResult, RowDiff } from '@shared/contract';
import { expect, it } from 'vitest';
import { commandLineBench, practice, tapemend, withApp } from './testing';

const KEY = 'binance:spot:BTCUSDT:1m';
const DAYS = ['--interval', '1m', '--from', '2024-06-05', '--to', '2024-06-07'];
const FILE = 'BTCUSDT-1m-2024-06-05.zip';

commandLineBench();

/** Exit code and the one document of a command with `--json`. */
async function run<T = unknown>(...args: string[]): Promise<[number | null, T]> {
  const { code, out } = await tapemend([...args, '--json']).ended;
  return [code, JSON.parse(out) as T];
}

interface CoverageDocument {
  series: { bars: number; provenance: ProvenanceRecord[]; provenanceLeftOut: number }[];
}

it('a replaced archive, its finding or a job that wrote cannot be dealt with by command, or the exit code lies', async () => {
  // Holds the database for all commands, and must hear of what they find.
  await withApp(async (app) => {
    let changes = 0;
    app.events.subscribe((name) => {
      if (name === 'findings.changed') changes++;
    });
    await dealWithAll();
    await expect.poll(() => changes, { timeout: 15_000 }).toBeGreaterThan(0);
  });
});

async function dealWithAll(): Promise<void> {
  const [done, receipt] = await run<Receipt>('backfill', 'BTCUSDT', ...DAYS, '--source', 'archive');
  expect(done).toBe(0);
  expect(await run('archives', 'check', 'BTCUSDT')).toEqual([0, { checked: 2, stale: [], failed: [] }]);
  expect(await run('findings')).toEqual([0, { findings: [] }]);

  const [, coverage] = await run<CoverageDocument>('coverage', KEY, ...DAYS.slice(2));
  expect(coverage.series[0]!.provenance).toEqual(receipt.series[0]!.provenance);
  expect(coverage.series[0]!.provenance).toMatchObject([
    { from: Date.UTC(2024, 5, 5), to: Date.UTC(2024, 5, 6), source: 'archiveDaily', file: FILE, job: receipt.jobId },
    { to: Date.UTC(2024, 5, 7), sha256: expect.stringMatching(/^[0-9a-f]{64}$/), request: null },
  ]);

  practice.setFaults([{ match: { file: FILE }, effect: 'rewritten' }]);
  const [staleCode, { stale }] = await run<{ stale: Finding[] }>('archives', 'check');
  expect([staleCode, stale.length]).toEqual([1, 1]);
  const { id } = stale[0]!;
  expect(await run('findings', 'BTCUSDT', '--state', 'new')).toMatchObject([0, { findings: [{ id }] }]);
  expect(await run('findings', 'ETHUSDT')).toEqual([0, { findings: [] }]);
  const accepted = { id, state: 'accepted', data: { file: FILE, reason: 'known since May' } };
  expect(await run('findings', 'accept', id.slice(0, 8), '--reason', 'known since May')).toMatchObject([
    0,
    { finding: accepted },
  ]);
  expect(await run('findings', '--state', 'new')).toEqual([0, { findings: [] }]);
  expect(await run('findings', 'reopen', id)).toMatchObject([0, { finding: { state: 'new' } }]);
  expect(await run('findings', '--state', 'new')).toMatchObject([0, { findings: [{ id }] }]);

  const [anew, result] = await run<ReingestResult>('findings', 'reingest', id);
  expect([anew, result.added, result.removed, result.changed]).toEqual([0, 0, 0, 1]);
  expect((result.diff as RowDiff).changed[0]!.fields.map(({ field }) => field)).toEqual(['volume']);
  expect(await run('findings', '--state', 'fixed')).toMatchObject([0, { findings: [{ id }] }]);

  const { code, out } = await tapemend(['undo']).ended;
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`${result.jobId}.*1,440 bars[^]*${receipt.jobId}.*2,880 bars`));
  expect(await run('undo', result.jobId)).toMatchObject([
    0,
    { series: [{ key: KEY, removed: 1_440, restored: 1_440 }] },
  ]);
  expect(await run('undo', receipt.jobId, '--series', KEY)).toMatchObject([0, { series: [{ removed: 2_880 }] }]);
  expect(await run('undo', receipt.jobId)).toMatchObject([0, { series: [{ removed: 0, restored: 0 }] }]);
  expect((await run<CoverageDocument>('coverage', KEY, ...DAYS.slice(2)))[1].series[0]).toMatchObject({
    bars: 0,
    provenance: [],
  });

  for (const args of [
    ['undo', 'nobody'],
    ['findings', 'accept', '000000000000'],
    ['findings', 'reingest', id.replace(/^./, (digit) => (digit === 'f' ? '0' : 'f'))],
    ['archives', 'check', 'ETHUSDT'],
  ])
    expect([args, await run(...args)]).toMatchObject([
      args,
      [2, { error: { code: expect.stringMatching(/^usage\./) } }],
    ]);
}

it('a symbol that only the archive still has is refused, or its end is called missing', async () => {
  const args = ['NANOUSDT', '--interval', '1h', '--from', '2022-01-10', '--to', '2022-02-01'];
  const [code, receipt] = await run<Receipt>('backfill', ...args);
  expect(code).toBe(0);
  expect(receipt).toMatchObject({
    status: 'complete_with_explained_gaps',
    series: [{ stored: 11 * 24 + 3, stillMissing: 0, sources: { rest: 0 } }],
  });
  expect(receipt.series[0]!.gaps.at(-1)).toMatchObject({ verdict: 'delisted', to: Date.UTC(2022, 1, 1) });
  const rest = await tapemend(['plan', ...args, '--source', 'rest']).ended;
  expect([rest.code, rest.err.trim().split('\n').length]).toEqual([2, 1]);
  expect(rest.err).toContain('no longer knows NANOUSDT');
});
