import { DAY_MS, gridOf, HOUR_MS, INTERVALS, type Interval, intervalMs, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type CandleBlock, createBlock, firstRowAt, rollInto } from './candle-block';
import { CandleBook } from './candle-book';
import { decimalText } from './digits';
import { practiceMarkets } from './markets';
import { RealCandles } from './real-candles';
import { ROW_BYTES, writeRows } from './row-writer';
import type { PracticeSymbol } from './symbols';
import { at } from './testing';

// Years of candles are generated here, which takes a while on busy cores.
vi.setConfig({ testTimeout: 90_000 });

const markets = practiceMarkets();
const symbols = markets.spot;
const newBook = (seed = 1) => new CandleBook(markets, seed, false, new RealCandles());
const symbolOf = (name: string): PracticeSymbol => symbols.get(name)!;
const COLUMNS = ['open', 'high', 'low', 'close', 'volume', 'quote', 'trades', 'takerBase', 'takerQuote'] as const;
const everySymbol = [...symbols.values(), ...markets.um.values(), ...markets.cm.values()];
const anySymbol = fc.constantFrom(...everySymbol);
const anyDay = fc.integer({ min: at('2018-01-01') / DAY_MS, max: at('2026-10-01') / DAY_MS });

function rowOf(block: CandleBlock, index: number): number[] {
  return COLUMNS.map((column) => block[column][index]!);
}

describe('practice candles', () => {
  it('a day asked for alone differs from the same day reached by walking through time', () => {
    const alone = newBook().minutes(symbolOf('ETHUSDT'), at('2022-06-18') / DAY_MS, 'rest');
    const walked = newBook();
    for (let day = at('2022-06-10') / DAY_MS; day < at('2022-06-18') / DAY_MS; day++)
      walked.minutes(symbolOf('ETHUSDT'), day, 'rest');
    const again = walked.minutes(symbolOf('ETHUSDT'), at('2022-06-18') / DAY_MS, 'rest');
    for (const column of COLUMNS) expect(again[column]).toEqual(alone[column]);
    const other = newBook(2).minutes(symbolOf('ETHUSDT'), at('2022-06-18') / DAY_MS, 'rest');
    expect(other.close).not.toEqual(alone.close);
  });

  it('a minute opens elsewhere than the one before closed, or is no possible candle', () => {
    const book = newBook();
    fc.assert(
      fc.property(anySymbol, anyDay, (symbol, day) => {
        const block = book.minutes(symbol, day, 'rest');
        const next = book.minutes(symbol, day + 1, 'rest');
        for (let i = 0; i < block.rows; i++) {
          const [open, high, low, close, volume, quote, trades, takerBase, takerQuote] = rowOf(block, i) as [
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
            number,
          ];
          const sound =
            low >= 1 &&
            low <= open &&
            low <= close &&
            high >= open &&
            high >= close &&
            takerBase <= volume &&
            takerQuote <= quote &&
            (trades === 0 ? volume === 0 && quote === 0 && high === low : volume >= trades && trades >= 1);
          if (!sound) expect.fail(`${symbol.symbol} ${new Date(block.openTime[i]!).toISOString()}: ${rowOf(block, i)}`);
          const adjacent = i > 0 && block.openTime[i]! - block.openTime[i - 1]! === MINUTE_MS;
          if (adjacent && open !== block.close[i - 1]) expect.fail(`${symbol.symbol} jumps at ${block.openTime[i]}`);
        }
        const last = block.rows - 1;
        if (last >= 0 && next.rows > 0 && next.openTime[0]! - block.openTime[last]! === MINUTE_MS)
          expect(next.open[0]).toBe(block.close[last]);
      }),
      { numRuns: 120 },
    );
  });

  it('a price or volume, even of a month, needs more digits than a double keeps', () => {
    const book = newBook();
    for (const symbol of everySymbol) {
      const grid = gridOf('1M');
      const months = ['2018-02-01', '2021-05-01', '2023-05-01', '2025-09-01'];
      for (const month of symbol.market === 'spot' ? months : ['2020-09-01', '2021-05-01']) {
        const candle = book.candle(symbol, grid, at(month), at('2026-10-01'), 'rest');
        if (!candle) continue;
        for (const [column, decimals] of [
          ['high', symbol.priceDecimals],
          ['volume', symbol.volumeDecimals],
          ['quote', symbol.quoteDecimals],
        ] as const) {
          const text = decimalText(candle[column][0]!, decimals);
          expect(
            text
              .replace(/\.?0+$/, '')
              .replace('.', '')
              .replace(/^0+/, '').length,
            text,
          ).toBeLessThanOrEqual(15);
          expect(Number(Number(text).toPrecision(15)).toString()).toBe(Number(text).toString());
        }
      }
    }
  });

  it('the first bitcoin candle is not the real one in time and price', () => {
    const block = newBook().minutes(symbolOf('BTCUSDT'), at('2017-08-17') / DAY_MS, 'rest');
    expect(block.openTime[0]).toBe(1_502_942_400_000);
    expect(block.open[0]).toBe(426_148);
  });

  it('sixty seconds do not add up to their minute', () => {
    const book = newBook();
    fc.assert(
      fc.property(
        anySymbol,
        fc.integer({ min: at('2024-01-01') / HOUR_MS, max: at('2026-10-01') / HOUR_MS }),
        (symbol, hour) => {
          const start = hour * HOUR_MS;
          const seconds = book.block(symbol, '1s', start, 'rest');
          const minutes = book.minutes(symbol, Math.floor(start / DAY_MS), 'rest');
          const scale = 10 ** (symbol.quoteDecimals - symbol.priceDecimals - symbol.volumeDecimals);
          const rolled = createBlock(60);
          for (let i = 0; i < seconds.rows; i++) {
            const open = Math.floor(seconds.openTime[i]! / MINUTE_MS) * MINUTE_MS;
            rollInto(rolled, open, open + MINUTE_MS - 1, seconds, i);
            if (seconds.trades[i] === 0 && (seconds.volume[i] !== 0 || seconds.high[i] !== seconds.low[i]))
              expect.fail(`a second without trades has volume or moves at ${seconds.openTime[i]}`);
            // One unit may come a second later, half a one is what a flat minute rounds; fewer trades are only as near as they can be.
            const many = minutes.trades[firstRowAt(minutes, open)]! >= 8;
            const scaled = seconds.volume[i]! * scale;
            const fits =
              seconds.quote[i]! > seconds.low[i]! * scaled - 1.51 &&
              seconds.quote[i]! < seconds.high[i]! * scaled + 1.51;
            if (symbol.market !== 'cm' && many && !fits)
              expect.fail(`the mean price of a second of ${symbol.id} lies outside of it at ${seconds.openTime[i]}`);
          }
          const first = firstRowAt(minutes, start);
          for (let i = 0; i < rolled.rows; i++) expect(rowOf(rolled, i)).toEqual(rowOf(minutes, first + i));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('a longer candle is not the exact roll-up of its minutes', () => {
    const book = newBook();
    const now = at('2027-01-01');
    const longer = INTERVALS.filter((interval) => interval !== '1s' && interval !== '1m');
    fc.assert(
      fc.property(anySymbol, fc.constantFrom(...longer), anyDay, (symbol, interval: Interval, day) => {
        const grid = book.grid(symbol, interval);
        const open = grid.openAt(grid.indexOf(day * DAY_MS));
        const close = grid.openAt(grid.indexOf(day * DAY_MS) + 1);
        const direct = createBlock(1);
        for (let each = Math.floor(open / DAY_MS); each * DAY_MS < close; each++) {
          const minutes = book.minutes(symbol, each, 'rest');
          for (let i = 0; i < minutes.rows; i++)
            if (minutes.openTime[i]! >= open && minutes.openTime[i]! < close)
              rollInto(direct, open, close - 1, minutes, i);
        }
        const candle = book.candle(symbol, grid, open, now, 'rest');
        // The flat candle of 2017-09-06 and the absent hour of 2018-02-09 have tests of their own.
        if (open === at('2018-02-09 09:00')) return;
        expect(candle ? rowOf(candle, 0) : null).toEqual(direct.rows ? rowOf(direct, 0) : null);
      }),
      { numRuns: 150 },
    );
  });

  it('a running candle goes back in volume, or does not end as the closed one', () => {
    const book = newBook();
    const symbol = symbolOf('BTCUSDT');
    for (const interval of ['1m', '5m', '1h', '1d'] as const) {
      const grid = book.grid(symbol, interval);
      const open = at('2026-03-03');
      const close = open + intervalMs(interval);
      let volume = -1;
      for (let step = 0; step <= 20; step++) {
        const now = open + Math.floor(((close - open - 1) * step) / 20);
        const candle = book.candle(symbol, grid, open, now, 'rest')!;
        expect(candle.volume[0]).toBeGreaterThanOrEqual(volume);
        expect(candle.closeTime[0]).toBe(close - 1);
        volume = candle.volume[0]!;
      }
      const closed = book.candle(symbol, grid, open, close, 'rest')!;
      const later = book.candle(symbol, grid, open, close + 400 * DAY_MS, 'rest')!;
      expect(rowOf(book.candle(symbol, grid, open, close - 1, 'rest')!, 0)).toEqual(rowOf(closed, 0));
      expect(rowOf(later, 0)).toEqual(rowOf(closed, 0));
    }
  });

  it('a number is written in other digits than it has', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 8 }), (value, decimals) => {
        const digits = String(value).padStart(decimals + 1, '0');
        const whole = digits.slice(0, digits.length - decimals);
        const fraction = digits.slice(digits.length - decimals).padEnd(8, '0');
        expect(decimalText(value, decimals)).toBe(`${whole}.${decimals === 0 ? '00000000' : fraction}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('the longest possible row does not fit the space that is set aside for it', () => {
    const block = createBlock(1);
    block.rows = 1;
    for (const column of COLUMNS) block[column][0] = Number.MAX_SAFE_INTEGER;
    block.openTime[0] = at('2035-12-31');
    block.closeTime[0] = at('2035-12-31');
    const target = Buffer.alloc(1_000);
    expect(writeRows(target, 0, block, 0, 1, symbolOf('BTCUSDT'), { json: true, micro: true })).toBeLessThan(ROW_BYTES);
    expect(writeRows(target, 0, block, 0, 1, symbolOf('BTCUSDT'), { json: false, micro: true })).toBeLessThan(256);
  });
});
