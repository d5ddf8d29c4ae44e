import { createServer } from 'node:net';
import type { RequestHandlers, StreamHandlers } from '@shared/contract';
import { EventHub } from '@shared/rpc';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CoreMetrics } from '../../core';
import { withMetrics } from './core-metrics';

let port: number;
const other = createServer();
beforeEach(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  port = (other.address() as { port: number }).port;
});
afterEach(() => new Promise((resolve) => other.close(resolve)));

const release = () => new Promise((resolve) => other.close(resolve));

function app(asked: boolean) {
  const said: string[] = [];
  const source = { contentType: 'text/plain', read: async () => 'a 1\n', port, isChosen: true };
  let metrics: CoreMetrics | null = null;
  const core = {
    requests: {} as RequestHandlers,
    streams: {} as StreamHandlers,
    events: new EventHub(),
    get metrics() {
      return metrics;
    },
    // Settings are read by the start.
    start: async () => {
      if (asked) metrics = source;
      said.push('started');
    },
    stop: async () => void said.push('stopped'),
  };
  return { served: withMetrics(core, (error) => said.push((error as Error).message)), said };
}

it('the app serves no metrics although a setting asks for them, or goes on serving behind its end', async () => {
  await release();
  const { served, said } = app(true);
  await served.start();
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toBe('a 1\n');
  await served.stop();
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  expect(said).toEqual(['started', 'stopped']);
});

it('the app does not start, or tells nobody, when another program has the port of its metrics', async () => {
  const { served, said } = app(true);
  await served.start();
  await served.stop();
  expect(said).toEqual(['started', expect.stringContaining(`Port ${port} for metrics is taken`), 'stopped']);
});

it('the app opens a port that nobody asked for', async () => {
  await release();
  const { served, said } = app(false);
  await served.start();
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  await served.stop();
  expect(said).toEqual(['started', 'stopped']);
});
