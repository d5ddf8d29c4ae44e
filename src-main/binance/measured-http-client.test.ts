import { expect, it } from 'vitest';
import type { RequestMetrics } from '../metrics';
import { ArchiveClient } from './archive-client';
import { MeasuredHttpClient } from './measured-http-client';
import { deadUrl, testServer } from './test-server';

const LIMITS = { stallMs: 10_000, maxBytes: 1_000_000 };

function measured() {
  const told: Parameters<RequestMetrics['requestDone']>[] = [];
  const http = new MeasuredHttpClient('rest:spot', { requestDone: (...event) => void told.push(event) });
  return { http, told };
}

it.each([
  [200, 'ok'],
  [404, 'missing'],
  [400, 'refused'],
  [403, 'refused'],
  [451, 'refused'],
  [429, 'throttled'],
  [418, 'throttled'],
  [500, 'failed'],
  [503, 'failed'],
] as const)(
  'an answer with status %i is told as something else than %s, or without its bytes',
  async (status, outcome) => {
    const server = await testServer((_, response) => void response.writeHead(status).end('12345'));
    const { http, told } = measured();
    expect((await http.get(server.url, LIMITS)).status).toBe(status);
    expect(told).toEqual([['rest:spot', outcome, 5]]);
  },
);

it('no answer, or half of one, is told as an answer', async () => {
  const server = await testServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('some');
    response.destroy();
  });
  const { http, told } = measured();
  await expect(http.get(server.url, LIMITS)).rejects.toThrow();
  await expect(http.get(await deadUrl(), LIMITS)).rejects.toThrow();
  expect(told).toEqual([
    ['rest:spot', 'unreachable', 0],
    ['rest:spot', 'unreachable', 0],
  ]);
});

it('a request that we gave up ourselves alarms as an unreachable exchange', async () => {
  const stop = new AbortController();
  const server = await testServer(() => stop.abort(new Error('cancelled')));
  const { http, told } = measured();
  await expect(http.get(server.url, { ...LIMITS, signal: stop.signal })).rejects.toThrow('cancelled');
  expect(told).toEqual([['rest:spot', 'cancelled', 0]]);
});

it('retries of an archive are counted as one request', async () => {
  let failures = 2;
  const server = await testServer((request, response) => {
    const fails = request.url?.endsWith('.CHECKSUM') && failures-- > 0;
    response.writeHead(fails ? 503 : 200).end('12345');
  });
  const { http, told } = measured();
  const archives = new ArchiveClient({ archiveUrl: server.url, http, sleep: async () => {} });
  const period = { tier: 'archiveDaily', year: 2024, month: 2, day: 1 } as const;
  await archives.download({ market: 'spot', symbol: 'BTCUSDT', interval: '1m', period });
  expect(told.map(([, outcome]) => outcome).sort()).toEqual(['failed', 'failed', 'ok', 'ok']);
});
