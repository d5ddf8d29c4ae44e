import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobProgress, Receipt } from '@shared/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCounters } from '../binance';
import { Journal } from './journal';
import { Owners } from './owners';
import { progressOfOpen } from './progress-of-journal';

const KEY = 'binance:spot:BTCUSDT:1m';
const RANGE = { from: 0, to: 60_000 };
const REQUEST = { items: [{ key: KEY, range: RANGE }], source: 'auto' as const };
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
/** 2^22 is above every number of a process that Linux and macOS hand out by default. */
const DEAD = { pid: 4_194_304, processStart: '1', instance: 'x' };

let folder: string;
let owners: Owners;
let journal: Journal;
afterEach(() => {
  owners.leave();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-journal-'));
  owners = new Owners(join(folder, 'programs'));
  journal = new Journal(folder, owners);
});

function append(jobId: string, ...lines: (object | string)[]): void {
  for (const line of lines)
    appendFileSync(join(folder, `${jobId}.ndjson`), typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
}

const started = (jobId: string, owner: object) => ({ type: 'started', at: 5, jobId, request: REQUEST, ...owner });

async function finished(jobId: string, at = 0): Promise<JobProgress> {
  const record = await new Journal(folder, owners, () => at).start(jobId, REQUEST);
  const progress: JobProgress = { ...progressOfOpen(record, 'here'), state: 'complete' };
  await journal.finish(jobId, 'complete', { ...RECEIPT, jobId }, progress);
  return progress;
}

describe('journal', () => {
  it('a line that a crash cut short hides the job, or swallows the line that another program writes behind it', async () => {
    await journal.start('a', REQUEST);
    append('a', '{"type":"page","at":1,"ke');
    await journal.control('a', { what: 'pause' });
    await journal.refresh();
    expect(journal.openJobs).toMatchObject([{ jobId: 'a', request: REQUEST, paused: true }]);
  });

  it('what is added later is not seen, or what was seen is taken twice', async () => {
    await journal.start('a', REQUEST);
    await journal.refresh();
    const other = new Journal(folder, owners);
    await other.control('a', { what: 'prefer', keys: [KEY] });
    await other.begun('a', 0, { asked: 10, alreadyPresent: 3 });
    await other.begun('a', 0, { asked: 10, alreadyPresent: 7 });
    await journal.refresh();
    const [job] = journal.openJobs;
    expect(job!.preferred).toEqual([KEY]);
    // The receipt of a job counts from what was there when it first looked, however often it was interrupted.
    expect([...job!.before]).toEqual([[0, { asked: 10, alreadyPresent: 3 }]]);
    await other.finish('a', 'complete', RECEIPT, progressOfOpen(job!, 'here'));
    await journal.refresh();
    expect(journal.openJobs).toEqual([]);
    expect(journal.finishedJobs.map(({ jobId }) => jobId)).toEqual(['a']);
  });

  it('what was there when a look is asked for is passed by, because another look is under way', async () => {
    for (let i = 0; i < 200; i++) append(`old${i}`, started(`old${i}`, DEAD));
    const underWay = journal.refresh();
    // The folder is listed, and its files are being read.
    await expect.poll(() => journal.openJobs.length, { interval: 1 }).toBeGreaterThan(0);
    expect(journal.openJobs.length).toBeLessThan(200);
    append('new', started('new', DEAD));
    await journal.refresh();
    expect(journal.openJobs.map(({ jobId }) => jobId)).toContain('new');
    await underWay;
  });

  it('a job of a living program can be claimed, or one of a dead program by two', async () => {
    await journal.start('a', REQUEST);
    const other = new Owners(join(folder, 'programs'));
    const theirs = new Journal(folder, other);
    expect(await theirs.claim('a')).toBe(false);
    append('b', started('b', DEAD));
    const claims = await Promise.all([journal.claim('b'), theirs.claim('b'), new Journal(folder, other).claim('b')]);
    expect(claims.filter(Boolean).length).toBeGreaterThan(0);
    const owner = (await journal.read('b'))!.owner;
    expect([owners.self.instance, other.self.instance]).toContain(owner!.instance);
    expect(claims[0]).toBe(owners.isSelf(owner));
    expect(claims[1] || claims[2]).toBe(other.isSelf(owner));
    other.leave();
  });

  it.runIf(process.platform === 'linux')(
    'a job of a dead program is nobody’s to claim because its number was given to another process',
    async () => {
      append('b', started('b', { pid: process.pid, processStart: '1' }));
      expect(await journal.claim('b')).toBe(true);
    },
  );

  it('a job that its program gave up is still taken for that program’s', async () => {
    const other = new Owners(join(folder, 'programs'));
    const theirs = new Journal(folder, other);
    await theirs.start('a', REQUEST);
    await theirs.start('b', REQUEST);
    await theirs.release('a');
    expect(await journal.claim('a')).toBe(true);
    expect(await journal.claim('b')).toBe(false);
    // Its program has ended without a word, though the process lives.
    other.leave();
    expect(await journal.claim('b')).toBe(true);
  });

  it('a finished job loses its receipt, or can be claimed or paused', async () => {
    await finished('a');
    await journal.control('a', { what: 'pause' });
    expect((await journal.read('a'))?.finished?.receipt).toEqual(RECEIPT);
    expect(await journal.claim('a')).toBe(false);
    await journal.refresh();
    expect(journal.finishedJobs).toMatchObject([{ progress: { state: 'complete', owner: 'nobody' } }]);
  });

  it('a journal of the version before cannot be read', async () => {
    append(
      'old',
      { type: 'started', at: 5, pid: DEAD.pid, processStart: '1', jobId: 'old', request: REQUEST },
      { type: 'page', at: 6, key: KEY, ...RANGE, outcome: 'done', detail: 'REST' },
    );
    append('done', started('done', DEAD), { type: 'finished', at: 7, state: 'partial', receipt: RECEIPT });
    await journal.refresh();
    expect(journal.openJobs).toMatchObject([{ jobId: 'old' }]);
    expect(journal.finishedJobs).toMatchObject([
      { jobId: 'done', progress: { state: 'partial', keys: [KEY], itemTotals: { total: 1, byState: { failed: 1 } } } },
    ]);
    expect(await journal.claim('old')).toBe(true);
  });

  it('what a program that was killed left beside a file it was replacing stays for ever, or goes while it is being written', async () => {
    const left = join(folder, 'a.progress.json.0123456789ab');
    const underWay = join(folder, 'a.ndjson.ba9876543210');
    for (const path of [left, underWay]) appendFileSync(path, '{}');
    utimesSync(left, new Date(0), new Date(0));
    await journal.start('a', REQUEST);
    await journal.writeProgress('a', { progress: {} as JobProgress, counters: createCounters(), ranMs: 0 });
    await journal.compact();
    expect([existsSync(left), existsSync(underWay)]).toEqual([false, true]);
    expect(await journal.readProgress('a')).not.toBeNull();
    expect(journal.openJobs).toHaveLength(1);
  });

  it('compacting keeps page lines of finished jobs, more jobs than asked, or loses a receipt or an open job', async () => {
    await journal.start('open', REQUEST);
    await journal.page('open', KEY, RANGE, 'done', 'REST');
    for (let i = 0; i < 4; i++) {
      const record = await new Journal(folder, owners, () => i).start(`j${i}`, REQUEST);
      await journal.page(`j${i}`, KEY, RANGE, 'done', 'REST');
      await journal.finish(`j${i}`, 'complete', { ...RECEIPT, jobId: `j${i}` }, progressOfOpen(record, 'here'));
    }
    await journal.compact(2);
    expect(existsSync(join(folder, 'j1.ndjson'))).toBe(false);
    for (const jobId of ['j2', 'j3']) {
      expect(readFileSync(join(folder, `${jobId}.ndjson`), 'utf8')).not.toContain('"page"');
      expect((await journal.read(jobId))?.finished?.receipt.jobId).toBe(jobId);
    }
    expect(readFileSync(join(folder, 'open.ndjson'), 'utf8')).toContain('"page"');
    const fresh = new Journal(folder, owners);
    await fresh.refresh();
    expect(fresh.finishedJobs.map(({ jobId }) => jobId).sort()).toEqual(['j2', 'j3']);
    expect(fresh.openJobs.map(({ jobId }) => jobId)).toEqual(['open']);
  });

  it('an id from outside reads a file outside of the folder', async () => {
    append('../outside', started('outside', DEAD));
    expect(await journal.read('../outside')).toBeNull();
    rmSync(join(folder, '../outside.ndjson'));
  });

  it('an empty or absent folder is a failure', async () => {
    const nowhere = new Journal(join(folder, 'nowhere'), owners);
    await nowhere.refresh();
    expect(nowhere.openJobs).toEqual([]);
  });

  it.runIf(existsSync('/dev/full'))(
    'a full disk is a bug with a stack instead of a sentence that says what to do',
    async () => {
      symlinkSync('/dev/full', join(folder, 'a.ndjson'));
      const full = {
        code: 'workspace.disk_full',
        message: expect.stringMatching(/a\.ndjson is full; free some space/),
      };
      await expect(journal.start('a', REQUEST)).rejects.toMatchObject(full);
      await expect(journal.control('a', { what: 'pause' })).rejects.toMatchObject(full);
      await expect(new Journal('/dev/null/jobs', owners).start('b', REQUEST)).rejects.toMatchObject({
        code: 'workspace.unwritable',
      });
    },
  );
});
