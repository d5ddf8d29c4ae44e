import { DAY_MS, type Interval, intervalMs, MINUTE_MS } from '@shared/market';
import { describe, expect, it, vi } from 'vitest';
import { CandleBook } from './candle-book';
import { practiceMarkets } from './markets';
import type { Tier } from './minute-cutter';
import { OUTAGES } from './outages';
import { RealCandles } from './real-candles';
import { at } from './testing';

// Years of candles are generated here, which takes a while on busy cores.
vi.setConfig({ testTimeout: 90_000 });

const markets = practiceMarkets();
const symbols = markets.spot;
const book = new CandleBook(markets, 1, false, new RealCandles());

/** Missing bars and gaps of a series, as an auditor finds them: opens floored to the grid, neighbours compared. */
function audit(
  name: string,
  interval: Interval,
  tier: Tier,
  from: number,
  to: number,
  { exactGrid = false, days = (_day: number): boolean => true } = {},
) {
  const symbol = symbols.get(name)!;
  const step = intervalMs(interval);
  const byYear: Record<string, number> = {};
  let rows = 0;
  let offGrid = 0;
  let missing = 0;
  let gaps = 0;
  let expected = from;
  const see = (open: number) => {
    if (open < expected) return;
    if (open > expected) {
      gaps++;
      missing += (open - expected) / step;
      const year = new Date(expected).toISOString().slice(0, 4);
      byYear[year] = (byYear[year] ?? 0) + (open - expected) / step;
    }
    expected = open + step;
  };
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS) {
    if (!days(day)) {
      expected = day + DAY_MS;
      continue;
    }
    const block = book.block(symbol, interval, day, tier);
    for (let i = 0; i < block.rows; i++) {
      const open = block.openTime[i]!;
      if (open < from || open >= to) continue;
      rows++;
      const aligned = open % step === 0;
      if (!aligned) offGrid++;
      if (aligned || !exactGrid) see(Math.floor(open / step) * step);
    }
  }
  see(to);
  return { rows, offGrid, missing, gaps, byYear };
}

const LISTED = at('2017-08-17 04:00');
const END = at('2026-10-01');

describe('outages of the practice exchange', () => {
  it('the monthly files of bitcoin hold other rows than the real ones do', () => {
    const found = audit('BTCUSDT', '1m', 'monthly', LISTED, END);
    expect(found).toEqual({
      rows: 4_789_279,
      offGrid: 21_602,
      missing: 8_562,
      gaps: 34,
      byYear: { '2017': 497, '2018': 3_976, '2019': 1_764, '2020': 1_252, '2021': 993, '2023': 80 },
    });
    const strict = audit('BTCUSDT', '1m', 'monthly', LISTED, at('2018-03-01'), { exactGrid: true });
    // After these months exact and floored opens are the same: 497 + 3,976 of the minutes above lie in 2017 and 2018.
    const until = audit('BTCUSDT', '1m', 'monthly', LISTED, at('2018-03-01'));
    expect(found.missing - until.missing + strict.missing).toBe(30_163);
    expect(found.gaps - until.gaps + strict.gaps).toBe(33);
  });

  it('the acceptance figures of 2020-01-01 to 2025-11-30 do not come out, monthly or by REST', () => {
    const monthly = audit('BTCUSDT', '1m', 'monthly', at('2020-01-01'), at('2025-12-01'));
    expect([monthly.missing, monthly.rows, monthly.gaps]).toEqual([2_325, 3_109_515, 15]);
    const rest = audit('BTCUSDT', '1m', 'rest', at('2020-01-01'), at('2025-12-01'));
    expect([rest.missing, rest.rows, rest.gaps]).toEqual([2_347, 3_109_493, 15]);
  });

  it('REST since 2019 misses something else than 4,111 minutes in 22 gaps', () => {
    const rest = audit('BTCUSDT', '1m', 'rest', at('2019-01-01'), at('2026-09-29'));
    expect([rest.missing, rest.gaps, rest.offGrid]).toEqual([4_111, 22, 0]);
  });

  it('longer intervals miss other bars than the real exchange', () => {
    const count = (interval: Interval, tier: Tier) => {
      // The tests above show that every other day is whole.
      const days = (day: number) =>
        OUTAGES.some(({ minutes }) => minutes.from < day + 2 * DAY_MS && minutes.to > day - DAY_MS);
      const { missing, gaps } = audit('BTCUSDT', interval, tier, LISTED, at('2026-04-01'), { days });
      return [missing, gaps];
    };
    expect(count('1h', 'rest')).toEqual([128, 28]);
    expect(count('1h', 'monthly')[0]).toBe(126);
    expect(count('15m', 'monthly')).toEqual([561, 32]);
    expect(count('4h', 'monthly')).toEqual([16, 8]);
  });

  it('an outage spares a symbol that was listed, or LTCUSDT loses a minute that it has', () => {
    for (const { row, minutes } of OUTAGES) {
      if (minutes.to === minutes.from) continue;
      for (const name of ['ETHUSDT', 'BNBUSDT', 'LTCUSDT', 'DOGEUSDT', 'SOLUSDT']) {
        if (symbols.get(name)!.lives[0]!.from > minutes.from) continue;
        const around = audit(name, '1m', 'rest', minutes.from - MINUTE_MS, minutes.to + MINUTE_MS);
        const length = (minutes.to - minutes.from) / MINUTE_MS;
        expect([name, row, around.missing]).toEqual([name, row, name === 'LTCUSDT' && row === 32 ? 283 : length]);
      }
    }
  });

  it('a stop that begins quietly trades on to its last minute', () => {
    for (const { row, quiet, minutes } of OUTAGES) {
      if (!quiet) continue;
      const tier = row === 27 ? 'monthly' : 'rest';
      const block = book.minutes(symbols.get('ETHUSDT')!, Math.floor(quiet.from / DAY_MS), tier);
      const opens = [...block.openTime];
      const flat = opens.flatMap((open, i) =>
        open >= quiet.from && open < quiet.to ? [block.trades[i] === 0 && block.high[i] === block.low[i]] : [],
      );
      expect(flat.length).toBe((quiet.to - quiet.from) / MINUTE_MS);
      expect(flat.every(Boolean)).toBe(true);
      if (row === 35) expect(flat.length).toBe(72);
      expect(opens).not.toContain(minutes.to - MINUTE_MS);
    }
  });

  it('the off-grid weeks have other offsets, or the doubled minute is single', () => {
    const opens = (name: string, day: string, tier: Tier) => [
      ...book.minutes(symbols.get(name)!, at(day) / DAY_MS, tier).openTime,
    ];
    const first = opens('BTCUSDT', '2017-12-04', 'monthly');
    const start = at('2017-12-04 06:00');
    expect(first.filter((open) => open >= start && open < start + MINUTE_MS)).toEqual([start, start + 20_799]);
    expect(opens('ETHUSDT', '2017-12-10', 'monthly')[0]! % MINUTE_MS).toBe(20_810);
    expect(opens('BTCUSDT', '2018-02-09', 'monthly')[0]).toBe(at('2018-02-09 09:59') + 14_789);
    expect(opens('BTCUSDT', '2017-12-04', 'rest').every((open) => open % MINUTE_MS === 0)).toBe(true);
    const switched = new CandleBook(markets, 1, true, new RealCandles());
    expect(switched.minutes(symbols.get('BTCUSDT')!, at('2017-12-10') / DAY_MS, 'rest').openTime[0]! % MINUTE_MS).toBe(
      20_799,
    );
  });

  it('a truncated close time at the edge of a stop is whole', () => {
    const closeOf = (open: string) => {
      const block = book.minutes(symbols.get('BTCUSDT')!, Math.floor(at(open) / DAY_MS), 'monthly');
      return block.closeTime[block.openTime.indexOf(at(open))]!;
    };
    expect(closeOf('2023-03-24 12:39') - at('2023-03-24 12:39')).toBe(41_600);
    expect(closeOf('2020-12-21 14:09')).toBe(at('2020-12-21 13:47:20'));
  });

  it('seconds inside a stop are served', () => {
    const block = book.block(symbols.get('BTCUSDT')!, '1s', at('2017-12-04 06:00'), 'rest');
    const opens = [...block.openTime].map((open) => (open - at('2017-12-04 06:00')) / 1_000);
    expect(opens.filter((second) => second <= 20)).toHaveLength(21);
    expect(opens.find((second) => second > 20)).toBe(49 * 60 + 6);
  });
});
