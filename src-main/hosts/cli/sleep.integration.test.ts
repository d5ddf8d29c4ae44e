import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobProgress, Receipt } from '@shared/contract';
import { describe, expect, it, vi } from 'vitest';
import { commandLineBench, practice, type Run, tapemend, workspace } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
/** Longer than what a program takes for a sleep of the machine. */
const SLEEP_MS = 11_000;
/** Three days from daily files, two and a half from REST. */
const DAYS = ['--interval', '1m', '--from', '2024-06-15', '--to', '2024-06-20T12:00'];
const BARS = 5.5 * 1_440;

commandLineBench({ clockSkewMs: NOW - Date.now() });

async function receiptOf(run: Run): Promise<Receipt> {
  const { out, err, code } = await run.ended;
  expect([code, err]).toEqual([0, expect.any(String)]);
  return JSON.parse(out) as Receipt;
}

/** Waits until the exchange has been asked for so many files and pages that it has not answered yet. */
async function onTheWay(counts: { archive?: number; klines?: number }): Promise<void> {
  const { archive, klines } = practice.counters().requests;
  await vi.waitFor(
    () => {
      const { requests } = practice.counters();
      expect(requests.archive - archive).toBeGreaterThanOrEqual(counts.archive ?? 0);
      expect(requests.klines - klines).toBeGreaterThanOrEqual(counts.klines ?? 0);
    },
    { timeout: 60_000, interval: 5 },
  );
}

/** Answers take a while, and then the connection breaks instead: what is on the way when a program falls asleep is lost. */
function doomPagesAndFiles(series: number): void {
  practice.setFaults([
    // Where each series begins is told before its pages are asked for.
    { match: { kind: 'klines' }, effect: 'slow', delayMs: 1, times: series },
    { match: { kind: 'klines' }, effect: 'reset', delayMs: 3_000 },
    { match: { kind: 'archive' }, effect: 'reset', delayMs: 3_000 },
  ]);
}

/** When it wakes up the exchange is well again. */
async function sleepAndMend({ child }: Run): Promise<void> {
  child.kill('SIGSTOP');
  await pause(SLEEP_MS);
  practice.setFaults([]);
  child.kill('SIGCONT');
}

describe('a program that sleeps', () => {
  it('with its machine, in the middle of archives and of REST, gives up what was on the way or loses it', async () => {
    doomPagesAndFiles(2);
    const run = tapemend(['backfill', 'BTCUSDT', 'ETHUSDT', ...DAYS, '--json']);
    await onTheWay({ archive: 4, klines: 2 + 2 });
    await sleepAndMend(run);
    const series = [1, 2].map(() => ({ stored: BARS, stillMissing: 0, sources: { archiveDaily: 3 } }));
    expect(await receiptOf(run)).toMatchObject({ status: 'complete', errors: [], series });
  }, 120_000);

  it('alone keeps the others waiting for ever, does not say for whom, or writes on when it was passed by', async () => {
    practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 300 }]);
    const stopped = tapemend(['backfill', 'LTCUSDT', ...DAYS, '--source', 'rest', '--json']);
    await onTheWay({ klines: 2 });
    stopped.child.kill('SIGSTOP');
    practice.setFaults([]);
    const other = tapemend(['backfill', 'XRPUSDT', ...DAYS, '--json', '--progress', 'ndjson']);
    const receipt = await receiptOf(other);
    expect(receipt).toMatchObject({ status: 'complete', series: [{ stored: BARS }] });
    const words = progressOf(other).flatMap(({ state, current }) => (state === 'queued' && current ? [current] : []));
    expect(words).toContain(`waits for another program of this workspace, process ${stopped.child.pid}`);
    expect(jobs().filter(({ finished }) => !finished)).toHaveLength(1);
    stopped.child.kill('SIGCONT');
    const late = await receiptOf(stopped);
    expect(late).toMatchObject({ status: 'complete', errors: [], series: [{ stored: BARS, stillMissing: 0 }] });
    const before = practice.counters().candleRequests;
    await receiptOf(tapemend(['backfill', 'LTCUSDT', 'XRPUSDT', ...DAYS, '--json']));
    expect(practice.counters().candleRequests).toBe(before);
  }, 180_000);
});

function progressOf(run: Run): JobProgress[] {
  return run.said.err.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as JobProgress] : []));
}

function jobs(): { finished: boolean }[] {
  const folder = join(workspace, 'jobs');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  return files.map((name) => ({ finished: readFileSync(join(folder, name), 'utf8').includes('"type":"finished"') }));
}
