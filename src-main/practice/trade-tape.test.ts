import { DAY_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CandleBook } from './candle-book';
import { practiceMarkets } from './markets';
import { RealCandles } from './real-candles';
import { at } from './testing';
import { TradeTape } from './trade-tape';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const markets = practiceMarkets([{ symbol: 'HALTUSDT', listedAt: at('2021-04-18 07:30'), price: 20, quiet: 0.6 }]);
const book = new CandleBook(markets, 1, false, new RealCandles());
const tape = new TradeTape(book);
const symbol = markets.spot.get('HALTUSDT')!;
const FIRST = at('2021-04-18');

/** Ids and times of the ids `[from, to)` as the runs tell them. */
function rows(from: number, to: number) {
  return [...tape.runs(symbol, from, to)].flatMap((run) => {
    let single = run.singleId;
    return Array.from({ length: run.to - run.from }, (_, i) => {
      const singles = run.trades.singles[run.from + i]!;
      single += singles;
      return {
        id: run.aggregateId + i,
        first: single - singles,
        last: single - 1,
        time: run.trades.time[run.from + i]!,
      };
    });
  });
}

describe('the tape of a symbol', () => {
  it('skips or repeats an id, across minutes, days and an outage', async () => {
    await tape.reach(symbol, FIRST + 12 * DAY_MS);
    const end = tape.idAt(symbol, (FIRST + 10 * DAY_MS) * 1_000);
    const all = rows(0, end);
    expect(all).toHaveLength(end);
    expect(all[0]).toMatchObject({ id: 0, first: 0 });
    for (let i = 1; i < all.length; i++) {
      const [before, row] = [all[i - 1]!, all[i]!];
      if (row.id !== before.id + 1 || row.first !== before.last + 1 || row.time < before.time)
        expect.fail(`${JSON.stringify(before)} is followed by ${JSON.stringify(row)}`);
    }
    expect(
      all.some(({ time }) => time >= at('2021-04-25 04:01') * 1_000 && time < at('2021-04-25 08:45') * 1_000),
    ).toBe(false);
  });

  it('finds another trade by its time or id than by walking there', async () => {
    await tape.reach(symbol, FIRST + 12 * DAY_MS);
    const end = tape.idAt(symbol, (FIRST + 8 * DAY_MS) * 1_000);
    const all = rows(0, end);
    fc.assert(
      fc.property(
        fc.integer({ min: FIRST * 1_000, max: (FIRST + 8 * DAY_MS) * 1_000 - 1 }),
        fc.nat(200),
        (time, count) => {
          const id = tape.idAt(symbol, time);
          expect(id).toBe(all.filter((row) => row.time < time).length);
          expect(rows(id, id + count)).toEqual(all.slice(id, id + count).concat(rows(end, id + count)));
        },
      ),
      { numRuns: 60 },
    );
    for (const { id, time } of all.slice(0, 2_000)) {
      expect(tape.idAt(symbol, time)).toBeLessThanOrEqual(id);
      expect(tape.idAt(symbol, time + 1)).toBeGreaterThan(id);
    }
  });

  it('has other ids when the way to a day was another', async () => {
    const day = at('2021-09-01') / DAY_MS;
    const fresh = practiceMarkets([{ symbol: 'HALTUSDT', listedAt: at('2021-04-18 07:30'), price: 20, quiet: 0.6 }]);
    const own = fresh.spot.get('HALTUSDT')!;
    const direct = new TradeTape(new CandleBook(fresh, 1, false, new RealCandles()));
    await Promise.all([direct.reach(own, day * DAY_MS), direct.reach(own, (day - 50) * DAY_MS)]);
    for (const step of [30, 60, 200]) await tape.reach(symbol, FIRST + step * DAY_MS);
    expect(direct.idsOf(own, day)).toEqual(tape.idsOf(symbol, day));
    expect(direct.idsOf(own, day).from).toBeGreaterThan(100_000);
  });

  it('goes on after the last trade of a symbol that is gone', async () => {
    const gone = markets.cm.get('BTCUSD_240628')!;
    await tape.reach(gone, at('2024-07-10'));
    const last = tape.idAt(gone, at('2024-06-28 08:00') * 1_000);
    expect(last).toBeGreaterThan(100_000);
    expect(tape.idAt(gone, at('2024-07-09') * 1_000)).toBe(last);
    expect([...tape.runs(gone, last, last + 10)]).toEqual([]);
    expect(tape.idAt(gone, at('2020-01-01') * 1_000)).toBe(0);
  });
});
