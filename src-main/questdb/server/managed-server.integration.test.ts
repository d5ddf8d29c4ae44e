import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '@shared/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processStart } from '../../processes';
import type { QuestDbAddress } from '../address';
import { openQuestDb } from '../open-quest-db';
import { QuestDbStore } from '../store/quest-db-store';
import { openTestServer } from '../testing';
import { ManagedServer } from './managed-server';
import type { QuestDbServer } from './quest-db-server';
import type { ServerRecord } from './server-record';

const CLIENT = resolve(import.meta.dirname, 'test-client.ts');

let workspace: string;
let servers: QuestDbServer[];
let clients: ChildProcess[];
let listeners: Server[];

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-managed-'));
  servers = [];
  clients = [];
  listeners = [];
});

afterEach(async () => {
  for (const client of clients) client.kill('SIGKILL');
  await Promise.all(servers.map((server) => server.stop()));
  for (const listener of listeners) listener.close();
  const pid = record()?.process?.pid;
  if (pid) await until(() => processStart(pid) === null, 'the server of the test is gone');
  rmSync(workspace, { recursive: true, force: true });
});

function open(): QuestDbServer {
  const server = openTestServer(workspace);
  servers.push(server);
  return server;
}

function record(): ServerRecord | null {
  try {
    return JSON.parse(readFileSync(join(workspace, 'questdb', 'tapemend-server.json'), 'utf8')) as ServerRecord;
  } catch {
    return null;
  }
}

const runningPid = (): number => record()!.process!.pid;

async function until(condition: () => boolean | Promise<boolean>, what: string, patienceMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`did not come about: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function answers(address: QuestDbAddress): Promise<boolean> {
  const store = new QuestDbStore(address);
  try {
    return (await store.query<{ one: number }>('SELECT 1 one'))[0]?.one === 1;
  } catch {
    return false;
  } finally {
    await store.close();
  }
}

/** Another Tapemend, in a process of its own. */
function spawnClient(): { process: ChildProcess; address: Promise<QuestDbAddress> } {
  const child = spawn(process.execPath, ['--import', 'tsx', CLIENT, workspace], { stdio: ['pipe', 'pipe', 'pipe'] });
  clients.push(child);
  const address = new Promise<QuestDbAddress>((done, fail) => {
    let output = '';
    let errors = '';
    child.stderr?.on('data', (part: Buffer) => {
      errors += part;
    });
    child.stdout?.on('data', (part: Buffer) => {
      output += part;
      if (output.includes('\n')) done(JSON.parse(output) as QuestDbAddress);
    });
    child.once('exit', (code) => fail(new Error(`client ended with ${code}: ${errors}`)));
  });
  return { process: child, address };
}

async function failureOfStart(server: QuestDbServer): Promise<AppError> {
  const error = await server.start().then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

describe('the server of a workspace', () => {
  it('would be reachable by strangers, or stay behind after stop', async () => {
    const server = open();
    const states: string[] = [];
    server.onStatus(({ state }) => states.push(state));
    const address = await server.start();
    expect(server.status).toMatchObject({ state: 'running', managed: true, version: '9.3.4' });
    expect(server.status.address).not.toContain(record()!.password);
    expect(await answers(address)).toBe(true);
    expect(await answers({ ...address, dsn: address.dsn.replace(/:[^:@]+@/, ':wrong@') })).toBe(false);
    expect((await fetch(`${address.httpUrl}/exec?query=select%201`)).status).toBe(401);
    expect(statSync(join(workspace, 'questdb', 'tapemend-server.json')).mode & 0o777).toBe(0o600);
    const pid = runningPid();
    await server.stop();
    expect(processStart(pid)).toBeNull();
    expect(record()?.process).toBeNull();
    expect([...new Set(states)]).toEqual(['starting', 'running', 'stopping', 'stopped']);
  });

  it('would be started twice by calls that come together, or lose its address at the next start', async () => {
    const server = open();
    const [first, second] = await Promise.all([server.start(), server.start()]);
    expect(second).toEqual(first);
    const pid = runningPid();
    expect(await server.start()).toEqual(first);
    expect(runningPid()).toBe(pid);
    await server.stop();
    expect(await server.start()).toEqual(first);
    expect(runningPid()).not.toBe(pid);
  });

  it('would be left behind by a stop during its start', async () => {
    const server = open();
    const starting = server.start();
    await until(() => Boolean(record()?.process), 'Java is spawned');
    const pid = runningPid();
    const outcome = starting.then(
      () => 'started',
      (error: AppError) => error.code,
    );
    await server.stop();
    expect(await outcome).toBe('questdb.stopped');
    expect(processStart(pid)).toBeNull();
    expect(server.status.state).toBe('stopped');
  });

  it('would go on starting for a caller that has gone, or end the start of one that still waits', async () => {
    const server = open();
    const leaving = new AbortController();
    const staying = server.start();
    const left = server.start(leaving.signal).catch((error: unknown) => error);
    leaving.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    await staying;
    await server.stop();
    const alone = new AbortController();
    const given = server.start(alone.signal).catch((error: unknown) => error);
    await until(() => Boolean(record()?.process), 'Java is spawned');
    const pid = runningPid();
    alone.abort(new Error('gone too'));
    expect(await given).toMatchObject({ message: 'gone too' });
    expect(processStart(pid)).toBeNull();
  });

  it('would be doubled by a second Tapemend, or stopped by the first that leaves', async () => {
    const one = open();
    const two = open();
    const [first, second] = await Promise.all([one.start(), two.start()]);
    expect(second).toEqual(first);
    const pid = runningPid();
    await one.stop();
    expect(await answers(second)).toBe(true);
    await two.stop();
    expect(processStart(pid)).toBeNull();
  });

  it('would be doubled when two processes start at once, or die with the one that was killed', async () => {
    const [one, two] = [spawnClient(), spawnClient()];
    const [first, second] = await Promise.all([one.address, two.address]);
    expect(second).toEqual(first);
    const pid = runningPid();
    one.process.kill('SIGKILL');
    await until(() => one.process.signalCode !== null, 'the first is dead');
    two.process.stdin?.end();
    await until(() => two.process.exitCode === 0, 'the second client leaves');
    expect(processStart(pid)).toBeNull();
  });

  it('would stay behind as an orphan when every Tapemend is killed', async () => {
    const one = spawnClient();
    await one.address;
    const two = spawnClient();
    await two.address;
    const pid = runningPid();
    one.process.kill('SIGKILL');
    await until(() => one.process.signalCode !== null, 'the first is dead');
    const joined = open();
    expect(await answers(await joined.start())).toBe(true);
    expect(runningPid()).toBe(pid);
    two.process.kill('SIGKILL');
    await joined.stop();
    // Killed before it could leave: nobody stops the server but its watchdog.
    const last = spawnClient();
    await last.address;
    const orphan = runningPid();
    last.process.kill('SIGKILL');
    await until(() => processStart(orphan) === null, 'the watchdog ends the server', 20_000);
  });

  it('would not come back after a crash, or come back elsewhere or empty', async () => {
    const server = open();
    const address = await server.start();
    const store = new QuestDbStore(address);
    await store.ensureSchema();
    await store.trackSeries(['binance:spot:BTCUSDT:1m'], true);
    const pid = runningPid();
    process.kill(pid, 'SIGKILL');
    await until(() => server.status.state === 'crashed', 'the crash is seen');
    await until(() => server.status.state === 'running', 'it runs again');
    expect(runningPid()).not.toBe(pid);
    expect(server.address()).toEqual(address);
    expect(await store.trackedSeries()).toEqual(['binance:spot:BTCUSDT:1m']);
    await store.close();
  });

  it('would fail for good, or come up elsewhere, when a signal ends it while it starts', async () => {
    const server = open();
    const first = await server.start();
    await server.stop();
    const again = server.start();
    await until(() => record()?.process !== null, 'it is starting');
    const pid = runningPid();
    process.kill(pid, 'SIGKILL');
    expect(await again).toEqual(first);
    expect(runningPid()).not.toBe(pid);
  });

  it('would be started for ever when it crashes again and again', async () => {
    const server = open();
    await server.start();
    for (let crash = 1; crash <= 3; crash++) {
      await until(() => server.status.state === 'running', 'it runs');
      process.kill(runningPid(), 'SIGKILL');
      await until(() => server.status.state !== 'running', 'the crash is seen');
    }
    await until(() => server.status.state === 'failed', 'it is given up');
    expect(server.status.detail).toContain('3 times in a row');
    await server.start();
    expect(server.status.state).toBe('running');
  });

  it('would fail or read a stranger when its ports are taken meanwhile', async () => {
    const server = open();
    const before = await server.start();
    await server.stop();
    const ports = record()!.ports;
    for (const port of [ports.http, ports.pg]) {
      const listener = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
      await new Promise<void>((done) => listener.listen(port, '127.0.0.1', done));
      listeners.push(listener);
    }
    const after = await server.start();
    expect(after.httpUrl).not.toBe(before.httpUrl);
    expect(await answers(after)).toBe(true);
  });

  it('would join or kill a stranger whose process number a stale file names', async () => {
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    clients.push(stranger);
    mkdirSync(join(workspace, 'questdb', 'clients'), { recursive: true });
    writeFileSync(
      join(workspace, 'questdb', 'tapemend-server.json'),
      JSON.stringify({
        process: { pid: stranger.pid, start: '1' },
        ports: { http: 1, health: 2, pg: 3 },
        user: 'tapemend',
        password: 'old',
        version: '9.3.4',
        startedAt: '',
      }),
    );
    writeFileSync(join(workspace, 'questdb', 'clients', `${stranger.pid}-00000000`), '1\n');
    writeFileSync(join(workspace, 'questdb', 'tapemend.lock'), `${stranger.pid} 1 00`);
    const server = open();
    expect(await answers(await server.start())).toBe(true);
    const pid = runningPid();
    await server.stop();
    expect(processStart(pid)).toBeNull();
    expect(stranger.exitCode).toBeNull();
  });

  it('would kill or read a server in its folder that Tapemend did not start', async () => {
    const first = open();
    await first.start();
    const kept = record()!;
    // As if it had been started by hand: nothing of ours tells of it.
    writeFileSync(join(workspace, 'questdb', 'tapemend-server.json'), JSON.stringify({ ...kept, process: null }));
    const { TAPEMEND_QUESTDB_JAR: setting } = process.env;
    const cache = resolve(import.meta.dirname, '../../../.cache');
    const second = new ManagedServer({ workspace, jar: { setting, cache }, java: {}, folderPatienceMs: 2_000 });
    servers.push(second);
    const error = await failureOfStart(second);
    expect(error.code).toBe('questdb.locked');
    expect(processStart(kept.process!.pid)).not.toBeNull();
    writeFileSync(join(workspace, 'questdb', 'tapemend-server.json'), JSON.stringify(kept));
  });

  it('would fail without a word when the jar is no QuestDB or the Java no Java', async () => {
    const jar = join(workspace, 'questdb.jar');
    writeFileSync(jar, 'no jar');
    const broken = openQuestDb({ workspace, jar });
    const error = await failureOfStart(broken);
    expect(error.code).toBe('questdb.start_failed');
    expect(error.message).toMatch(/exit code 1.*io\.questdb\.ServerMain/s);
    expect(broken.status).toMatchObject({ state: 'failed', detail: error.message });
    const noJava = await failureOfStart(openQuestDb({ workspace, jar, java: join(workspace, 'java') }));
    expect(noJava.code).toBe('runtime.java_missing');
    const noJar = await failureOfStart(openQuestDb({ workspace, jar: join(workspace, 'none.jar') }));
    expect(noJar.code).toBe('runtime.jar_missing');
  });
});
