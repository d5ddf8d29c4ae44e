import { DAY_MS, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { CandleBlock } from './candle-block';
import { CandleBook } from './candle-book';
import { practiceMarkets } from './markets';
import { RealCandles } from './real-candles';
import type { PracticeSymbol } from './symbols';
import { at } from './testing';
import type { TradeBlock } from './trade-block';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const markets = practiceMarkets();
const newBook = (crowds = false) => new CandleBook(markets, 1, false, new RealCandles(), crowds);
const everySymbol = [...markets.spot.values(), ...markets.um.values(), ...markets.cm.values()];
const anySymbol = fc.constantFrom(...everySymbol);
const anyDay = fc.integer({ min: at('2018-01-01') / DAY_MS, max: at('2026-10-01') / DAY_MS });

/** The candle that the trades make: prices in ticks, volumes in units, values in the candle's units before rounding. */
function candleOf(trades: TradeBlock, symbol: PracticeSymbol) {
  const size = symbol.future?.contractSize ?? null;
  const fine = 10 ** (symbol.priceDecimals + symbol.volumeDecimals - symbol.quoteDecimals);
  const perTick = (size ?? 0) * 10 ** (symbol.priceDecimals + symbol.quoteDecimals);
  const candle = { volume: 0, takerBase: 0, value: 0, takerValue: 0, trades: 0 };
  const prices = [...trades.price.subarray(0, trades.rows)];
  for (let i = 0; i < trades.rows; i++) {
    const quantity = trades.quantity[i]!;
    const value = size === null ? trades.price[i]! * quantity : (perTick * quantity) / trades.price[i]!;
    candle.volume += quantity;
    candle.value += value;
    candle.trades += trades.singles[i]!;
    if (trades.buyerMaker[i] !== 0) continue;
    candle.takerBase += quantity;
    candle.takerValue += value;
  }
  return {
    ...candle,
    quote: Math.round(candle.value / (size === null ? fine : 1)),
    takerQuote: Math.round(candle.takerValue / (size === null ? fine : 1)),
    exact: { value: candle.value / fine, takerValue: candle.takerValue / fine },
    open: prices[0]!,
    close: prices.at(-1)!,
    high: Math.max(...prices),
    low: Math.min(...prices),
  };
}

function eachMinute(
  book: CandleBook,
  symbol: PracticeSymbol,
  day: number,
  see: (block: CandleBlock, i: number, trades: TradeBlock, where: string) => void,
): void {
  const block = book.tradedMinutes(symbol, day);
  const tape = book.tape(symbol);
  for (let i = 0; i < block.rows; i++)
    see(block, i, tape.trades(block, i), `${symbol.id} ${new Date(block.openTime[i]!).toISOString()}`);
}

describe('the trades of a minute', () => {
  it('do not make its candle', () => {
    const book = newBook();
    fc.assert(
      fc.property(anySymbol, anyDay, (symbol, day) => {
        eachMinute(book, symbol, day, (block, i, trades, where) => {
          if (block.trades[i] === 0) {
            if (trades.rows > 0 || block.volume[i] !== 0) expect.fail(`${where} is quiet and trades`);
            return;
          }
          const made = candleOf(trades, symbol);
          for (const column of ['open', 'high', 'low', 'close', 'volume', 'takerBase'] as const)
            if (made[column] !== block[column][i]!)
              expect.fail(`${where} ${column}: ${made[column]} of trades, ${block[column][i]} of the candle`);
          if (block.trades[i]! < 8) return;
          if (symbol.market === 'cm') {
            // Sums of fractions differ in their last digits with the order of the trades.
            expect(Math.abs(made.value - block.quote[i]!)).toBeLessThan(0.50001);
            expect(Math.abs(made.takerValue - block.takerQuote[i]!)).toBeLessThan(0.50001);
            expect(made.trades).toBe(block.trades[i]);
            return;
          }
          if (made.trades !== block.trades[i]) expect.fail(`${where} has ${made.trades} trades`);
          // To the candle's last decimal: a minute at one price, or of a few coarse units, has what they are worth there.
          const rounded = 0.5 + 1e-6;
          for (const [own, said] of [
            [made.exact.value, block.quote[i]!],
            [made.exact.takerValue, block.takerQuote[i]!],
          ] as const)
            if (Math.abs(own - said) > rounded) expect.fail(`${where} has a value of ${own}, not ${said}`);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('of a minute with fewer trades than its prices need are not as many as these, or tell more than a few', () => {
    const book = newBook();
    const symbol = markets.spot.get('ONGUSDT')!;
    let more = 0;
    eachMinute(book, symbol, at('2023-03-03') / DAY_MS, (block, i, trades) => {
      const said = block.trades[i]!;
      const made = candleOf(trades, symbol);
      if (said === 0 || made.trades === said) return;
      more++;
      expect(said).toBeLessThan(4);
      expect(made.trades).toBeLessThanOrEqual(4);
      expect(new Set(trades.time).size).toBe(1);
    });
    expect(more).toBeGreaterThan(0);
  });

  it('go back in time, leave the minute, or have no quantity', () => {
    const book = newBook();
    fc.assert(
      fc.property(anySymbol, anyDay, (symbol, day) => {
        eachMinute(book, symbol, day, (block, i, trades, where) => {
          const start = block.openTime[i]! * 1_000;
          for (let at = 0; at < trades.rows; at++) {
            const time = trades.time[at]!;
            const sound =
              time >= start &&
              time < start + MINUTE_MS * 1_000 &&
              (at === 0 || time >= trades.time[at - 1]!) &&
              trades.quantity[at]! >= 1 &&
              trades.singles[at]! >= 1;
            if (!sound) expect.fail(`${where}, trade ${at}: ${time}, ${trades.quantity[at]}, ${trades.singles[at]}`);
          }
        });
      }),
      { numRuns: 40 },
    );
  });

  it('never come 43 in a millisecond, or by the thousand unasked, or not by the thousand when asked for', () => {
    const symbol = markets.spot.get('BTCUSDT')!;
    const most = (crowds: boolean, days: number) => {
      const book = newBook(crowds);
      let found = 0;
      for (let day = at('2024-05-05') / DAY_MS; days > 0; day++, days--)
        eachMinute(book, symbol, day, (block, i, trades, where) => {
          let run = 0;
          for (let each = 0; each < trades.rows; each++) {
            const same =
              each > 0 && Math.floor(trades.time[each]! / 1_000) === Math.floor(trades.time[each - 1]! / 1_000);
            run = same ? run + 1 : 1;
            found = Math.max(found, run);
          }
          if (block.trades[i]! < 8) return;
          const made = candleOf(trades, symbol);
          expect([where, made.quote, made.trades]).toEqual([where, block.quote[i], block.trades[i]]);
        });
      return found;
    };
    expect(most(false, 2)).toBeGreaterThanOrEqual(43);
    expect(most(false, 2)).toBeLessThan(100);
    expect(most(true, 3)).toBeGreaterThan(1_000);
  });

  it('differ from one asking to the next, or are those of another market', () => {
    const day = at('2024-05-05') / DAY_MS;
    const first = (symbol: PracticeSymbol) => {
      const book = newBook();
      return book.tape(symbol).trades(book.tradedMinutes(symbol, day), 700);
    };
    const spot = markets.spot.get('BTCUSDT')!;
    expect(first(spot)).toEqual(first(spot));
    expect(first(markets.um.get('BTCUSDT')!).price).not.toEqual(first(spot).price);
  });

  it('have microseconds before the exchange told them, or none since', () => {
    const book = newBook();
    const micros = (symbol: PracticeSymbol, day: string) => {
      let fractions = 0;
      eachMinute(book, symbol, at(day) / DAY_MS, (_block, _i, trades) => {
        for (const time of trades.time) if (time % 1_000 !== 0) fractions++;
      });
      return fractions;
    };
    const btc = markets.spot.get('BTCUSDT')!;
    expect(micros(btc, '2024-12-31')).toBe(0);
    expect(micros(btc, '2025-01-01')).toBeGreaterThan(1_000);
    expect(micros(markets.um.get('BTCUSDT')!, '2025-01-01')).toBe(0);
  });

  it('come while the exchange stood still', () => {
    const book = newBook();
    const symbol = markets.spot.get('BTCUSDT')!;
    const stop = at('2018-01-04 03:00:15') * 1_000;
    let inMinute = 0;
    eachMinute(book, symbol, at('2018-01-04') / DAY_MS, (block, _i, trades) => {
      if (block.openTime[0]! > stop) return;
      for (const time of trades.time) {
        expect(time >= stop && time < at('2018-01-04 05:06:13') * 1_000).toBe(false);
        if (time >= at('2018-01-04 03:00') * 1_000 && time < stop) inMinute++;
      }
    });
    expect(inMinute).toBeGreaterThan(0);
  });
});
