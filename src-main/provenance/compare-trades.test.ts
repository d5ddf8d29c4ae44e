import { createTradeColumns, type TradeColumns } from '@shared/market';
import { expect, it } from 'vitest';
import { compareTrades, toldOf } from './compare-trades';

/** `[id, time in µs, price]`. */
function trades(...rows: [number, number, number][]): TradeColumns {
  const columns = createTradeColumns(rows.length);
  columns.rows = rows.length;
  for (const [index, [id, time, price]] of rows.entries()) {
    columns.aggId[index] = id;
    columns.time[index] = time;
    columns.price[index] = price;
  }
  return columns;
}

const nowhereElse = () => false;

it('a time that one source tells finer than the other passes for a moved trade, or a moved one for the same', () => {
  const old = trades([1, 1_000_123, 5], [2, 2_000_000, 5], [3, 3_000_000, 5], [4, 4_000_123, 5]);
  const fresh = trades([1, 1_000_000, 5], [2, 2_000_999, 5], [3, 3_001_000, 5], [4, 4_000_124, 5]);
  const { changed, added, removed } = compareTrades(old, fresh, nowhereElse);
  expect([added, removed]).toEqual([[], []]);
  expect(changed.map(({ old: place, isMoved }) => [place, isMoved])).toEqual([
    [2, true],
    [3, true],
  ]);
  expect(changed[0]!.fields).toEqual([{ field: 'time', old: 3_000_000, fresh: 3_001_000 }]);
});

it('stored trades out of the order of ids are taken for others, or those of a neighbour for removed ones', () => {
  const old = trades([7, 10_000, 1], [6, 11_000, 1], [8, 12_000, 1], [5, 13_000, 1]);
  const fresh = trades([6, 11_000, 2], [7, 10_000, 1], [9, 14_000, 1]);
  const comparison = compareTrades(old, fresh, (place) => old.aggId[place] === 5);
  expect(toldOf(comparison, old, fresh)).toEqual({
    addedIds: [9],
    removedIds: [8],
    changedTrades: [{ aggId: 6, fields: [{ field: 'price', old: 1, fresh: 2 }] }],
  });
});
