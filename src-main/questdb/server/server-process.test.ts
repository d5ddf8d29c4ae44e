import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { processStart } from '../../processes';
import { endServer, exitOf, isAlive } from './server-process';
import type { ServerRecord } from './server-record';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that says `ready` once it treats SIGTERM as told. */
async function run(script: string): Promise<ServerRecord> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('ready'); setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  const process_ = { pid: child.pid!, start: processStart(child.pid!)! };
  const ports = { http: 1, health: 2, pg: 3 };
  return { process: process_, ports, user: 'u', password: 'p', version: '9.3.4', startedAt: '' };
}

it('would kill a server that ends when asked to, or not wait for it', async () => {
  const record = await run("process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300))");
  expect(isAlive(record)).toBe(true);
  expect(await endServer(record)).toBe(false);
  expect(isAlive(record)).toBe(false);
  await expect.poll(() => children[0]!.exitCode, { timeout: 15_000 }).toBe(0);
});

it('would wait for ever for a server that does not end when asked to', async () => {
  const record = await run("process.on('SIGTERM', () => {})");
  expect(await endServer(record, 400)).toBe(true);
  expect(isAlive(record)).toBe(false);
  await expect.poll(() => children[0]!.signalCode, { timeout: 15_000 }).toBe('SIGKILL');
});

it('would end a stranger that got the number of our server', async () => {
  const stranger = await run("process.on('SIGTERM', () => process.exit(1))");
  const record = { ...stranger, process: { pid: stranger.process!.pid, start: 'another time' } };
  expect(isAlive(record)).toBe(false);
  expect(await endServer(record)).toBe(false);
  expect(isAlive(stranger)).toBe(true);
});

it('would not know why a child ended', async () => {
  const told = async (script: string) => {
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    children.push(child);
    const reason = exitOf(child);
    expect(reason()).toBeNull();
    await once(child, 'exit');
    return reason();
  };
  expect(await told('process.exit(55)')).toBe('it ended with exit code 55');
  expect(await told("process.kill(process.pid, 'SIGKILL')")).toBe('it was ended by SIGKILL');
  const missing = spawn('/nowhere/java', { stdio: 'ignore' });
  const reason = exitOf(missing);
  await once(missing, 'error');
  expect(reason()).toContain('ENOENT');
});
