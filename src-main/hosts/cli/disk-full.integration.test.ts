import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure, Receipt } from '@shared/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandLineBench, isAlive, practice, questdbPid, sharedDatabase, tapemend, workspace } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const MIB = 1024 * 1024;
const SPRING = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-05-01'];
const SPRING_BARS = 90 * 1_440;
const DAY = ['--interval', '1m', '--from', '2024-06-18T12:00', '--to', '2024-06-19T12:00'];

/** A small disk of its own needs the right to mount one. */
function canMount(): boolean {
  if (process.platform !== 'linux') return false;
  const place = mkdtempSync(join(tmpdir(), 'tapemend-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tapemend', place], { stdio: 'ignore' });
    execFileSync('umount', [place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}

commandLineBench({ clockSkewMs: NOW - Date.now() });

const filler = (): string => join(workspace, 'filler');

/** Takes all of the disk but so many bytes. */
function leaveFree(bytes: number): void {
  rmSync(filler(), { force: true });
  const { bavail, bsize } = statfsSync(workspace);
  try {
    writeFileSync(filler(), Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
  } catch (error) {
    // A program that runs has taken some of it meanwhile: then the disk is full, which is what was asked for.
    if (bytes > 0 || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const mayMount = canMount();

// A skip would fail a whole run in CI, also where nobody can grant the right; so it is said in words.
if (!mayMount) it('a disk that is full is not tried, because this user may not mount a small one', () => {});
else
  describe('a disk that is full', () => {
    const elsewhere = sharedDatabase();
    beforeEach(() => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=384m', 'tapemend', workspace]);
    });
    afterEach(async () => {
      await vi.waitFor(() => expect(isAlive(questdbPid())).toBe(false), { timeout: 40_000, interval: 100 });
      execFileSync('umount', ['-l', workspace]);
    });

    it('under the database is told in pages, called complete, or leaves something that no later run completes', async () => {
      const backfill = ['backfill', 'BTCUSDT', ...SPRING, '--json'];
      expect((await tapemend(['backfill', 'BTCUSDT', ...DAY, '--json']).ended).code).toBe(0);
      leaveFree(8 * MIB);
      const full = await tapemend(backfill).ended;
      expect(full.code).not.toBe(0);
      // A database that cannot even open its tables in what is left ends the command before there is a job.
      const told = JSON.parse(full.out) as Receipt | { error: Failure };
      const errors = 'error' in told ? [told.error.message] : told.errors;
      expect(errors.join('\n')).toMatch(/full|Free.*space/i);
      expect(errors.length).toBeLessThanOrEqual(3);
      for (const error of errors) expect(error).not.toContain('\n');
      if (!('error' in told)) {
        expect(['failed', 'partial']).toContain(told.status);
        const [series] = told.series;
        expect(series!.stillMissing).toBeGreaterThan(0);
        expect(series!.stored + series!.stillMissing).toBe(SPRING_BARS);
      }
      rmSync(filler());
      const { code, out, err } = await tapemend(backfill).ended;
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({ status: 'complete', errors: [], series: [{ stillMissing: 0 }] });
    }, 240_000);

    it('to the last byte lets a program start half, or is told in more than a sentence', async () => {
      leaveFree(0);
      const { code, out, err } = await tapemend(['backfill', 'BTCUSDT', ...DAY]).ended;
      expect([code, out, err.trim().split('\n').length]).toEqual([3, '', 1]);
      expect(err).toMatch(/full/);
    });

    it('under the journal starts a job that nobody could take up, or is not told', async () => {
      leaveFree(0);
      const { code, out, err } = await tapemend(['backfill', 'ETHUSDT', ...DAY], elsewhere()).ended;
      expect([code, out, err.trim().split('\n').length]).toEqual([3, '', 1]);
      expect(err).toMatch(/disk of .*jobs.* is full/);
      rmSync(filler());
      expect((await tapemend(['backfill', 'ETHUSDT', ...DAY], elsewhere()).ended).code).toBe(0);
    });

    it('under the journal in the middle of a job loses candles, hides it, or keeps the next run from completing', async () => {
      practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 100 }]);
      // More lines than find room in what is left of the file's last block.
      const range = ['--interval', '1m,3m,5m,15m,30m,1h', '--from', '2024-02-01', '--to', '2024-04-01'];
      const backfill = ['backfill', 'LTCUSDT', ...range, '--source', 'rest', '--json'];
      const before = practice.counters().requests.klines;
      const run = tapemend(backfill, elsewhere());
      await vi.waitFor(() => expect(practice.counters().requests.klines - before).toBeGreaterThan(10), {
        timeout: 60_000,
      });
      leaveFree(0);
      practice.setFaults([]);
      const full = await run.ended;
      const receipt = JSON.parse(full.out) as Receipt;
      expect(receipt.errors.join('\n')).toMatch(/disk of .*jobs.* is full/);
      for (const { asked, stored, stillMissing } of receipt.series) expect(stored + stillMissing).toBe(asked);
      expect(full.code).toBe(receipt.status === 'complete' ? 0 : 1);
      rmSync(filler());
      const { code, out } = await tapemend(backfill, elsewhere()).ended;
      expect(code).toBe(0);
      const { status, series } = JSON.parse(out) as Receipt;
      expect([status, series.map(({ stillMissing }) => stillMissing)]).toEqual(['complete', [0, 0, 0, 0, 0, 0]]);
    }, 180_000);
  });
