import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exitCodeOf } from './exit-code';
import { openMetrics } from './metrics';

let other: Server;
let port: number;
beforeEach(async () => {
  other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  port = (other.address() as { port: number }).port;
});
afterEach(() => new Promise((resolve) => other.close(resolve)));

const source = { contentType: 'text/plain', read: async () => '' };

it('a port that the user named is quietly left out when it is taken, or ends with another exit code than wrong use', async () => {
  const warnings: string[] = [];
  const opened = openMetrics({ metrics: { ...source, port, isChosen: true } }, (text) => warnings.push(text));
  const error = await opened.catch((reason: unknown) => reason);
  expect(exitCodeOf(error)).toBe(2);
  expect((error as Error).message).toContain(`Port ${port} for metrics is taken`);
  expect(warnings).toEqual([]);
});

it('a second serve cannot start because the first has the default port, or does not say that it has no metrics', async () => {
  const warnings: string[] = [];
  const host = await openMetrics({ metrics: { ...source, port, isChosen: false } }, (text) => warnings.push(text));
  expect(host).toBeNull();
  expect(warnings).toEqual([
    `No metrics are served: Port ${port} for metrics is taken by another program; set metrics.port (TAPEMEND_METRICS_PORT) to another.`,
  ]);
});

it('a port is opened that nobody asked for', async () => {
  expect(await openMetrics({ metrics: null }, () => {})).toBeNull();
});
