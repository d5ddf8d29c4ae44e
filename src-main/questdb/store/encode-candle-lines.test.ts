import { type Candle, candleColumnsOf } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCandleLines, encodePartialCandleLines } from './encode-candle-lines';

const TARGET = { table: 'binance_spot_btcusdt_1m', nodeId: 'a1'.repeat(32), intervalSeconds: 60 };

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const candle: fc.Arbitrary<Candle> = fc.record({
  openTime: fc.nat(9_999_999_999_999),
  open: finite,
  high: finite,
  low: finite,
  close: finite,
  volume: finite,
  quoteVolume: finite,
  trades: fc.nat(9_999_999_999),
  takerBase: finite,
  takerQuote: finite,
});

/** Reads one line as the protocol is documented: text integers, binary doubles behind `==` and 0x10. */
function parseLine(
  bytes: Uint8Array,
  at: number,
): { fields: Map<string, number | string>; time: number; next: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, stops: string) => {
    let to = from;
    while (!stops.includes(String.fromCharCode(bytes[to]!))) to++;
    return { word: Buffer.from(bytes.subarray(from, to)).toString('latin1'), to };
  };
  const fields = new Map<string, number | string>();
  const head = text(at, ' ');
  fields.set('head', head.word);
  let position = head.to + 1;
  for (;;) {
    const name = text(position, '=');
    position = name.to + 1;
    if (bytes[position] === 0x3d) {
      expect(bytes[position + 1]).toBe(0x10);
      fields.set(name.word, view.getFloat64(position + 2, true));
      position += 10;
    } else {
      const value = text(position, ', ');
      expect(value.word).toMatch(/^\d+i$/);
      fields.set(name.word, Number(value.word.slice(0, -1)));
      position = value.to;
    }
    if (bytes[position++] === 0x20) break;
  }
  const end = text(position, '\n');
  return { fields, time: Number(end.word), next: end.to + 1 };
}

describe('encodeCandleLines', () => {
  it('would write another value than the candle has, over any block and slice', () => {
    fc.assert(
      fc.property(fc.array(candle, { maxLength: 30 }), fc.nat(400), fc.nat(40), (some, repeat, skip) => {
        const list = some.length > 0 ? Array.from({ length: repeat }, (_, i) => some[i % some.length]!) : [];
        const start = Math.min(skip, list.length);
        const bytes = encodeCandleLines(candleColumnsOf(list), start, list.length, TARGET);
        let at = 0;
        for (const each of list.slice(start)) {
          const { fields, time, next } = parseLine(bytes, at);
          at = next;
          expect(time).toBe(each.openTime);
          expect(Object.fromEntries(fields)).toEqual({
            head: `${TARGET.table},node_id=${TARGET.nodeId}`,
            interval: 60,
            ts: Math.floor(each.openTime / 1000),
            open: each.open,
            high: each.high,
            low: each.low,
            close: each.close,
            volume: each.volume,
            quote_volume: each.quoteVolume,
            taker_base: each.takerBase,
            taker_quote: each.takerQuote,
            trades: each.trades,
          });
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['openTime', -1, 'open time'],
    ['openTime', 1.5, 'open time'],
    ['openTime', 1e13, 'open time'],
    ['trades', 1.5, 'trades'],
    ['trades', 10_000_000_000, 'trades'],
    ['close', Number.NaN, 'close'],
    ['takerQuote', Number.POSITIVE_INFINITY, 'takerQuote'],
  ] as const)('would store NULL or nonsense for %s = %s', (field, value, named) => {
    const good = fc.sample(candle, { numRuns: 600, seed: 1 });
    const list = good.map((each, i) => (i === 300 ? { ...each, [field]: value } : each));
    expect(() => encodeCandleLines(candleColumnsOf(list), 0, 600, TARGET)).toThrow(named);
    expect(() => encodeCandleLines(candleColumnsOf(list), 301, 600, TARGET)).not.toThrow();
  });

  it('would let a name break out of its place in the line', () => {
    const columns = candleColumnsOf([]);
    const none = { ...TARGET, table: 'a b' };
    expect(encodeCandleLines(columns, 0, 0, TARGET)).toHaveLength(0);
    expect(() => encodeCandleLines(columns, 0, 0, none)).toThrow(/cannot be written/);
    expect(() => encodeCandleLines(columns, 0, 0, { ...TARGET, nodeId: 'a,b=c' })).toThrow(/cannot be written/);
  });
});

describe('encodePartialCandleLines', () => {
  const maybe = fc.option(finite, { nil: Number.NaN });
  const partial = fc.record({
    candle,
    quoteVolume: maybe,
    takerBase: maybe,
    takerQuote: maybe,
    trades: fc.option(fc.nat(9_999), { nil: Number.NaN }),
  });

  it('would write a column that a row lacks, or drop one that it has', () => {
    fc.assert(
      fc.property(fc.array(partial, { maxLength: 12 }), (drawn) => {
        const list = drawn.map(({ candle: whole, ...part }) => ({ ...whole, ...part }));
        const bytes = Buffer.concat(encodePartialCandleLines(candleColumnsOf(list), 0, list.length, TARGET));
        let at = 0;
        for (const each of list) {
          const { fields, time, next } = parseLine(new Uint8Array(bytes), at);
          at = next;
          expect([time, fields.get('volume')]).toEqual([each.openTime, each.volume]);
          for (const [field, column] of [
            ['quoteVolume', 'quote_volume'],
            ['trades', 'trades'],
            ['takerBase', 'taker_base'],
            ['takerQuote', 'taker_quote'],
          ] as const)
            expect(fields.get(column)).toEqual(Number.isNaN(each[field]) ? undefined : each[field]);
        }
        expect(at).toBe(bytes.length);
      }),
    );
  });

  it('would store a candle without a price or with an endless volume', () => {
    const [good] = fc.sample(candle, { numRuns: 1, seed: 1 });
    for (const part of [{ close: Number.NaN }, { volume: Number.NaN }, { quoteVolume: Number.POSITIVE_INFINITY }])
      expect(() => encodePartialCandleLines(candleColumnsOf([{ ...good!, ...part }]), 0, 1, TARGET)).toThrow(
        /cannot be stored/,
      );
  });
});
