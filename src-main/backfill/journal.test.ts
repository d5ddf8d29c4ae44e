import { appendFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt } from '@shared/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from './journal';

const REQUEST = {
  items: [{ key: 'binance:spot:BTCUSDT:1m', range: { from: 0, to: 60_000 } }],
  source: 'auto' as const,
};
const RECEIPT: Receipt = {
  jobId: 'a',
  status: 'complete',
  series: [],
  requests: 1,
  bytes: 2,
  weightUsed: 0,
  retries: 0,
  durationMs: 3,
  startedAt: 4,
  errors: [],
};

let folder: string;
afterEach(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-journal-'));
});

describe('journal', () => {
  it('a line that a crash cut short does not hide the job', async () => {
    const journal = new Journal(folder);
    await journal.start('a', REQUEST);
    appendFileSync(join(folder, 'a.ndjson'), '{"type":"page","at":1,"ke');
    expect(await journal.list()).toMatchObject([{ jobId: 'a', state: 'open', request: REQUEST }]);
  });

  it('an open job of this running program is not interrupted, one of a dead program is', async () => {
    const journal = new Journal(folder);
    await journal.start('a', REQUEST);
    expect(await journal.interrupted()).toEqual([]);
    // 2^22 is above every pid that Linux and macOS hand out by default.
    appendFileSync(
      join(folder, 'b.ndjson'),
      `${JSON.stringify({ type: 'started', at: 5, pid: 4_194_304, processStart: '1', jobId: 'b', request: REQUEST })}\n`,
    );
    expect((await journal.interrupted()).map((job) => job.jobId)).toEqual(['b']);
  });

  it.runIf(process.platform === 'linux')(
    'a job of a dead program stays open because its number was given to another',
    async () => {
      const journal = new Journal(folder);
      const other = { type: 'started', at: 5, pid: process.pid, processStart: '1', jobId: 'b', request: REQUEST };
      appendFileSync(join(folder, 'b.ndjson'), `${JSON.stringify(other)}\n`);
      expect((await journal.interrupted()).map((job) => job.jobId)).toEqual(['b']);
    },
  );

  it('a finished job keeps its receipt and is never resumed', async () => {
    const journal = new Journal(folder);
    await journal.start('a', REQUEST);
    await journal.finish('a', 'complete', RECEIPT);
    expect(await journal.list()).toMatchObject([{ state: 'complete', receipt: RECEIPT }]);
    expect(await journal.interrupted()).toEqual([]);
  });

  it('an empty or absent folder is no failure', async () => {
    expect(await new Journal(join(folder, 'nowhere')).list()).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))(
    'a full disk is a bug with a stack instead of a sentence that says what to do',
    async () => {
      symlinkSync('/dev/full', join(folder, 'a.ndjson'));
      const journal = new Journal(folder);
      const full = {
        code: 'workspace.disk_full',
        message: expect.stringMatching(/a\.ndjson is full; free some space/),
      };
      await expect(journal.start('a', REQUEST)).rejects.toMatchObject(full);
      await expect(journal.finish('a', 'complete', RECEIPT)).rejects.toMatchObject(full);
      await expect(new Journal('/dev/null/jobs').start('b', REQUEST)).rejects.toMatchObject({
        code: 'workspace.unwritable',
      });
    },
  );
});
