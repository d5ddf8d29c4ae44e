import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { createCore } from '../../core';
import { environmentOf, type PracticeExchange, type PracticeOptions, startPracticeExchange } from '../../practice';
import { openTestServer, startTestDatabase, type TestDatabase } from '../../questdb/testing';

const ROOT = resolve(import.meta.dirname, '../../..');
const PROGRAM = join(ROOT, 'out/main/cli.js');

/** The server is started again and again: what is compiled for long runs only would make that twice as slow (`npm test` sets more). */
const SHORT_LIVED_SERVER = { JAVA_TOOL_OPTIONS: process.env.JAVA_TOOL_OPTIONS ?? '-XX:TieredStopAtLevel=1' };

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export interface Run {
  child: ChildProcess;
  /** What it has said so far. */
  said: { out: string; err: string };
  ended: Promise<Ended>;
}

/** The exchange that the built program is pointed at, and a workspace for each test; there once `commandLineBench` was called. */
export let practice: PracticeExchange;
export let workspace: string;
const started: ChildProcess[] = [];

/** Sets exchange and workspace up for the tests of a file, and ends whatever they leave running. */
export function commandLineBench(options: PracticeOptions = {}): void {
  beforeAll(async () => {
    // Builds what is out of date, once.
    execFileSync(process.execPath, [join(ROOT, 'build/tapemend.mjs'), '--version'], { stdio: 'ignore' });
    practice = await startPracticeExchange(options);
  });
  afterAll(() => practice?.close());
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'tapemend-cli-'));
  });
  afterEach(async () => {
    practice.setFaults([]);
    for (const child of started.splice(0))
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    // The server's own watch ends it when its programs are gone.
    await vi.waitFor(() => expect(isAlive(questdbPid())).toBe(false), { timeout: 40_000, interval: 100 });
    rmSync(workspace, { recursive: true, force: true });
  });
}

/** One server for all commands of a file, joined as a user's own: the environment that names it. Its tables outlive a test. */
export function sharedDatabase(): () => Record<string, string> {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database?.close());
  return () => {
    const { dsn, httpUrl } = database.address;
    return { TAPEMEND_QUESTDB_DSN: dsn, TAPEMEND_QUESTDB_HTTP_URL: httpUrl };
  };
}

/** Keeps the workspace's own server up for all commands of a test, as a program beside them would. */
export async function withServer(work: () => Promise<void>): Promise<void> {
  const server = openTestServer(workspace);
  await server.start();
  try {
    await work();
  } finally {
    await server.stop();
  }
}

/** Runs the built program on the test's workspace; what runs in a folder of the test's own is the test's to end. */
export function tapemend(args: readonly string[], env: Record<string, string> = {}, folder = workspace): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--workspace', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...exchangeOfTests(), ...SHORT_LIVED_SERVER, ...env },
  });
  if (folder === workspace) started.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, ...said })));
  return { child, said, ended };
}

export function exchangeOfTests(): Record<string, string> {
  return {
    ...environmentOf(practice),
    TAPEMEND_WEIGHT_SHARE: '1',
    TAPEMEND_PRACTICE: '0',
  };
}

/** The app on the same workspace, in this process. */
export async function withApp<T>(work: (app: ReturnType<typeof createCore>) => Promise<T>): Promise<T> {
  const app = createCore({
    workspace,
    version: '0',
    flags: {},
    env: { ...exchangeOfTests(), TAPEMEND_QUESTDB_JAR: process.env.TAPEMEND_QUESTDB_JAR },
  });
  try {
    await app.start();
    await app.ready();
    return await work(app);
  } finally {
    await app.stop();
  }
}

export function questdbRecord(): { process: { pid: number } | null; startedAt: string } | null {
  const file = join(workspace, 'questdb', 'tapemend-server.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

export function questdbPid(): number | null {
  return questdbRecord()?.process?.pid ?? null;
}

export function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
