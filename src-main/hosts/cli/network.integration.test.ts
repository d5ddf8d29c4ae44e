import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt } from '@shared/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ProxyManner, startTestProxy, type TestProxy } from './test-proxy';
import { commandLineBench, practice, type Run, sharedDatabase, tapemend } from './testing';

/** A name that no resolver may ever know (RFC 2606). */
const NOWHERE = 'exchange.invalid';
const DAY = ['--interval', '1m', '--from', '2024-02-01', '--to', '2024-02-02'];
const BARS = 1_440;

commandLineBench();

const joined = sharedDatabase();

/** It says that nothing arrives after some 20 s, so it is asked before all others, and its answer is looked at last. */
let silent: { proxy: TestProxy; folder: string; run: Run };
beforeAll(async () => {
  const proxy = await startTestProxy('hang');
  const folder = mkdtempSync(join(tmpdir(), 'tapemend-cli-'));
  silent = { proxy, folder, run: tapemend(['backfill', 'BTCUSDT', ...DAY], beyond(proxy, 'https'), folder) };
});
afterAll(async () => {
  if (!silent) return;
  silent.run.child.kill('SIGKILL');
  await silent.run.ended;
  await silent.proxy.close();
  rmSync(silent.folder, { recursive: true, force: true });
});

const proxies: TestProxy[] = [];
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function proxyThat(manner: ProxyManner): Promise<TestProxy> {
  const proxy = await startTestProxy(manner);
  proxies.push(proxy);
  return proxy;
}

/** The environment of a program whose exchange and archive are only known to a proxy. */
function beyond(proxy: TestProxy | null, scheme = 'http', more: Record<string, string> = {}): Record<string, string> {
  return {
    ...joined(),
    TAPEMEND_BINANCE_SPOT_REST_URL: `${scheme}://${NOWHERE}`,
    TAPEMEND_BINANCE_ARCHIVE_URL: `${scheme}://${NOWHERE}`,
    TAPEMEND_BINANCE_ARCHIVE_LIST_URL: `${scheme}://${NOWHERE}/data.binance.vision`,
    ...(proxy ? { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } : {}),
    NO_PROXY: '',
    ...more,
  };
}

async function sentenceOf(run: Run): Promise<string> {
  const { code, out, err } = await run.ended;
  expect([code, out, err.trim().split('\n').length]).toEqual([3, '', 1]);
  return err;
}

function backfill(env: Record<string, string>): Run {
  return tapemend(['backfill', 'BTCUSDT', ...DAY], env);
}

describe('a name that does not resolve', () => {
  it('is no sentence with exit 3, or hides which name it is', async () => {
    const err = await sentenceOf(backfill(beyond(null)));
    expect(err).toMatch(/exchange\.invalid cannot be reached \(getaddrinfo \w+ exchange\.invalid\)/);
    expect(err).toContain('binance.spot.restUrl');
  });

  it('of the archive alone keeps REST from delivering, or passes for a complete archive', async () => {
    const env = { ...joined(), TAPEMEND_BINANCE_ARCHIVE_URL: `http://${NOWHERE}`, NO_PROXY: '' };
    const only = await tapemend(['backfill', 'BTCUSDT', ...DAY, '--source', 'archive', '--json'], env).ended;
    expect(only.code).toBe(3);
    const failed = JSON.parse(only.out) as Receipt;
    expect(failed).toMatchObject({ status: 'failed', series: [{ stored: 0, stillMissing: BARS }] });
    expect(failed.errors[0]).toMatch(/exchange\.invalid.*binance\.archiveUrl/);
    const { code, out } = await tapemend(['backfill', 'BTCUSDT', ...DAY, '--json'], env).ended;
    const receipt = JSON.parse(out) as Receipt;
    expect([code, receipt.status, receipt.errors]).toEqual([0, 'complete', []]);
    expect(receipt.series[0]).toMatchObject({ stored: BARS, sources: { archiveDaily: 0 } });
    expect(receipt.series[0]!.findings.join()).toMatch(/exchange\.invalid/);
  });
});

describe('a proxy of the environment', () => {
  it('is not used for exchange and archive, or is used for the database of this machine', async () => {
    const proxy = await proxyThat({ to: practice.restUrl });
    const { code, out, err } = await tapemend(['backfill', 'ETHUSDT', ...DAY, '--json'], beyond(proxy)).ended;
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ status: 'complete', series: [{ stored: BARS }] });
    expect(proxy.seen.some((url) => url.startsWith(`http://${NOWHERE}/api/v3/`))).toBe(true);
    expect(proxy.seen.some((url) => url.startsWith(`http://${NOWHERE}/data/spot/daily/`))).toBe(true);
    expect(proxy.seen.filter((url) => !url.startsWith(`http://${NOWHERE}/`))).toEqual([]);
  });

  it('is used for names that NO_PROXY excludes', async () => {
    const proxy = await proxyThat({ to: practice.restUrl });
    expect(await sentenceOf(backfill(beyond(proxy, 'http', { NO_PROXY: `localhost,${NOWHERE}` })))).toMatch(
      /getaddrinfo/,
    );
    expect(proxy.seen).toEqual([]);
  });

  it('sees the requests of an https address instead of a tunnel with TLS in it', async () => {
    const proxy = await proxyThat({ to: practice.restUrl });
    expect(await sentenceOf(backfill(beyond(proxy, 'https')))).toContain(NOWHERE);
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${NOWHERE}:443`]));
    // A TLS record with a handshake, which names the host that it is meant for.
    expect(proxy.tunnelled[0]![0]).toBe(0x16);
    expect(proxy.tunnelled[0]!.includes(NOWHERE)).toBe(true);
  });

  it.each<[string, ProxyManner, string, RegExp]>([
    ['wants a login', { status: 407 }, 'http', /proxy.*login.*407.*HTTPS_PROXY/],
    ['wants a login for its tunnel', { status: 407 }, 'https', /proxy.*login.*407.*HTTPS_PROXY/],
    ['has no way out', { status: 502 }, 'http', /exchange\.invalid could not answer.*502/],
    ['opens no tunnel', { status: 502 }, 'https', /exchange\.invalid.*502/],
  ])('that %s is no sentence with exit 3', async (_what, manner, scheme, sentence) => {
    const proxy = await proxyThat(manner);
    expect(await sentenceOf(backfill(beyond(proxy, scheme)))).toMatch(sentence);
    expect(proxy.seen.length).toBeGreaterThan(0);
  });

  it('that is not there hides which address that is', async () => {
    const proxy = await startTestProxy('hang');
    await proxy.close();
    expect(await sentenceOf(backfill(beyond(proxy)))).toContain(proxy.url.replace('http://', ''));
  });

  it('that never opens its tunnel is no sentence with exit 3', async () => {
    expect(await sentenceOf(silent.run)).toMatch(/exchange\.invalid cannot be reached \(nothing arrived for \d+ s\)/);
    expect(silent.proxy.seen.length).toBeGreaterThan(0);
  });
});
