import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics, type ServedMetrics } from '../../metrics';
import { parseExposition, sampleOf } from '../../metrics/testing';
import { type MetricsHost, startMetricsHost } from './metrics-host';

let metrics: ServedMetrics;
let host: MetricsHost;
let reports: unknown[];
beforeEach(async () => {
  metrics = await createMetrics();
  reports = [];
  host = await startMetricsHost({ metrics, port: 0, report: (error) => reports.push(error) });
});
afterEach(() => host.close());

interface Reply {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: host.port, path, ...options }, (reply) => {
      let body = '';
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, body }));
    });
    call.on('error', reject);
    call.end();
  });
}

describe('/metrics', () => {
  it('is not what Prometheus reads, or not of this moment', async () => {
    const before = await ask('/metrics');
    expect(before.status).toBe(200);
    expect(before.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(sampleOf(parseExposition(before.body), 'tapemend_rows_written_total')).toBe(0);
    metrics.rowsWritten(1_440);
    const after = await ask('/metrics?x=1');
    expect(sampleOf(parseExposition(after.body), 'tapemend_rows_written_total')).toBe(1_440);
    expect(after.headers['cache-control']).toBe('no-store');
  });

  it('sends a body to HEAD, or other headers than to GET', async () => {
    const head = await ask('/metrics', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(head.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(Number(head.headers['content-length'])).toBeGreaterThan(1_000);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes %s', async (method) => {
    const reply = await ask('/metrics', { method });
    expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/', '/metrics/', '/metricsx', '/Metrics', '/../metrics', '/rpc', '/session'])(
    'answers at %s too',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('is read by a page of somebody who points his name at this machine', async () => {
    for (const name of [
      'evil.example',
      `evil.example:${host.port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${host.port}`,
    ]) {
      const reply = await ask('/metrics', { headers: { host: name } });
      expect([name, reply.status]).toEqual([name, 421]);
      expect(reply.body).not.toContain('tapemend_');
    }
    expect((await ask('/metrics', { headers: { host: `localhost:${host.port}` } })).status).toBe(200);
    expect((await ask('/metrics')).headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('takes the program down, or hangs, when it cannot be read', async () => {
    await host.close();
    let calls = 0;
    const broken = {
      contentType: metrics.contentType,
      read: () => (++calls === 1 ? Promise.reject(new Error('broken')) : metrics.read()),
    };
    host = await startMetricsHost({ metrics: broken, port: 0, report: (error) => reports.push(error) });
    const reply = await ask('/metrics');
    expect([reply.status, reports.length]).toEqual([500, 1]);
    expect(reply.body).not.toContain('broken');
    expect((await ask('/metrics')).status).toBe(200);
  });
});

describe('the port of metrics', () => {
  it('that is taken is not one sentence with what to do', async () => {
    await expect(startMetricsHost({ metrics, port: host.port })).rejects.toMatchObject({
      code: 'usage.metrics_port',
      message: `Port ${host.port} for metrics is taken by another program; set metrics.port (TAPEMEND_METRICS_PORT) to another.`,
    });
  });

  it('is open to other machines', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    // Without a network there is no other address; another one of loopback tells the same on Linux.
    const address = outside?.address ?? '127.0.0.2';
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: address, port: host.port }, () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
    expect([address, refused]).toEqual([address, true]);
  });

  it('stays open, or its closing waits for a scraper that keeps its connection', async () => {
    const socket = connect({ host: '127.0.0.1', port: host.port });
    await new Promise((resolve) => socket.once('connect', resolve));
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await host.close();
    await gone;
    const again = await startMetricsHost({ metrics, port: host.port });
    host = again;
  });
});
