import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const HOST = 'exchange.invalid';
/** Two days from daily files, then some hours from REST. */
const RANGE = { from: Date.UTC(2024, 5, 16), to: Date.UTC(2024, 5, 18, 3) };
const KEY = 'binance:spot:ADAUSDT:1m';

let bench: TestBench;
let app: Services | null = null;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await app?.close();
});
afterAll(() => bench.close());

/** This machine's resolver, which knows one name more; with null it does not. */
function resolvesTo(address: string | null): void {
  const lookup = dns.lookup.bind(dns) as (...args: unknown[]) => void;
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: unknown[]) =>
    lookup(name === HOST && address ? address : name, ...rest)) as typeof dns.lookup);
}

it('an app whose exchange cannot be resolved gives its job up, or does not say what it waits for, or stays deaf when it can', async () => {
  const port = new URL(bench.practice.restUrl).port;
  const elsewhere = `http://${HOST}:${port}`;
  const { endpoints } = bench.settings;
  const said = new Set<string>();
  app = await Services.open({
    workspace: bench.workspace,
    settings: {
      ...bench.settings,
      endpoints: { ...endpoints, rest: { ...endpoints.rest, spot: [elsewhere] }, archiveUrl: elsewhere },
    },
    practice: false,
    patient: true,
    onProgress: ({ current }) => current && said.add(current),
  });
  const own = await app.backfill.start({ items: [{ key: KEY, range: RANGE }], source: 'auto' });
  await expect
    .poll(() => [...said].join('\n'), { timeout: 90_000 })
    .toMatch(
      /exchange unreachable, next try in \d+ s: exchange\.invalid:\d+ cannot be reached \(getaddrinfo \w+ exchange\.invalid\)/,
    );
  expect(app.backfill.running).toBe(1);
  resolvesTo('127.0.0.1');
  expect(await own.finished).toMatchObject({ status: 'complete', errors: [], series: [{ stillMissing: 0 }] });
  expect(await bench.differences(KEY, RANGE)).toEqual([]);
}, 180_000);
