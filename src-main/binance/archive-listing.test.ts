import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveListing } from './archive-listing';
import { createCounters } from './counters';
import { parseListing } from './listing-xml';
import { ManualClock } from './manual-clock';
import { deadUrl, testServer } from './test-server';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">';

function listingOf(archiveListUrl: string) {
  const clock = new ManualClock(0);
  return new ArchiveListing({ archiveListUrl, now: clock.now, sleep: clock.sleep, random: () => 0.5 });
}

const escaped = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const contents = (key: string, size = 5) =>
  `<Contents><Key>${escaped(key)}</Key><LastModified>2022-08-08T01:02:03.000Z</LastModified><ETag>&quot;md5-${escaped(key)}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;

/** A bucket of these keys, a few at a time, by the rules of facts/binance.md §5.3. */
function bucketOf(keys: readonly string[], pageSize: number) {
  const sorted = [...keys].sort();
  return testServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://x');
    const prefix = searchParams.get('prefix') ?? '';
    const delimiter = searchParams.get('delimiter') ?? '';
    const marker = searchParams.get('marker') ?? '';
    const names: { name: string; folder: boolean }[] = [];
    for (const key of sorted.filter((each) => each.startsWith(prefix))) {
      const slash = delimiter ? key.indexOf('/', prefix.length) : -1;
      const name = slash < 0 ? key : key.slice(0, slash + 1);
      if (name > marker && names.at(-1)?.name !== name) names.push({ name, folder: slash >= 0 });
    }
    const page = names.slice(0, pageSize);
    const truncated = page.length < names.length;
    const next = truncated && delimiter ? `<NextMarker>${escaped(page.at(-1)!.name)}</NextMarker>` : '';
    const objects = page.filter(({ folder }) => !folder).map(({ name }) => contents(name));
    const folders = page
      .filter(({ folder }) => folder)
      .map(({ name }) => `<CommonPrefixes><Prefix>${escaped(name)}</Prefix></CommonPrefixes>`);
    response.end(
      `${HEAD}<Name>data.binance.vision</Name><Prefix>${escaped(prefix)}</Prefix><Marker>${escaped(marker)}</Marker>${next}<MaxKeys>${pageSize}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${objects.join('')}${folders.join('')}</ListBucketResult>`,
    );
  });
}

const MONTHS = 'data/spot/monthly/klines/';

describe('list', () => {
  it.each([true, false])('any keys and page size: every one of them once (folders: %s)', async (folders) => {
    const name = fc.stringMatching(/^[A-Z0-9&<"' _.-]{1,6}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, fc.option(name, { nil: null })), { maxLength: 25 }),
        fc.integer({ min: 1, max: 5 }),
        async (names, pageSize) => {
          const keys = [...new Set(names.map(([a, b]) => `p/${a}${b === null ? '' : `/${b}`}`))];
          const server = await bucketOf([...keys, 'q/other'], pageSize);
          const { objects, prefixes } = await listingOf(server.url).list('p/', { folders });
          const direct = keys.filter((key) => !folders || key.split('/').length === 2).sort();
          expect(objects.map(({ key }) => key)).toEqual(direct);
          expect(objects.map(({ etag }) => etag)).toEqual(direct.map((key) => `md5-${key}`));
          const inFolders = keys
            .filter((key) => key.split('/').length > 2)
            .map((key) => key.split('/').slice(0, 2).join('/'));
          expect(prefixes).toEqual(folders ? [...new Set(inFolders)].map((each) => `${each}/`).sort() : []);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('what an object is: key, time, size and ETag without quotes', async () => {
    const server = await bucketOf(['a/b.zip'], 10);
    const { objects } = await listingOf(server.url).list('a/');
    expect(objects).toEqual([
      { key: 'a/b.zip', lastModified: Date.UTC(2022, 7, 8, 1, 2, 3), size: 5, etag: 'md5-a/b.zip' },
    ]);
  });

  it('a server that gives the same page again and again is an error, not a loop', async () => {
    const server = await testServer(
      (_, response) => void response.end(`${HEAD}<IsTruncated>true</IsTruncated>${contents('a/x')}</ListBucketResult>`),
    );
    await expect(listingOf(server.url).list('a/')).rejects.toMatchObject({ code: 'archive.bad_listing' });
    expect(server.requests).toHaveLength(2);
  });

  it('a page that says more follows and holds nothing is an error, not the end', async () => {
    const server = await testServer(
      (_, response) => void response.end(`${HEAD}<IsTruncated>true</IsTruncated></ListBucketResult>`),
    );
    await expect(listingOf(server.url).list('a/')).rejects.toMatchObject({ code: 'archive.bad_listing' });
  });

  it('server errors pass by themselves and are counted; an address without a listing is named', async () => {
    const good = `${HEAD}<IsTruncated>false</IsTruncated></ListBucketResult>`;
    const server = await testServer(
      (_, response, n) => void (n === 1 ? response.writeHead(503).end() : response.end(good)),
    );
    const counters = createCounters();
    expect(await listingOf(server.url).list('a/', { counters })).toEqual({ objects: [], prefixes: [] });
    expect(counters).toMatchObject({ requests: 2, retries: 1 });
    const missing = await testServer((_, response) => void response.writeHead(404).end());
    await expect(listingOf(missing.url).list('a/')).rejects.toMatchObject({
      code: 'archive.unavailable',
      message: expect.stringContaining('binance.archiveListUrl'),
    });
    await expect(listingOf(await deadUrl()).list('a/')).rejects.toMatchObject({
      code: 'archive.unreachable',
      message: expect.stringContaining('binance.archiveListUrl'),
    });
    expect(() => listingOf('nowhere')).toThrow(expect.objectContaining({ code: 'usage.bad_setting' }));
  });
});

describe('symbols and files', () => {
  const keys = [
    ...['BTCUSDT', 'NANOBTC', '币安人生USDT'].map((symbol) => `${MONTHS}${symbol}/1m/${symbol}-1m-2021-01.zip`),
    ...['2020-12', '2020-02', '2021-13', '2020-03-01'].flatMap((date) => [
      `${MONTHS}NANOBTC/1m/NANOBTC-1m-${date}.zip`,
      `${MONTHS}NANOBTC/1m/NANOBTC-1m-${date}.zip.CHECKSUM`,
    ]),
    `${MONTHS}NANOBTC/1m/readme.txt`,
    `${MONTHS}NANOBTC/1m/OTHER-1m-2020-05.zip`,
    'data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2024-02-29.zip',
  ];

  it('symbols are the folders with names that symbols can have; the others are told', async () => {
    const server = await bucketOf(keys, 2);
    expect(await listingOf(server.url).symbols('spot')).toEqual({
      symbols: ['BTCUSDT', 'NANOBTC'],
      odd: ['币安人生USDT'],
    });
    expect(await listingOf(server.url).symbols('cm', { kind: 'aggTrade', tier: 'archiveDaily' })).toEqual({
      symbols: ['BTCUSD_PERP'],
      odd: [],
    });
  });

  it('files are the zips of the symbol in order of time, and nothing else that lies there', async () => {
    const server = await bucketOf(keys, 3);
    const files = await listingOf(server.url).files('spot', 'NANOBTC', '1m', 'archiveMonthly');
    expect(files.map(({ file }) => file)).toEqual(
      ['2020-02', '2020-12', '2021-01'].map((date) => `NANOBTC-1m-${date}.zip`),
    );
    expect(files[0]).toMatchObject({ period: { tier: 'archiveMonthly', year: 2020, month: 2 }, size: 5 });
    const trades = await listingOf(server.url).files('cm', 'BTCUSD_PERP', 'aggTrade', 'archiveDaily');
    expect(trades.map(({ period }) => period)).toEqual([{ tier: 'archiveDaily', year: 2024, month: 2, day: 29 }]);
  });
});

describe('the parser', () => {
  it.each([
    ['nothing', ''],
    ['HTML', '<html><body class="x">Sign in</body></html>'],
    ['an error of the store', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ['a listing cut in the middle', `${HEAD}<IsTruncated>false</IsTruncated><Contents><Key>a`],
    ['a listing without its end', `${HEAD}<IsTruncated>false</IsTruncated>`],
    ['crossed elements', `${HEAD}<IsTruncated>false</Name></ListBucketResult>`],
    ['two documents', `${HEAD}<IsTruncated>false</IsTruncated></ListBucketResult><a></a>`],
    ['no word on whether it is complete', `${HEAD}</ListBucketResult>`],
    ['an object without a key', `${HEAD}<IsTruncated>false</IsTruncated>${contents('')}</ListBucketResult>`],
    [
      'a size that is no number',
      `${HEAD}<IsTruncated>false</IsTruncated>${contents('a').replace('>5<', '>many<')}</ListBucketResult>`,
    ],
    [
      'an entity of its own',
      `<!DOCTYPE x [<!ENTITY y "z">]>${HEAD}<IsTruncated>false</IsTruncated></ListBucketResult>`,
    ],
    ['an unknown entity', `${HEAD}<Name>&y;</Name><IsTruncated>false</IsTruncated></ListBucketResult>`],
    ['a bare ampersand', `${HEAD}<Name>a & b</Name><IsTruncated>false</IsTruncated></ListBucketResult>`],
    ['CDATA', `${HEAD}<Name><![CDATA[x]]></Name><IsTruncated>false</IsTruncated></ListBucketResult>`],
    ['deep nesting', '<a>'.repeat(5_000)],
  ])('%s is not taken for an empty folder', (_, xml) => {
    expect(() => parseListing(xml, 'a/')).toThrow(expect.objectContaining({ code: 'archive.bad_listing' }));
  });

  it('entities of every kind, empty elements and blanks between elements are read', () => {
    const page = parseListing(
      `${HEAD}\n  <Marker/>\n  <NextMarker></NextMarker><IsTruncated>false</IsTruncated>\n${contents('x').replace('>x<', '>&#65;&#x42;&amp;&apos;&gt;<')}\n</ListBucketResult>\n`,
      'a/',
    );
    expect(page).toMatchObject({ truncated: false, nextMarker: null, objects: [{ key: "AB&'>" }] });
  });
});
