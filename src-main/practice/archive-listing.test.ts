import { describe, expect, it, vi } from 'vitest';
import { at, exchangeAt, getBytes } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const NOW = '2026-10-15 12:00:30';

async function open(moment = NOW) {
  const { exchange, clock } = await exchangeAt(moment);
  const list = async (query: Record<string, string>) => {
    const { status, body } = await getBytes(`${exchange.archiveListUrl}?${new URLSearchParams(query)}`);
    const xml = body.toString();
    const all = (tag: string) => [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map((each) => each[1]!);
    return {
      status,
      xml,
      keys: all('Key'),
      sizes: all('Size').map(Number),
      modified: all('LastModified').map((each) => Date.parse(each)),
      prefixes: [...xml.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)].map((each) => each[1]!),
      next: all('NextMarker')[0],
      token: all('NextContinuationToken')[0],
      truncated: all('IsTruncated')[0] === 'true',
    };
  };
  return { exchange, clock, list };
}

const folder = (tier: string, symbol: string, interval: string) => `data/spot/${tier}/klines/${symbol}/${interval}/`;

describe('practice listing', () => {
  it('names a file that is not served, or leaves out one that is', async () => {
    const { exchange, list } = await open();
    const { keys, modified, truncated } = await list({ delimiter: '/', prefix: folder('monthly', 'SOLUSDT', '1h') });
    expect(truncated).toBe(false);
    expect(keys).toEqual([...keys].sort());
    // 2020-08 to 2026-09, zip and CHECKSUM.
    expect(keys).toHaveLength(2 * 74);
    expect([keys[0], keys.at(-1)]).toEqual([
      `${folder('monthly', 'SOLUSDT', '1h')}SOLUSDT-1h-2020-08.zip`,
      `${folder('monthly', 'SOLUSDT', '1h')}SOLUSDT-1h-2026-09.zip.CHECKSUM`,
    ]);
    expect(modified.every((time) => time <= at(NOW))).toBe(true);
    for (const key of keys.slice(-6)) {
      const answer = await fetch(`${exchange.archiveUrl}/${key}`, { method: 'HEAD' });
      expect([key, answer.status]).toEqual([key, 200]);
    }
  });

  it('a file is listed before it is published', async () => {
    const { list, clock } = await open('2026-10-15 03:59:59');
    const last = async () =>
      (await list({ prefix: `${folder('daily', 'BTCUSDT', '1h')}BTCUSDT-1h-2026-10` })).keys.at(-2);
    expect(await last()).toContain('2026-10-13.zip');
    clock.now = at('2026-10-15 04:00');
    expect(await last()).toContain('2026-10-14.zip');
  });

  it('pages of any size, by marker or token, put together, are not the whole', async () => {
    const { list } = await open();
    const prefix = folder('daily', 'BTCUSDT', '1d');
    const first = await list({ delimiter: '/', prefix });
    expect([first.keys.length, first.truncated]).toEqual([1_000, true]);
    expect(first.next).toBe(first.keys.at(-1));
    const whole = async (size: string, version2: boolean) => {
      const keys: string[] = [];
      for (let after = ''; ; ) {
        const page = await list({
          prefix,
          'max-keys': size,
          ...(version2 ? { 'list-type': '2' } : { delimiter: '/', marker: after }),
          ...(version2 && after ? { 'continuation-token': after } : {}),
        });
        keys.push(...page.keys);
        after = (version2 ? page.token : page.next) ?? '';
        expect(page.truncated).toBe(after !== '');
        if (!page.truncated) return keys;
      }
    };
    const keys = await whole('1000', false);
    expect(keys.length).toBe(2 * ((at('2026-10-15') - at('2017-08-17')) / 86_400_000));
    expect(new Set(keys).size).toBe(keys.length);
    expect(await whole('777', true)).toEqual(keys);
  });

  it('NextMarker comes without a delimiter, where the real one has none', async () => {
    const { list } = await open();
    const plain = await list({ prefix: folder('daily', 'BTCUSDT', '1d') });
    expect([plain.truncated, plain.next]).toEqual([true, undefined]);
    const onwards = await list({ prefix: folder('daily', 'BTCUSDT', '1d'), marker: plain.keys.at(-1)! });
    expect(onwards.keys[0]! > plain.keys.at(-1)!).toBe(true);
  });

  it('folders of symbols or intervals are missing, doubled, or lead nowhere', async () => {
    const { list } = await open();
    const symbols = await list({ delimiter: '/', prefix: 'data/spot/monthly/klines/' });
    expect(symbols.keys).toEqual([]);
    expect(symbols.prefixes).toContain('data/spot/monthly/klines/BTCUSDT/');
    expect(new Set(symbols.prefixes).size).toBe(symbols.prefixes.length);
    const intervals = async (tier: string) =>
      (await list({ delimiter: '/', prefix: `data/spot/${tier}/klines/BTCUSDT/` })).prefixes.map(
        (each) => each.split('/').at(-2)!,
      );
    expect(await intervals('monthly')).toEqual(expect.arrayContaining(['1s', '1m', '3d', '1w', '1mo']));
    expect((await intervals('daily')).filter((each) => ['3d', '1w', '1mo'].includes(each))).toEqual([]);
    expect((await list({ delimiter: '/', prefix: 'data/spot/monthly/klines/NOPE/' })).prefixes).toEqual([]);
    const after = await list({
      delimiter: '/',
      prefix: 'data/spot/monthly/klines/',
      marker: 'data/spot/monthly/klines/BTCUSDT/',
    });
    expect(after.prefixes[0]).toBe(symbols.prefixes[symbols.prefixes.indexOf('data/spot/monthly/klines/BTCUSDT/') + 1]);
  });

  it('a wrong question is answered with a list', async () => {
    const { list } = await open();
    expect((await list({ 'max-keys': 'many' })).status).toBe(400);
    const none = await list({ prefix: folder('daily', 'BTCUSDT', '1d'), 'max-keys': '0' });
    expect([none.keys.length, none.truncated]).toEqual([0, false]);
  });
});
