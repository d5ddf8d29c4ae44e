import { DAY_MS, gridOf, type Interval, intervalMs, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { at, exchangeAt, getJson, type Row } from './testing';

// Years of candles are generated here, which takes a while on busy cores.
vi.setConfig({ testTimeout: 90_000 });

const NOW = '2026-10-15 12:00:30';

async function open(options = {}) {
  const { exchange, clock } = await exchangeAt(NOW, { weightLimit: 1e9, ...options });
  const url = (query: string) => `${exchange.restUrl}/api/v3/klines?${query}`;
  const rows = async (query: string) => (await getJson<Row[]>(url(query))).body;
  const opens = async (query: string) => (await rows(query)).map(([time]) => time);
  const error = async (query: string, headers = {}) => {
    const { status, body } = await getJson<{ code: number; msg: string }>(url(query), headers);
    return [status, body.code, body.msg];
  };
  return { exchange, clock, url, rows, opens, error };
}

describe('practice klines', () => {
  it('one of the four combinations of bounds pages from the wrong end', async () => {
    const { opens } = await open();
    const base = 'symbol=BTCUSDT&interval=1m&limit=3';
    const noon = at('2026-10-15 12:00');
    expect(await opens(base)).toEqual([noon - 2 * MINUTE_MS, noon - MINUTE_MS, noon]);
    const day = at('2024-05-05');
    const after = [day, day + MINUTE_MS, day + 2 * MINUTE_MS];
    const before = [day - 2 * MINUTE_MS, day - MINUTE_MS, day];
    expect(await opens(`${base}&startTime=${day}`)).toEqual(after);
    expect(await opens(`${base}&endTime=${day}`)).toEqual(before);
    expect(await opens(`${base}&startTime=${day}&endTime=${day + DAY_MS}`)).toEqual(after);
    expect(await opens(`${base}&startTime=${day}&endTime=${day + MINUTE_MS}`)).toEqual(after.slice(0, 2));
    expect(await opens(`${base}&startTime=${day}&endTime=${day}`)).toEqual([day]);
    expect(await opens(`${base}&startTime=${day + 1}&endTime=${day + 1}`)).toEqual([]);
    expect(await opens(`${base}&startTime=${day - 59_999}&endTime=${day + 59_999}`)).toEqual([day]);
    expect(await opens(`${base}&startTime=${day + 1}&endTime=${day}`)).toEqual([]);
  });

  it('limits are not 500 by default and 1,000 at most, or a page boundary repeats or skips a row', async () => {
    const { rows, opens } = await open();
    const base = `symbol=ETHUSDT&interval=1h&startTime=${at('2023-05-01')}`;
    expect(await rows(base)).toHaveLength(500);
    expect(await rows(`${base}&limit=1`)).toHaveLength(1);
    expect(await rows(`${base}&limit=1001`)).toHaveLength(1_000);
    const exact = `${base}&endTime=${at('2023-05-01') + 999 * 3_600_000}`;
    const page = await opens(`${exact}&limit=1000`);
    expect(page).toHaveLength(1_000);
    const last = page.at(-1)!;
    expect(await opens(`${exact}&limit=1000`.replace(/startTime=\d+/, `startTime=${last + 1}`))).toEqual([]);
    const onwards = await opens(`symbol=ETHUSDT&interval=1h&startTime=${last + 1}&limit=2`);
    expect(onwards).toEqual([last + 3_600_000, last + 2 * 3_600_000]);
  });

  it('the recorded answers of the real exchange would come out with other counts', async () => {
    const { opens } = await open();
    const days = `symbol=BTCUSDT&interval=1d&limit=1000&startTime=${at('2019-01-01')}`;
    expect(await opens(`${days}&endTime=${at('2020-01-01')}`)).toHaveLength(366);
    expect(await opens(`${days}&endTime=${at('2020-01-01') - 1_000}`)).toHaveLength(365);
    const hour = await opens(
      `symbol=BTCUSDT&interval=1m&startTime=${at('2021-01-05 04:41:28')}&endTime=${at('2021-01-05 05:41:28')}`,
    );
    expect([hour.length, hour[0], hour.at(-1)]).toEqual([60, at('2021-01-05 04:42'), at('2021-01-05 05:41')]);
  });

  it('any pages of any range, put together, are not the range', async () => {
    const { opens } = await open();
    const interval = fc.constantFrom<Interval>('1s', '1m', '3m', '15m', '1h', '12h', '1d', '3d', '1w', '1M');
    const moment = fc.integer({ min: at('2018-01-01'), max: at('2026-10-01') });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('BTCUSDT', 'ADAUSDT', 'ETHUSDC'),
        interval,
        moment,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        async (symbol, each, from, bars, limit) => {
          // Long bars are few, since each is made of months of minutes.
          const to = from + (intervalMs(each) > DAY_MS ? Math.ceil(bars / 5) : bars) * intervalMs(each);
          const base = `symbol=${symbol}&interval=${each}`;
          const whole = await opens(`${base}&startTime=${from}&endTime=${to}&limit=1000`);
          const paged: number[] = [];
          for (let cursor = from; ; ) {
            const page = await opens(`${base}&startTime=${cursor}&endTime=${to}&limit=${limit}`);
            paged.push(...page);
            if (page.length < limit) break;
            cursor = page.at(-1)! + 1;
          }
          expect(paged).toEqual(whole);
          expect(whole.every((time) => time >= from && time <= to)).toBe(true);
          const newest = await opens(`${base}&endTime=${to}&limit=${limit}`);
          const older = newest.filter((time) => time < from);
          expect(newest.slice(older.length)).toEqual(whole.slice(Math.max(0, whole.length - (limit - older.length))));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a start before the listing, in the future, in seconds, or inside an outage answers wrongly', async () => {
    const { opens } = await open();
    const base = 'symbol=BTCUSDT&interval=1m&limit=2';
    expect(await opens('symbol=BTCUSDT&interval=1m&startTime=0&limit=1')).toEqual([1_502_942_400_000]);
    expect(await opens('symbol=SOLUSDT&interval=1m&startTime=0&limit=1')).toEqual([at('2020-08-11 06:00')]);
    expect(await opens(`${base}&startTime=${at('2030-01-01')}`)).toEqual([]);
    expect(await opens(`${base}&startTime=1577836800&endTime=1577923200`)).toEqual([]);
    const halt = at('2023-03-24 12:40');
    expect(await opens(`${base}&startTime=${halt}&endTime=${halt + 79 * MINUTE_MS}`)).toEqual([]);
    expect((await opens(`${base}&startTime=${halt}`))[0]).toBe(at('2023-03-24 14:00'));
    expect((await opens(`${base}&endTime=${halt + 5 * MINUTE_MS}`)).at(-1)).toBe(at('2023-03-24 12:39'));
    expect(
      await opens(`${base}&startTime=${at('2022-10-01')}&endTime=${at('2022-10-02')}`.replace('BTCUSDT', 'ETHUSDC')),
    ).toEqual([]);
  });

  it('a delisted symbol loses its history or goes on after its end', async () => {
    const { opens } = await open();
    const newest = await opens('symbol=XMRUSDT&interval=1m&limit=2');
    expect(newest).toEqual([at('2024-02-20 02:58'), at('2024-02-20 02:59')]);
    expect(await opens(`symbol=XMRUSDT&interval=1m&startTime=${at('2024-02-20 03:00')}`)).toEqual([]);
  });

  it('weeks, months or three-day candles open on another grid than the real ones', async () => {
    const { opens } = await open();
    const first = async (symbol: string, interval: string) =>
      (await opens(`symbol=${symbol}&interval=${interval}&startTime=${at('2020-01-01')}&limit=1`))[0]!;
    expect(new Date(await first('BTCUSDT', '1w')).getUTCDay()).toBe(1);
    expect(await first('BTCUSDT', '1M')).toBe(at('2020-01-01'));
    expect(((await first('BTCUSDT', '3d')) / DAY_MS) % 3).toBe(1);
    expect(((await first('ETHBTC', '3d')) / DAY_MS) % 3).toBe(0);
    expect(await opens('symbol=BTCUSDT&interval=1w&startTime=0&limit=1')).toEqual([at('2017-08-14')]);
    const months = await opens(`symbol=BTCUSDT&interval=1M&startTime=${at('2017-09-01')}&limit=4`);
    expect(months).toEqual(['2017-09-01', '2017-10-01', '2017-11-01', '2017-12-01'].map(at));
  });

  it('a row has another shape than twelve elements with eight decimals', async () => {
    const { rows } = await open();
    const [row] = await rows(`symbol=BTCUSDT&interval=5m&startTime=${at('2024-01-01')}&limit=1`);
    expect(row).toHaveLength(12);
    for (const index of [1, 2, 3, 4, 5, 7, 9, 10]) expect(row![index]).toMatch(/^\d+\.\d{8}$/);
    expect([row![0], row![6], row![11]]).toEqual([at('2024-01-01'), at('2024-01-01') + 299_999, '0']);
    expect(Number.isInteger(row![8])).toBe(true);
  });

  it('microseconds are not understood in bounds or not written when asked for', async () => {
    const { url } = await open();
    const query = `symbol=BTCUSDT&interval=1m&startTime=${at('2024-01-01')}000&endTime=${at('2024-01-01') + 60_000}999&limit=5`;
    const plain = await getJson<Row[]>(url(query));
    expect(plain.body.map(([time]) => time)).toEqual([at('2024-01-01'), at('2024-01-01') + 60_000]);
    for (const unit of ['MICROSECOND', 'microsecond']) {
      const { body } = await getJson<Row[]>(url(query), { 'X-MBX-TIME-UNIT': unit });
      expect([body[0]![0], body[0]![6]]).toEqual([at('2024-01-01') * 1_000, at('2024-01-01') * 1_000 + 59_999_999]);
    }
    const { status, body } = await getJson<{ code: number }>(url(query), { 'X-MBX-TIME-UNIT': 'HOUR' });
    expect([status, body.code]).toEqual([400, -1194]);
  });

  it('the running candle is missing, stands still, or a closed one changes', async () => {
    const { rows, clock } = await open();
    const query = 'symbol=BTCUSDT&interval=1m&limit=2';
    const early = await rows(query);
    expect(early[1]![0]).toBe(at('2026-10-15 12:00'));
    clock.now += 20_000;
    const late = await rows(query);
    expect(late[0]).toEqual(early[0]);
    expect(Number(late[1]![5])).toBeGreaterThan(Number(early[1]![5]));
    clock.now += 10_000;
    const closed = await rows(query);
    expect(closed[1]![0]).toBe(at('2026-10-15 12:01'));
    clock.now += 365 * DAY_MS;
    const yearLater = await rows(`symbol=BTCUSDT&interval=1m&startTime=${at('2026-10-15 12:00')}&limit=1`);
    expect(yearLater[0]).toEqual(closed[0]);
  });

  it('a time zone moves the bounds instead of the candles', async () => {
    const { opens, error } = await open();
    const base = `interval=1d&symbol=BTCUSDT&startTime=${at('2024-01-02')}&limit=2`;
    expect(await opens(`${base}&timeZone=8`)).toEqual([at('2024-01-02 16:00'), at('2024-01-03 16:00')]);
    expect(await opens(`${base}&timeZone=-1:00`)).toEqual([at('2024-01-02 01:00'), at('2024-01-03 01:00')]);
    expect((await error(`${base}&timeZone=15`))[1]).toBe(-1130);
  });

  it('a wrong parameter is answered with another error than the real one', async () => {
    const { error } = await open();
    const number = "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.";
    expect(await error('symbol=btcusdt&interval=1m')).toEqual([
      400,
      -1100,
      "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
    ]);
    expect(await error('symbol=FOOUSDT&interval=1m')).toEqual([400, -1121, 'Invalid symbol.']);
    expect(await error('symbol=BTCUSDT&interval=7m')).toEqual([400, -1120, 'Invalid interval.']);
    expect(await error('symbol=BTCUSDT&interval=1H')).toEqual([400, -1120, 'Invalid interval.']);
    expect(await error('interval=1m')).toEqual([
      400,
      -1102,
      "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
    ]);
    expect(await error('symbol=BTCUSDT')).toEqual([
      400,
      -1102,
      "Mandatory parameter 'interval' was not sent, was empty/null, or malformed.",
    ]);
    expect(await error('symbol=BTCUSDT&interval=1m&a=1&b=2')).toEqual([
      400,
      -1104,
      "Not all sent parameters were read; read '2' parameter(s) but was sent '4'.",
    ]);
    for (const limit of ['abc', 'NaN', 'null', '1.6e12', '-5'])
      expect(await error(`symbol=BTCUSDT&interval=1m&limit=${limit}`)).toEqual([400, -1100, number]);
    expect((await error('symbol=BTCUSDT&interval=1m&startTime=x'))[1]).toBe(-1100);
    expect((await error('symbol=&interval=1m'))[1]).toBe(-1105);
  });

  it('a parameter may be sent twice, or a bound beyond all time is refused', async () => {
    const { error, opens } = await open();
    expect((await error('symbol=BTCUSDT&symbol=ETHUSDT&interval=1m'))[1]).toBe(-1101);
    const ever = `symbol=BTCUSDT&interval=1m&limit=2&endTime=${'9'.repeat(20)}`;
    expect((await opens(ever)).at(-1)).toBe(at('2026-10-15 12:00'));
  });

  it('a quiet minute of a thin symbol is a gap, or not flat at the close before it', async () => {
    const { rows } = await open();
    const page = await rows(`symbol=VENBTC&interval=1m&startTime=${at('2018-05-05')}&limit=1000`);
    expect(page.map(([time]) => time)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => at('2018-05-05') + i * MINUTE_MS),
    );
    const quiet = page.flatMap((row, i) => (i > 0 && row[8] === 0 ? [i] : []));
    expect(quiet.length).toBeGreaterThan(200);
    for (const i of quiet) {
      const close = page[i - 1]![4];
      expect(page[i]!.slice(1, 6)).toEqual([close, close, close, close, '0.00000000']);
      expect(page[i]!.slice(7)).toEqual(['0.00000000', 0, '0.00000000', '0.00000000', '0']);
    }
  });

  it('an extra symbol cannot be made, or its candles begin elsewhere', async () => {
    const { opens, error } = await open({
      extraSymbols: [
        'FOOUSDT',
        { symbol: 'BARBTC', listedAt: at('2023-02-03 04:05'), lastCandleAt: at('2023-02-03 05:00'), quiet: 0.5 },
      ],
    });
    expect(await opens('symbol=FOOUSDT&interval=1m&startTime=0&limit=1')).toEqual([at('2020-01-01')]);
    const bar = await opens('symbol=BARBTC&interval=1m&startTime=0&limit=1000');
    expect([bar[0], bar.at(-1), bar.length]).toEqual([at('2023-02-03 04:05'), at('2023-02-03 05:00'), 56]);
    expect((await error('symbol=BAZUSDT&interval=1m'))[1]).toBe(-1121);
    await expect(exchangeAt(NOW, { extraSymbols: ['foo'] })).rejects.toMatchObject({ code: 'usage.practice_symbol' });
  });

  it('a month of bars of every interval has holes or extra bars', async () => {
    const { opens } = await open();
    for (const interval of ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'] as const) {
      const grid = gridOf(interval);
      const from = at('2024-02-10');
      const found = await opens(
        `symbol=BTCUSDT&interval=${interval}&startTime=${from}&endTime=${from + DAY_MS - 1}&limit=1000`,
      );
      const wanted = Math.min(1_000, DAY_MS / intervalMs(interval));
      expect(found).toEqual(Array.from({ length: wanted }, (_, i) => grid.openAt(grid.indexOf(from) + i)));
    }
  });
});
