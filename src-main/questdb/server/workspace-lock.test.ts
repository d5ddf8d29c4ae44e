import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSameProcess, processStart } from '../../processes';
import { ClientFiles } from './client-files';
import { withWorkspaceLock } from './workspace-lock';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('would let two in at once, or leave files behind', async () => {
  const path = join(folder, 'lock');
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withWorkspaceLock(path, 30_000, async () => {
        most = Math.max(most, ++inside);
        await new Promise((done) => setImmediate(done));
        inside--;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

it('would wait for a dead process, or stay locked after a failure', async () => {
  const path = join(folder, 'lock');
  const dead = spawnSync('true').pid;
  writeFileSync(path, `${dead} 123 ab`);
  await expect(withWorkspaceLock(path, 1_000, () => Promise.reject(new Error('inside')))).rejects.toThrow('inside');
  expect(existsSync(path)).toBe(false);
});

it('would wait for ever, or take the lock of the living', async () => {
  const path = join(folder, 'lock');
  const living = `${process.pid} ${processStart(process.pid)} ab`;
  writeFileSync(path, living);
  await expect(withWorkspaceLock(path, 100, () => Promise.resolve())).rejects.toMatchObject({ code: 'questdb.locked' });
  const stop = AbortSignal.abort(new Error('stop'));
  await expect(withWorkspaceLock(path, 60_000, () => Promise.resolve(), stop)).rejects.toThrow('stop');
});

it('would count a dead client as one that uses the server, or itself', () => {
  const clients = new ClientFiles(join(folder, 'clients'));
  clients.register();
  writeFileSync(join(folder, 'clients', `${spawnSync('true').pid}-aa`), '');
  writeFileSync(join(folder, 'clients', `${process.pid}-bb`), 'another beginning\n');
  expect(clients.othersAlive()).toBe(false);
  const second = new ClientFiles(join(folder, 'clients'));
  second.register();
  expect(clients.othersAlive()).toBe(true);
  clients.unregister();
  expect(second.othersAlive()).toBe(false);
});

it('would take a reused process number for the process that had it', () => {
  const start = processStart(process.pid);
  expect(start).toMatch(/\d/);
  expect(isSameProcess(process.pid, start!)).toBe(true);
  expect(isSameProcess(process.pid, '1')).toBe(process.platform === 'win32');
  expect(isSameProcess(spawnSync('true').pid, '')).toBe(false);
  expect(isSameProcess(-1, '')).toBe(false);
});
