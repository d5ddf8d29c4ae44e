import { describe, expect, it } from 'vitest';
import { ArchiveClient } from './archive-client';
import { archiveFileName, archivePath, archiveRange, periodOfFileName } from './archive-period';
import { createCounters } from './counters';
import { ManualClock } from './manual-clock';
import { deadUrl, type Respond, testServer } from './test-server';

const PERIOD = { tier: 'archiveDaily', year: 2020, month: 1, day: 1 } as const;
const REQUEST = { market: 'spot', symbol: 'BTCUSDT', interval: '1m', period: PERIOD } as const;
const FILE = 'BTCUSDT-1m-2020-01-01.zip';
const PATH = `/data/spot/daily/klines/BTCUSDT/1m/${FILE}`;
const MISSING = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>';

function clientOf(archiveUrl: string) {
  const clock = new ManualClock(Date.UTC(2024, 0));
  const client = new ArchiveClient({ archiveUrl, now: clock.now, sleep: clock.sleep, random: () => 0.5 });
  return { client, clock };
}

const good: Respond = (request, response) => {
  if (request.url === PATH) response.writeHead(200, { etag: '"abc"' }).end('zip bytes');
  else if (request.url === `${PATH}.CHECKSUM`) response.end('a checksum');
  else response.writeHead(404).end();
};

describe('download', () => {
  it('zip, checksum and ETag come together, and their cost is counted', async () => {
    const server = await testServer(good);
    const counters = createCounters();
    const got = await clientOf(`${server.url}/`).client.download(REQUEST, { counters });
    expect(got).toMatchObject({
      kind: 'file',
      file: FILE,
      url: server.url + PATH,
      checksum: 'a checksum',
      etag: '"abc"',
    });
    expect(got.kind === 'file' && Buffer.from(got.zip).toString()).toBe('zip bytes');
    expect(counters).toEqual({ requests: 2, bytes: 19, weight: 0, retries: 0 });
  });

  it("the zip's bytes can be handed to a worker thread", async () => {
    const server = await testServer(good);
    const got = await clientOf(server.url).client.download(REQUEST);
    if (got.kind !== 'file') throw new Error('no file');
    expect(got.zip.buffer.byteLength).toBe(got.zip.byteLength);
    structuredClone(got.zip, { transfer: [got.zip.buffer as ArrayBuffer] });
    expect(got.zip.byteLength).toBe(0);
  });

  it.each<[string, Respond]>([
    ['404 for both', (_, response) => void response.writeHead(404).end(MISSING)],
    ['404 for the zip only', (request, response) => void response.writeHead(request.url === PATH ? 404 : 200).end('x')],
    [
      '404 for the checksum only',
      (request, response) => void response.writeHead(request.url === PATH ? 200 : 404).end('x'),
    ],
    ['NoSuchKey behind a 403', (_, response) => void response.writeHead(403).end(MISSING)],
  ])('%s means not published, which is no error and not tried again', async (_, respond) => {
    const server = await testServer(respond);
    expect(await clientOf(server.url).client.download(REQUEST)).toEqual({ kind: 'not_published', file: FILE });
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it('an outage of the site (AccessDenied) is not taken for an unpublished file', async () => {
    const server = await testServer(
      (_, response) => void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
    );
    await expect(clientOf(server.url).client.download(REQUEST)).rejects.toMatchObject({
      code: 'archive.unavailable',
      message: expect.stringContaining(FILE),
    });
  });

  it.each<[string, Respond]>([
    ['a 503', (_, response) => void response.writeHead(503).end()],
    [
      'a cut body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setImmediate(() => response.destroy());
      },
    ],
    ['a reset', (request) => void request.socket.destroy()],
  ])('%s passes by itself', async (_, trouble) => {
    const server = await testServer((request, response, n) =>
      n <= 3 ? trouble(request, response, n) : good(request, response, n),
    );
    const counters = createCounters();
    const got = await clientOf(server.url).client.download(REQUEST, { counters });
    expect(got).toMatchObject({ kind: 'file', checksum: 'a checksum' });
    expect(counters).toMatchObject({ requests: 5, retries: 3 });
  });

  it('Retry-After is waited for', async () => {
    const server = await testServer((request, response, n) =>
      n <= 2 ? void response.writeHead(429, { 'retry-after': '9' }).end() : good(request, response, n),
    );
    const { client, clock } = clientOf(server.url);
    await client.download(REQUEST);
    expect(clock.sleeps).toEqual([9_000, 9_000]);
  });

  it('a site that cannot be reached is an error that says what to do, after a bounded number of tries', async () => {
    const url = await deadUrl();
    const counters = createCounters();
    await expect(clientOf(url).client.download(REQUEST, { counters })).rejects.toMatchObject({
      code: 'archive.unreachable',
      message: expect.stringMatching(new RegExp(`${FILE}.*${new URL(url).host}.*ECONNREFUSED.*binance.archiveUrl`)),
    });
    expect(counters.requests).toBeLessThanOrEqual(10);
  });

  it('abort ends a download under way', async () => {
    const stop = new AbortController();
    const server = await testServer(() => stop.abort(new Error('enough')));
    await expect(clientOf(server.url).client.download(REQUEST, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('a setting that is no address is named', () => {
    expect(() => clientOf('data.binance.vision')).toThrow(expect.objectContaining({ code: 'usage.bad_setting' }));
  });
});

describe('head and checksum', () => {
  const SHA = 'ab'.repeat(32);
  const modified = 'Mon, 08 Aug 2022 01:02:03 GMT';

  it('ETag, age and size come without the zip', async () => {
    const methods: (string | undefined)[] = [];
    const server = await testServer((request, response) => {
      methods.push(request.method);
      response.writeHead(200, { etag: '"abc"', 'last-modified': modified, 'content-length': '9906455' }).end();
    });
    const counters = createCounters();
    expect(await clientOf(server.url).client.head(REQUEST, { counters })).toEqual({
      file: FILE,
      url: server.url + PATH,
      etag: '"abc"',
      lastModified: Date.UTC(2022, 7, 8, 1, 2, 3),
      size: 9_906_455,
    });
    expect(methods).toEqual(['HEAD']);
    expect(counters).toEqual({ requests: 1, bytes: 0, weight: 0, retries: 0 });
  });

  it('a HEAD is tried again like a download, and null when nothing is there', async () => {
    const server = await testServer((request, response, n) => {
      if (n === 1) response.writeHead(503).end();
      else if (n === 2) request.socket.destroy();
      else response.writeHead(404).end();
    });
    const counters = createCounters();
    expect(await clientOf(server.url).client.head(REQUEST, { counters })).toBeNull();
    expect(counters).toMatchObject({ requests: 3, retries: 2 });
    await expect(clientOf(await deadUrl()).client.head(REQUEST)).rejects.toMatchObject({ code: 'archive.unreachable' });
  });

  it('missing headers are null, not zero', async () => {
    const server = await testServer((_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { connection: 'close' }).end();
    });
    expect(await clientOf(server.url).client.head(REQUEST)).toMatchObject({
      etag: null,
      lastModified: null,
      size: null,
    });
  });

  it('the published hash comes alone, in lower case', async () => {
    const server = await testServer((_, response) => void response.end(`${SHA.toUpperCase()}  ${FILE}\n`));
    expect(await clientOf(server.url).client.checksum(REQUEST)).toBe(SHA);
    expect(server.requests).toEqual([`${PATH}.CHECKSUM`]);
  });

  it('a checksum of another file, or none, is refused; a missing one is null', async () => {
    for (const text of [`${SHA}  OTHER.zip`, '<html>']) {
      const server = await testServer((_, response) => void response.end(text));
      await expect(clientOf(server.url).client.checksum(REQUEST)).rejects.toMatchObject({
        code: 'archive.bad_checksum_file',
      });
    }
    const empty = await testServer((_, response) => void response.writeHead(404).end(MISSING));
    expect(await clientOf(empty.url).client.checksum(REQUEST)).toBeNull();
  });

  it('files of trades are asked for where they lie', async () => {
    const server = await testServer((_, response) => void response.writeHead(404).end());
    const { client } = clientOf(server.url);
    await client.head({ market: 'cm', symbol: 'BTCUSD_PERP', kind: 'aggTrade', period: PERIOD });
    expect(server.requests).toEqual([
      '/data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2020-01-01.zip',
    ]);
  });
});

describe('names', () => {
  it('files lie where the archive has them', () => {
    const month = { tier: 'archiveMonthly', year: 2024, month: 2 } as const;
    expect(archivePath('spot', 'BTCUSDT', '1M', month)).toBe(
      'data/spot/monthly/klines/BTCUSDT/1mo/BTCUSDT-1mo-2024-02.zip',
    );
    expect(archivePath('um', 'BTCUSDT', '1h', PERIOD)).toBe(
      'data/futures/um/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2020-01-01.zip',
    );
    expect(archivePath('spot', 'BTCUSDT', 'aggTrade', month)).toBe(
      'data/spot/monthly/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-02.zip',
    );
    expect(archiveFileName('ETHUSDT', '1m', month)).toBe('ETHUSDT-1m-2024-02.zip');
  });

  it('a name tells its period, and names that are none tell nothing', () => {
    for (const period of [PERIOD, { tier: 'archiveMonthly', year: 2024, month: 12 } as const]) {
      for (const data of ['1m', '1M', 'aggTrade'] as const) {
        expect(periodOfFileName(archiveFileName('BTCUSDT', data, period))).toEqual(period);
      }
    }
    for (const name of ['', 'readme.txt', `${FILE}.CHECKSUM`, 'BTCUSDT-1m-2020-13.zip', 'BTCUSDT-1m-20-01.zip']) {
      expect(periodOfFileName(name)).toBeNull();
    }
  });

  it('a period ends where the next one starts, also over years and leap days', () => {
    expect(archiveRange({ tier: 'archiveMonthly', year: 2024, month: 2 })).toEqual({
      from: Date.UTC(2024, 1, 1),
      to: Date.UTC(2024, 2, 1),
    });
    expect(archiveRange({ tier: 'archiveMonthly', year: 2024, month: 12 }).to).toBe(Date.UTC(2025, 0, 1));
    expect(archiveRange({ tier: 'archiveDaily', year: 2024, month: 2, day: 29 }).to).toBe(Date.UTC(2024, 2, 1));
  });
});
