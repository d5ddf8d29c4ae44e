import { createTradeColumns, type TradeColumns } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTradeLines } from './encode-trade-lines';

const TARGET = { table: 'binance_spot_btcusdt_aggtrade', nodeId: 'b2'.repeat(32) };
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const trade = fc.record({
  time: fc.maxSafeNat(),
  aggId: fc.maxSafeNat(),
  price: finite,
  quantity: finite,
  firstId: fc.maxSafeNat(),
  lastId: fc.maxSafeNat(),
  buyerMaker: fc.constantFrom(0, 1),
});
type Trade = Record<Exclude<keyof TradeColumns, 'rows'>, number>;

function columnsOf(list: readonly Trade[]): TradeColumns {
  const trades = createTradeColumns(list.length);
  trades.rows = list.length;
  list.forEach((each, row) => {
    for (const [field, value] of Object.entries(each)) trades[field as keyof Trade][row] = value;
  });
  return trades;
}

/** A line as text, its two binary doubles by their values. */
function lineOf(each: Trade): Buffer {
  const padded = (value: number) => String(value).padStart(16, '0');
  const double = (value: number) => {
    const bytes = Buffer.alloc(9, 0x10);
    bytes.writeDoubleLE(value, 1);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from(`${TARGET.table},node_id=${TARGET.nodeId} agg_id=${padded(each.aggId)}i,`),
    Buffer.from(`first_trade_id=${padded(each.firstId)}i,last_trade_id=${padded(each.lastId)}i,price==`),
    double(each.price),
    Buffer.from(',quantity=='),
    double(each.quantity),
    Buffer.from(`,buyer_maker=${each.buyerMaker === 1 ? 't' : 'f'} ${padded(each.time)}\n`),
  ]);
}

describe('encodeTradeLines', () => {
  it('would write another value than the trade has, over any block and slice', () => {
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 20 }), fc.nat(600), fc.nat(40), (some, repeat, skip) => {
        const list = some.length > 0 ? Array.from({ length: repeat }, (_, i) => some[i % some.length]!) : [];
        const start = Math.min(skip, list.length);
        const bytes = encodeTradeLines(columnsOf(list), start, list.length, TARGET);
        expect(Buffer.compare(bytes, Buffer.concat(list.slice(start).map(lineOf)))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['time', -1],
    ['time', 1.5],
    ['time', 2 ** 53],
    ['aggId', Number.NaN],
    ['firstId', -1],
    ['lastId', Number.POSITIVE_INFINITY],
    ['price', Number.NaN],
    ['quantity', Number.NEGATIVE_INFINITY],
    ['buyerMaker', 2],
  ] as const)('would store NULL or nonsense for %s = %s', (field, value) => {
    const good = fc.sample(trade, { numRuns: 600, seed: 1 });
    const list = columnsOf(good.map((each, i) => (i === 300 ? { ...each, [field]: value } : each)));
    expect(() => encodeTradeLines(list, 0, 600, TARGET)).toThrow(field);
    expect(() => encodeTradeLines(list, 301, 600, TARGET)).not.toThrow();
  });

  it('would let a name break out of its place in the line', () => {
    const none = createTradeColumns(0);
    expect(() => encodeTradeLines(none, 0, 0, { ...TARGET, table: 'a b' })).toThrow(/cannot be written/);
    expect(() => encodeTradeLines(none, 0, 0, { ...TARGET, nodeId: 'a,b=c' })).toThrow(/cannot be written/);
  });
});
