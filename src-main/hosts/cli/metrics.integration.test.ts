import { createServer, type Server } from 'node:net';
import type { Receipt } from '@shared/contract';
import { describe, expect, it, vi } from 'vitest';
import { parseExposition, sampleOf } from '../../metrics/testing';
import { commandLineBench, practice, tapemend } from './testing';

const DAYS = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-02-08'];

commandLineBench();

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
    expect((await serve.ended).code).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it('whose port is taken are left out although the user named it, or end otherwise than with 2 and one sentence', async () => {
    const { server, port } = await listen();
    try {
      const serve = tapemend(['serve', '--metrics-port', String(port)]);
      expect((await serve.ended).code).toBe(2);
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
    expect((await backfill.ended).code).toBe(0);
    expect(backfill.said.err).toBe('');
    expect((JSON.parse(backfill.said.out) as Receipt).status).toBe('complete');
  });

  it('beside a running `serve` takes its port, because both read one settings file', async () => {
    const { server, port } = await listen();
    try {
      const env = { TAPEMEND_METRICS_PORT: String(port) };
      const backfill = tapemend(['backfill', 'BTCUSDT', ...DAYS, '--json'], env);
      expect([(await backfill.ended).code, backfill.said.err]).toEqual([0, '']);
    } finally {
      server.close();
    }
  });
});
