import { createHash } from 'node:crypto';
import { DAY_MS, HOUR_MS } from '@shared/market';
import { describe, expect, it, vi } from 'vitest';
import { spoilFile } from './content-faults';
import type { FaultRule } from './fault-rules';
import { at, exchangeAt, getBytes, getJson, type Row, unzip } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const WISH = { listedAt: at('2024-12-30 10:00'), price: 12, quiet: 0.8 };
const SPOT = 'data/spot';
const UM = 'data/futures/um';
const CM = 'data/futures/cm';
const trades = (root: string, symbol: string, date: string) =>
  `${root}/${date.length === 10 ? 'daily' : 'monthly'}/aggTrades/${symbol}/${symbol}-aggTrades-${date}.zip`;
const candles = (root: string, symbol: string, interval: string, date: string) =>
  `${root}/${date.length === 10 ? 'daily' : 'monthly'}/klines/${symbol}/${interval}/${symbol}-${interval}-${date}.zip`;

async function open(faults: readonly FaultRule[] = [], moment = '2025-04-15 12:00:30') {
  const { exchange, clock } = await exchangeAt(moment, {
    weightLimit: 1e9,
    futuresWeightLimit: 1e9,
    faults,
    extraSymbols: [
      { ...WISH, symbol: 'FOOUSDT' },
      { ...WISH, symbol: 'FOOUSDT', market: 'um' },
      { ...WISH, symbol: 'FOOUSD_PERP', market: 'cm' },
      { ...WISH, symbol: 'OLDUSDT', market: 'um', listedAt: at('2022-03-01') },
    ],
  });
  const get = (key: string) => getBytes(`${exchange.archiveUrl}/${key}`);
  const lines = async (key: string) =>
    (await unzip((await get(key)).body))[0]!.content.toString('latin1').trimEnd().split('\n');
  const status = async (key: string) => (await get(key)).status;
  return { exchange, clock, get, lines, status };
}

interface TradeRow {
  a: number;
  p: string;
  q: string;
  f: number;
  l: number;
  T: number;
  m: boolean;
}

/** All trades of a day by REST, as lines of a file. */
async function restLines(url: string, day: string, spot: boolean, micro: boolean): Promise<string[]> {
  const from = at(day) * (micro ? 1_000 : 1);
  const end = (at(day) + DAY_MS) * (micro ? 1_000 : 1);
  const headers: Record<string, string> = micro ? { 'X-MBX-TIME-UNIT': 'MICROSECOND' } : {};
  const page = async (query: string) => (await getJson<TradeRow[]>(`${url}&limit=1000&${query}`, headers)).body;
  const all: TradeRow[] = [];
  for (let rows = await page(`startTime=${from}`); ; rows = await page(`fromId=${all.at(-1)!.a + 1}`)) {
    all.push(...rows);
    if (rows.length < 1_000 || rows.at(-1)!.T >= end) break;
  }
  return all
    .filter(({ T }) => T < end)
    .map(({ a, p, q, f, l, T, m }) =>
      spot ? [a, p, q, f, l, T, m ? 'True' : 'False', 'True'].join() : [a, p, q, f, l, T, m].join(),
    );
}

const HEADER = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';

describe('practice archives of trades', () => {
  it('a daily file holds other trades than REST answers, in other words or another unit', async () => {
    const { exchange, lines } = await open();
    for (const [day, micro] of [
      ['2024-12-31', false],
      ['2025-01-01', true],
    ] as const) {
      const url = `${exchange.restUrl}/api/v3/aggTrades?symbol=FOOUSDT`;
      const rest = await restLines(url, day, true, micro);
      expect(rest.length).toBeGreaterThan(500);
      expect(rest[0]!.split(',')[5]).toHaveLength(micro ? 16 : 13);
      expect(await lines(trades(SPOT, 'FOOUSDT', day))).toEqual(rest);
    }
    for (const [root, path, symbol] of [
      [UM, 'fapi', 'FOOUSDT'],
      [CM, 'dapi', 'FOOUSD_PERP'],
    ] as const) {
      const url = `${exchange.restUrl}/${path}/v1/aggTrades?symbol=${symbol}`;
      const rest = await restLines(url, '2025-01-01', false, false);
      expect(await lines(trades(root, symbol, '2025-01-01'))).toEqual([HEADER, ...rest]);
    }
  });

  it('a month is not its days one after the other', async () => {
    const { lines } = await open();
    const days: string[] = [];
    for (let day = at('2025-01-01'); day < at('2025-02-01'); day += DAY_MS)
      days.push(...(await lines(trades(SPOT, 'FOOUSDT', new Date(day).toISOString().slice(0, 10)))));
    expect(await lines(trades(SPOT, 'FOOUSDT', '2025-01'))).toEqual(days);
  });

  it('a header comes before August 2022, or fails to come since, or a CHECKSUM is of other bytes', async () => {
    const { lines, get } = await open();
    expect((await lines(trades(UM, 'OLDUSDT', '2022-08-10')))[0]).toMatch(/^\d+,/);
    expect((await lines(trades(UM, 'OLDUSDT', '2022-08-11')))[0]).toBe(HEADER);
    for (const [key, end] of [
      [trades(UM, 'FOOUSDT', '2025-01-01'), '\n'],
      [trades(SPOT, 'FOOUSDT', '2025-01-01'), ''],
    ] as const) {
      const digest = createHash('sha256')
        .update((await get(key)).body)
        .digest('hex');
      const checksum = await get(`${key}.CHECKSUM`);
      expect(checksum.body.toString()).toBe(`${digest}  ${key.slice(key.lastIndexOf('/') + 1)}${end}`);
    }
  });

  it('a file is there before its time or for a time without trades, or is not listed', async () => {
    const { exchange, status, clock } = await open([], '2025-04-15 03:59:59');
    const key = trades(UM, 'FOOUSDT', '2025-04-14');
    expect([await status(key), await status(`${key}.CHECKSUM`)]).toEqual([404, 404]);
    clock.now = at('2025-04-15 04:00');
    expect([await status(key), await status(`${key}.CHECKSUM`)]).toEqual([200, 200]);
    expect(await status(trades(UM, 'FOOUSDT', '2024-12-29'))).toBe(404);
    expect(await status(trades(CM, 'FOOUSDT', '2025-04-01'))).toBe(404);
    expect(await status(trades(UM, 'FOOUSDT', '2025-04'))).toBe(404);
    const list = async (prefix: string) => {
      const url = `${exchange.archiveListUrl}?${new URLSearchParams({ delimiter: '/', prefix })}`;
      return [...(await getBytes(url)).body.toString().matchAll(/<(?:Key|Prefix)>([^<]*)</g)]
        .slice(1)
        .map(([, key]) => key);
    };
    expect(await list('data/')).toEqual(['data/futures/', 'data/spot/']);
    expect(await list('data/futures/')).toEqual([`${CM}/`, `${UM}/`]);
    expect(await list(`${UM}/daily/`)).toEqual([`${UM}/daily/aggTrades/`, `${UM}/daily/klines/`]);
    expect(await list(`${CM}/monthly/aggTrades/`)).toContain(`${CM}/monthly/aggTrades/BTCUSD_240628/`);
    const days = await list(`${UM}/daily/aggTrades/FOOUSDT/`);
    expect([days[0], days.at(-1)]).toEqual([trades(UM, 'FOOUSDT', '2024-12-30'), `${key}.CHECKSUM`]);
    expect(days).toHaveLength(2 * 106);
  });
});

describe('practice archives of futures candles', () => {
  it('hold other rows than REST answers, microseconds, or no header', async () => {
    const { exchange, lines } = await open();
    for (const [root, path, symbol] of [
      [UM, 'fapi', 'BTCUSDT'],
      [CM, 'dapi', 'BTCUSD_PERP'],
    ] as const) {
      const query = `symbol=${symbol}&interval=5m&startTime=${at('2025-01-01')}&endTime=${at('2025-01-02') - 1}&limit=1500`;
      const { body } = await getJson<Row[]>(`${exchange.restUrl}/${path}/v1/klines?${query}`);
      const [header, ...rows] = await lines(candles(root, symbol, '5m', '2025-01-01'));
      expect(header).toBe(
        'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
      );
      expect(rows).toHaveLength(288);
      expect(rows).toEqual(body.map((row) => row.join()));
    }
    expect((await lines(candles(UM, 'BTCUSDT', '1h', '2022-04-30')))[0]).toMatch(/^\d{13},/);
    expect((await lines(candles(UM, 'BTCUSDT', '1h', '2022-05')))[0]).toMatch(/^open_time/);
  });

  it('have seconds, or no months', async () => {
    const { status } = await open();
    expect(await status(candles(UM, 'BTCUSDT', '1s', '2025-01-01'))).toBe(404);
    expect(await status(candles(UM, 'BTCUSDT', '1mo', '2025-01'))).toBe(200);
    expect(await status(candles(CM, 'BTCUSD_240628', '1h', '2024-06-28'))).toBe(200);
    expect(await status(candles(CM, 'BTCUSD_240628', '1h', '2024-06-29'))).toBe(404);
  });
});

describe('faults of trades', () => {
  it('an effect on rows changes nothing, or something else', async () => {
    const key = trades(UM, 'FOOUSDT', '2025-01-05');
    const { exchange, lines, get } = await open();
    const [header, ...plain] = await lines(key);
    const middle = plain.length >> 1;
    const spoilt = async (effect: FaultRule['effect'], more: Partial<FaultRule> = {}) => {
      exchange.setFaults([{ match: { kind: 'archive' }, effect, ...more }]);
      const checksum = (await get(`${key}.CHECKSUM`)).body.toString().slice(0, 64);
      expect(
        createHash('sha256')
          .update((await get(key)).body)
          .digest('hex'),
      ).toBe(checksum);
      return lines(key);
    };
    expect(await spoilt('lost_ids')).toEqual([header, ...plain.slice(0, middle), ...plain.slice(middle + 7)]);
    expect(await spoilt('duplicate_rows')).toEqual([header, ...plain.slice(0, middle + 1), ...plain.slice(middle)]);
    expect(await spoilt('unsorted_rows')).toEqual([header, ...plain.slice(middle), ...plain.slice(0, middle)]);
    expect(await spoilt('no_header')).toEqual(plain);
    expect(await spoilt('lacks_day', { day: '2025-01-05' })).toEqual([header]);
    const marked = (await spoilt('marked_duplicates'))[middle + 1]!.split(',');
    const row = plain[middle]!.split(',');
    expect(marked).toEqual([row[0], '0', '0', '-1', '-1', row[5], row[6]]);
    const mixed = await spoilt('interleaved_ids');
    const foreign = mixed.filter((line) => Number(line.split(',')[0]) >= 1e9);
    expect(mixed.filter((line) => !foreign.includes(line))).toEqual([header, ...plain]);
    expect(foreign.length).toBeGreaterThan(plain.length / 3 - 2);
    expect(mixed.indexOf(foreign[1]!) - mixed.indexOf(foreign[0]!)).toBe(2);
    expect((await spoilt('not_a_number'))[middle + 1]!.split(',')[1]).toBe('NaN');
  });

  it('a page by REST keeps its form under an effect, and loses what it is to lose', async () => {
    const { exchange } = await open();
    const url = `${exchange.restUrl}/api/v3/aggTrades?symbol=FOOUSDT&fromId=0&limit=100`;
    const plain = (await getJson<TradeRow[]>(url)).body;
    exchange.setFaults([{ match: { kind: 'aggTrades', market: 'um' }, effect: 'lost_ids' }]);
    expect((await getJson(url)).body).toEqual(plain);
    exchange.setFaults([{ match: { kind: 'aggTrades', market: 'spot' }, effect: 'lost_ids', times: 1 }]);
    expect((await getJson(url)).body).toEqual([...plain.slice(0, 50), ...plain.slice(57)]);
    expect((await getJson(url)).body).toEqual(plain);
    exchange.setFaults([{ match: { kind: 'aggTrades' }, effect: 'marked_duplicates' }]);
    expect((await getJson<TradeRow[]>(url)).body[50]).toEqual({ ...plain[50], p: '0', q: '0', f: -1, l: -1 });
  });

  it('the faults of a file that is too large for one piece are those of a small one in another form', () => {
    const days = Array.from({ length: 6 }, (_, day) =>
      Array.from(
        { length: 20 },
        (_, i) => `${day * 20 + i},1.5,2,${day * 20 + i},${day * 20 + i},${at('2025-01-01') + day * DAY_MS + i},true\n`,
      ),
    );
    const chunks = [`${HEADER}\n`, ...days.map((rows) => rows.join(''))].map((text) => Buffer.from(text));
    const spoilt = (effect: FaultRule['effect'], more: Partial<FaultRule> = {}) => {
      const rule: FaultRule = { match: {}, effect, ...more };
      const text = Buffer.concat(spoilFile(chunks, 'aggTrades', rule, 100)).toString();
      return text.split('\n').slice(0, -1);
    };
    const plain = days.flat().map((line) => line.trimEnd());
    expect(spoilt('lacks_day', { day: '2025-01-02' })).toEqual([HEADER, ...plain.slice(0, 20), ...plain.slice(40)]);
    expect(spoilt('lacks_day')).toEqual([HEADER, ...plain.slice(0, 40), ...plain.slice(80)]);
    expect(spoilt('truncated_day')).toEqual([HEADER, ...plain.slice(0, 60)]);
    expect(spoilt('unsorted_rows')).toEqual([HEADER, ...plain.slice(60), ...plain.slice(0, 60)]);
    expect(spoilt('lost_ids')).toEqual([HEADER, ...plain.slice(0, 70), ...plain.slice(77)]);
    expect(spoilt('empty_file')).toEqual([HEADER]);
    expect(spoilt('no_header')).toEqual(plain);
  });
});

describe('faults of files', () => {
  const key = candles(SPOT, 'FOOUSDT', '1h', '2025-02-02');

  it('a file is rewritten before it was served, or without another row, ETag and CHECKSUM', async () => {
    for (const effect of ['rewritten', 'stale_checksum'] as const) {
      const { get, lines } = await open([{ match: { file: key.slice(key.lastIndexOf('/') + 1) }, effect, after: 2 }]);
      const told = async () => (await get(`${key}.CHECKSUM`)).body.toString().slice(0, 64);
      const first = await get(key);
      const [checksum, rows] = [await told(), await lines(key)];
      expect(checksum).toBe(createHash('sha256').update(first.body).digest('hex'));
      const second = await get(key);
      expect(second.body.equals(first.body)).toBe(false);
      expect(second.headers.get('etag')).not.toBe(first.headers.get('etag'));
      expect(Date.parse(second.headers.get('last-modified')!)).toBeGreaterThan(
        Date.parse(first.headers.get('last-modified')!) + HOUR_MS,
      );
      const changed = (await lines(key)).filter((line, i) => line !== rows[i]);
      expect(changed).toHaveLength(1);
      const digest = createHash('sha256').update(second.body).digest('hex');
      expect([effect, (await told()) === digest]).toEqual([effect, effect === 'rewritten']);
      if (effect === 'stale_checksum') expect(await told()).toBe(checksum);
    }
  });

  it('a zip does not claim an absurd size of its member', async () => {
    const { exchange, get } = await open();
    const plain = (await get(key)).body;
    for (const [effect, size] of [
      ['overstated_size', 4_000_000_000],
      ['understated_size', 10],
    ] as const) {
      exchange.setFaults([{ match: {}, effect }]);
      const zip = (await get(key)).body;
      expect([zip.length, zip.readUInt32LE(22)]).toEqual([plain.length, size]);
      expect(zip.readUInt32LE(zip.readUInt32LE(zip.length - 6) + 24)).toBe(size);
      const checksum = (await get(`${key}.CHECKSUM`)).body.toString().slice(0, 64);
      expect(checksum).toBe(createHash('sha256').update(zip).digest('hex'));
    }
  });
});
