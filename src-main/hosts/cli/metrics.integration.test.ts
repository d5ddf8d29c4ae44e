import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Receipt } from '@shared/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, sampleOf } from '../../metrics/testing';
import { type PracticeExchange, startPracticeExchange } from '../../practice';

const ROOT = resolve(import.meta.dirname, '../../..');
const PROGRAM = join(ROOT, 'out/main/cli.js');
const DAYS = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-02-08'];

let practice: PracticeExchange;
let workspace: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  // Builds what is out of date, once.
  execFileSync(process.execPath, [join(ROOT, 'build/tapemend.mjs'), '--version'], { stdio: 'ignore' });
  practice = await startPracticeExchange();
});
afterAll(() => practice?.close());
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-metrics-'));
});
afterEach(async () => {
  practice.setFaults([]);
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  // The server's own watch ends it when its programs are gone.
  await vi.waitFor(() => expect(isAlive(questdbPid())).toBe(false), { timeout: 40_000, interval: 100 });
  rmSync(workspace, { recursive: true, force: true });
});

function tapemend(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args, '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TAPEMEND_BINANCE_SPOT_REST_URL: practice.restUrl,
      TAPEMEND_BINANCE_ARCHIVE_URL: practice.archiveUrl,
      TAPEMEND_WEIGHT_SHARE: '1',
      TAPEMEND_PRACTICE: '0',
      ...env,
    },
  });
  started.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return { child, said, ended };
}

function questdbPid(): number | null {
  try {
    const record = readFileSync(join(workspace, 'questdb', 'tapemend-server.json'), 'utf8');
    return (JSON.parse(record) as { process: { pid: number } | null }).process?.pid ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as { port: number }).port };
}

async function freePort(): Promise<number> {
  const { server, port } = await listen();
  await new Promise((done) => server.close(done));
  return port;
}

async function scrape(port: number) {
  const reply = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parseExposition(await reply.text());
}

describe('metrics of `tapemend serve`', () => {
  it('are not where the setting says, or outlive it', async () => {
    const port = await freePort();
    const serve = tapemend(['serve', '--json'], { TAPEMEND_METRICS_PORT: String(port) });
    await vi.waitFor(() => expect(serve.said.out).toContain('\n'), { timeout: 30_000, interval: 50 });
    expect(JSON.parse(serve.said.out)).toMatchObject({ metricsUrl: `http://127.0.0.1:${port}/metrics` });
    const families = await scrape(port);
    expect(sampleOf(families, 'backfill_jobs_in_progress')).toBe(0);
    await vi.waitFor(
      async () =>
        expect(
          sampleOf(await scrape(port), 'tapemend_requests_total', { source: 'rest:spot', outcome: 'ok' }),
        ).toBeGreaterThan(0),
      { timeout: 60_000, interval: 200 },
    );
    serve.child.kill('SIGTERM');
    expect(await serve.ended).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it('whose port is taken are left out although the user named it, or end otherwise than with 2 and one sentence', async () => {
    const { server, port } = await listen();
    try {
      const serve = tapemend(['serve', '--metrics-port', String(port)]);
      expect(await serve.ended).toBe(2);
      expect(serve.said.out).toBe('');
      expect(serve.said.err.trim().split('\n')).toEqual([expect.stringContaining(`Port ${port} for metrics is taken`)]);
    } finally {
      server.close();
    }
  });
});

describe('metrics of a backfill', () => {
  it('that was asked for them cannot be seen while it runs, or change what it prints', async () => {
    practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 200 }]);
    const port = await freePort();
    const backfill = tapemend([
      'backfill',
      'BTCUSDT',
      ...DAYS,
      '--source',
      'rest',
      '--json',
      '--metrics-port',
      String(port),
    ]);
    await vi.waitFor(async () => expect(sampleOf(await scrape(port), 'backfill_jobs_in_progress')).toBe(1), {
      timeout: 60_000,
      interval: 20,
    });
    practice.setFaults([]);
    expect(await backfill.ended).toBe(0);
    expect(backfill.said.err).toBe('');
    expect((JSON.parse(backfill.said.out) as Receipt).status).toBe('complete');
  });

  it('beside a running `serve` takes its port, because both read one settings file', async () => {
    const { server, port } = await listen();
    try {
      const env = { TAPEMEND_METRICS_PORT: String(port) };
      const backfill = tapemend(['backfill', 'BTCUSDT', ...DAYS, '--json'], env);
      expect([await backfill.ended, backfill.said.err]).toEqual([0, '']);
    } finally {
      server.close();
    }
  });
});
