import { type Candle, candleAt, candleColumnsOf, gridOf, MINUTE_MS, sliceCandles } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowScreen } from './row-screen';

const START = Date.UTC(2024, 0, 1);

function candle(minute: number, part: Partial<Candle> = {}): Candle {
  return {
    openTime: START + minute * MINUTE_MS,
    open: 2,
    high: 3,
    low: 1,
    close: 2,
    volume: 5,
    quoteVolume: 10,
    trades: 4,
    takerBase: 2,
    takerQuote: 4,
    ...part,
  };
}

function screen(list: readonly Candle[], now = START + 1e9, cut = list.length): [Candle[], RowScreen] {
  const rows = new RowScreen(gridOf('1m'), now);
  const all = candleColumnsOf(list);
  const passed = [
    rows.push(sliceCandles(all, 0, cut)),
    rows.push(sliceCandles(all, cut, list.length)),
    rows.finish(),
  ].flatMap((part) => Array.from({ length: part.rows }, (_, index) => candleAt(part, index)));
  return [passed, rows];
}

it.each([
  ['a high below the close', { high: 1.5 }],
  ['a price that is no number', { open: Number.NaN }],
  ['no volume', { volume: Number.NaN }],
  ['a volume below zero', { volume: -1 }],
  ['half a trade', { trades: 1.5 }],
  ['half a millisecond', { openTime: START + 0.5 }],
  ['no time', { openTime: Number.NaN }],
])('a row with %s passes', (_what, part) => {
  const [passed, { noticed }] = screen([candle(0, part)]);
  expect([passed, noticed.get('impossible')?.count]).toEqual([[], 1]);
});

it('what a table does not have is called wrong, or made up', () => {
  const poor = candle(0, {
    quoteVolume: Number.NaN,
    trades: Number.NaN,
    takerBase: Number.NaN,
    takerQuote: Number.NaN,
  });
  expect(screen([poor, poor])[0]).toEqual([poor]);
});

it('a bar that is still open passes, or one that has just closed does not', () => {
  const [passed, rows] = screen([candle(0), candle(1)], START + 2 * MINUTE_MS - 1);
  expect(passed).toEqual([candle(0)]);
  expect(rows.countOf('unclosed')).toBe(1);
  expect(screen([candle(0), candle(1)], START + 2 * MINUTE_MS)[0]).toHaveLength(2);
});

it('repeated and contradicting rows are told apart differently, wherever a batch ends', () => {
  const row = fc.record({ minute: fc.nat(8), close: fc.constantFrom(1, 2, 3) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 25 }), fc.nat(25), (drawn, cut) => {
      const list = drawn.sort((a, b) => a.minute - b.minute).map(({ minute, close }) => candle(minute, { close }));
      const [passed, rows] = screen(list, START + 1e9, Math.min(cut, list.length));
      const isAgreed = ({ openTime, close }: Candle) =>
        list.every((other) => other.openTime !== openTime || other.close === close);
      const isFirst = ({ openTime }: Candle, index: number) =>
        list.findIndex((other) => other.openTime === openTime) === index;
      expect(passed).toEqual(list.filter((each, index) => isAgreed(each) && isFirst(each, index)));
      expect(rows.countOf('conflicting') + rows.countOf('duplicates') + passed.length).toBe(list.length);
    }),
  );
});
