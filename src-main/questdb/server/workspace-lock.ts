import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { AppError } from '@shared/contract';
import { isSameProcess, processStart } from '../../processes';
import { pause } from './pause';

const POLL_MS = 50;

/**
 * Lets one Tapemend at a time start, join or leave the workspace's server. The lock is a file with the owner's process in it;
 * the lock of a dead process is taken over. (Should two ever hold it, QuestDB's own lock on its folder still lets only one
 * server run, and stopping twice is harmless.)
 */
export async function withWorkspaceLock<T>(
  path: string,
  patienceMs: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const mine = `${process.pid} ${processStart(process.pid) ?? ''} ${randomBytes(6).toString('hex')}`;
  await acquire(path, mine, patienceMs, signal);
  try {
    return await work();
  } finally {
    if (readLock(path) === mine) rmSync(path, { force: true });
  }
}

async function acquire(path: string, mine: string, patienceMs: number, signal?: AbortSignal): Promise<void> {
  for (let waited = 0; ; waited += POLL_MS) {
    if (tryCreate(path, mine)) return;
    const owner = readLock(path);
    if (owner !== null && !ownerLives(owner)) {
      takeAway(path, owner);
      continue;
    }
    if (waited >= patienceMs)
      throw new AppError(
        'questdb.locked',
        `Another Tapemend (process ${owner?.split(' ')[0] ?? 'unknown'}) has been starting or stopping the database of this workspace for ${Math.round(patienceMs / 1000)} s. Close it, then try again.`,
      );
    await pause(POLL_MS, signal);
  }
}

/** Through a link, so that nobody ever sees a lock without its owner. */
function tryCreate(path: string, mine: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function ownerLives(owner: string): boolean {
  const [pid, start] = owner.split(' ');
  return isSameProcess(Number(pid), start ?? '');
}

/** Renames first and looks then: two that find the same dead lock must not remove a living one that came in between. */
function takeAway(path: string, dead: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readLock(aside) !== dead) linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
