import { createHash } from 'node:crypto';
import { DAY_MS } from '@shared/market';
import { describe, expect, it, vi } from 'vitest';
import type { PracticeOptions } from './options';
import { at, exchangeAt, getBytes, getJson, type Row, unzip } from './testing';

// Years of candles are generated here, which takes a while on busy cores.
vi.setConfig({ testTimeout: 90_000 });

const NOW = '2026-10-15 12:00:30';

async function open(moment = NOW, options: PracticeOptions = {}) {
  const { exchange, clock } = await exchangeAt(moment, { weightLimit: 1e9, ...options });
  const url = (key: string) => `${exchange.archiveUrl}/${key}`;
  const get = (key: string) => getBytes(url(key));
  const status = async (key: string) => (await fetch(url(key), { method: 'HEAD' })).status;
  const lines = async (key: string) => {
    const { body } = await get(key);
    const [member] = await unzip(body);
    return member!.content.toString('latin1').trimEnd().split('\n');
  };
  const page = async (query: string) =>
    (await getJson<Row[]>(`${exchange.restUrl}/api/v3/klines?limit=1000&${query}`)).body;
  /** REST rows as the file's lines, with times times `factor` (1,000 for microseconds). */
  const restLines = async (query: string, micro = false) =>
    (await page(query)).map((row) => {
      const time = (value: number, last: string) => (micro ? `${value}${last}` : String(value));
      return [time(row[0], '000'), ...row.slice(1, 6), time(row[6], '999'), ...row.slice(7)].join(',');
    });
  return { exchange, clock, url, get, status, lines, restLines };
}

const daily = (symbol: string, interval: string, date: string) =>
  `data/spot/daily/klines/${symbol}/${interval}/${symbol}-${interval}-${date}.zip`;
const monthly = (symbol: string, interval: string, date: string) =>
  `data/spot/monthly/klines/${symbol}/${interval}/${symbol}-${interval}-${date}.zip`;

describe('practice archives', () => {
  it('a file is no zip of one deflated CSV of its name, or its CHECKSUM is of other bytes', async () => {
    const { get } = await open();
    for (const key of [daily('BTCUSDT', '1m', '2024-05-05'), monthly('ETHUSDT', '1h', '2023-02')]) {
      const name = key.slice(key.lastIndexOf('/') + 1);
      const zip = await get(key);
      const members = await unzip(zip.body);
      expect(members.map((each) => [each.name, each.method])).toEqual([[name.replace('.zip', '.csv'), 8]]);
      expect(members[0]!.content.at(-1)).toBe(10);
      const checksum = await get(`${key}.CHECKSUM`);
      expect(checksum.body.toString()).toBe(`${createHash('sha256').update(zip.body).digest('hex')}  ${name}`);
    }
  });

  it('the rows of a daily file differ from what REST answers for the day', async () => {
    const { lines, restLines } = await open();
    for (const [symbol, interval, date] of [
      ['BTCUSDT', '5m', '2021-06-01'],
      ['ADAUSDT', '15m', '2020-02-19'],
      ['ETHBTC', '1h', '2019-05-15'],
    ] as const) {
      const range = `startTime=${at(date)}&endTime=${at(date) + DAY_MS - 1}`;
      const rows = await restLines(`symbol=${symbol}&interval=${interval}&${range}`);
      expect(rows.length).toBeGreaterThan(10);
      expect(await lines(daily(symbol, interval, date))).toEqual(rows);
    }
  });

  it('the last day of 2024 is not in milliseconds, or the first of 2025 not in microseconds', async () => {
    const { lines, restLines } = await open();
    for (const [date, micro] of [
      ['2024-12-31', false],
      ['2025-01-01', true],
    ] as const) {
      const range = `startTime=${at(date)}&endTime=${at(date) + DAY_MS - 1}`;
      const rows = await restLines(`symbol=BTCUSDT&interval=1h&${range}`, micro);
      expect(rows[0]).toMatch(micro ? /^\d{16},.*,\d{10}999999,/ : /^\d{13},.*,\d{10}999,/);
      expect(await lines(daily('BTCUSDT', '1h', date))).toEqual(rows);
    }
    expect((await lines(monthly('BTCUSDT', '1d', '2024-12')))[0]).toMatch(/^\d{13},/);
    expect((await lines(monthly('BTCUSDT', '1d', '2025-01')))[0]).toMatch(/^\d{16},/);
  });

  it('a monthly file is not its daily ones one after the other, stale rows of 2020-12-21 excepted', async () => {
    const { lines } = await open();
    const days = async (symbol: string, month: string, count: number) => {
      const parts: string[] = [];
      for (let day = 1; day <= count; day++)
        parts.push(...(await lines(daily(symbol, '1m', `${month}-${String(day).padStart(2, '0')}`))));
      return parts;
    };
    expect(await lines(monthly('BTCUSDT', '1m', '2024-02'))).toEqual(await days('BTCUSDT', '2024-02', 29));
    const month = await lines(monthly('BTCUSDT', '1m', '2020-12'));
    const known = new Set(await days('BTCUSDT', '2020-12', 31));
    const stale = month.filter((line) => !known.has(line)).map((line) => Number(line.split(',')[0]));
    expect(stale).toEqual(Array.from({ length: 22 }, (_, i) => at('2020-12-21 13:48') + i * 60_000));
    expect(month.length - known.size).toBe(22);
  });

  it('a file appears before its time, or never', async () => {
    const { status, clock } = await open('2026-10-15 03:59:59');
    const key = daily('BTCUSDT', '1m', '2026-10-14');
    expect([await status(key), await status(`${key}.CHECKSUM`)]).toEqual([404, 404]);
    expect(await status(daily('BTCUSDT', '1m', '2026-10-13'))).toBe(200);
    clock.now = at('2026-10-15 04:00:00');
    expect([await status(key), await status(`${key}.CHECKSUM`)]).toEqual([200, 200]);
    expect(await status(daily('BTCUSDT', '1m', '2026-10-15'))).toBe(404);
    // The first Monday of October 2026 is the 5th, that of November the 2nd.
    expect(await status(monthly('BTCUSDT', '1m', '2026-09'))).toBe(200);
    expect(await status(monthly('BTCUSDT', '1m', '2026-10'))).toBe(404);
    clock.now = at('2026-10-05 03:59:59');
    expect(await status(monthly('BTCUSDT', '1m', '2026-09'))).toBe(404);
    clock.now = at('2026-11-01 12:00:00');
    expect(await status(monthly('BTCUSDT', '1m', '2026-10'))).toBe(404);
    clock.now = at('2026-11-02 04:00:00');
    expect(await status(monthly('BTCUSDT', '1m', '2026-10'))).toBe(200);
  });

  it('the publication delay cannot be set', async () => {
    const { status, clock } = await open('2026-10-15 00:30', {
      publication: { dailyDelayMs: 60_000, monthlyDelayMs: 14 * DAY_MS + 3_600_000 },
    });
    expect(await status(daily('BTCUSDT', '1m', '2026-10-14'))).toBe(200);
    expect(await status(monthly('BTCUSDT', '1m', '2026-09'))).toBe(404);
    clock.now += 3_600_000;
    expect(await status(monthly('BTCUSDT', '1m', '2026-09'))).toBe(200);
  });

  it('a file is there that the real bucket has not, or missing that it has', async () => {
    const { status } = await open();
    const there = [
      monthly('BTCUSDT', '1mo', '2020-01'),
      monthly('BTCUSDT', '3d', '2020-01'),
      monthly('BTCUSDT', '1w', '2020-01'),
      daily('BTCUSDT', '1s', '2024-01-01'),
      daily('BTCUSDT', '1d', '2024-01-01'),
      daily('XMRUSDT', '1m', '2024-02-20'),
    ];
    for (const key of there) expect([key, await status(key)]).toEqual([key, 200]);
    const absent = [
      monthly('BTCUSDT', '1M', '2020-01'),
      daily('BTCUSDT', '3d', '2020-01-01'),
      daily('BTCUSDT', '1w', '2020-01-06'),
      daily('BTCUSDT', '1mo', '2020-01-01'),
      daily('BTCUSDT', '1m', '2017-08-16'),
      daily('XMRUSDT', '1m', '2024-02-21'),
      daily('NOPEUSDT', '1m', '2024-01-01'),
      daily('BTCUSDT', '1m', '2024-02-30'),
      monthly('BTCUSDT', '1m', '2024-13'),
      daily('BTCUSDT', '1m', '2024-01-01').replace('/1m/', '/5m/'),
    ];
    for (const key of absent) expect([key, await status(key)]).toEqual([key, 404]);
  });

  it('a missing file is answered with another body than NoSuchKey', async () => {
    const { get, exchange } = await open();
    const { status, headers, body } = await get(daily('BTCUSDT', '1m', '2030-01-01'));
    expect([status, headers.get('content-type'), headers.get('server')]).toEqual([404, 'application/xml', 'AmazonS3']);
    expect(body.toString()).toContain('<Code>NoSuchKey</Code>');
    expect(body.toString()).toContain('BTCUSDT-1m-2030-01-01.zip</Key>');
    expect(exchange.counters().requests).toMatchObject({ archive: 1, checksum: 0 });
  });

  it('headers of a file are missing, HEAD sends a body, or an unchanged file is sent again', async () => {
    const { url, get } = await open();
    const key = daily('BTCUSDT', '1h', '2024-05-05');
    const { headers, body } = await get(key);
    expect(Number(headers.get('content-length'))).toBe(body.length);
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(headers.get('last-modified')).toBe(new Date(at('2024-05-06 04:00')).toUTCString());
    expect(headers.get('accept-ranges')).toBe('bytes');
    expect(headers.get('x-mbx-used-weight')).toBeNull();
    const head = await fetch(url(key), { method: 'HEAD' });
    expect([head.headers.get('etag'), head.headers.get('content-length'), (await head.text()).length]).toEqual([
      headers.get('etag'),
      String(body.length),
      0,
    ]);
    const again = await fetch(url(key), { headers: { 'if-none-match': headers.get('etag')! } });
    expect([again.status, (await again.text()).length]).toEqual([304, 0]);
  });

  it('two exchanges of one seed serve other bytes, or those of another seed the same', async () => {
    const key = daily('LINKUSDT', '1h', '2022-03-03');
    const bytes = async (seed: number) => (await (await open(NOW, { seed })).get(key)).body.toString('hex');
    const first = await bytes(5);
    expect(await bytes(5)).toBe(first);
    expect(await bytes(6)).not.toBe(first);
  });
});
