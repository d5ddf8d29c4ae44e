import { createTradeColumns, MINUTE_MS, type Range, sliceTrades, type TradeColumns } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notStored, TradeCuts } from './trade-cuts';

const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });

/** Trades of `[id, minute]`. */
function tradesOf(list: readonly (readonly [number, number])[]): TradeColumns {
  const trades = createTradeColumns(list.length);
  trades.rows = list.length;
  list.forEach(([id, minute], index) => {
    trades.aggId[index] = id;
    trades.time[index] = Math.round(minute * MINUTE_MS * 1000);
  });
  return trades;
}

interface File {
  trades: TradeColumns;
  ids: { from: number; to: number } | null;
  missingIds: { from: number; to: number }[];
}

function cut(file: File, wanted: readonly Range[], pieceRows = 1_000) {
  const cuts = new TradeCuts(wanted, file);
  const taken: number[] = [];
  for (let at = 0; at < file.trades.rows; at += pieceRows) {
    const piece = sliceTrades(file.trades, at, Math.min(file.trades.rows, at + pieceRows));
    for (const { start, end } of cuts.take(piece)) taken.push(...piece.aggId.subarray(start, end));
  }
  return { taken, answers: cuts.answers() };
}

const DAY = 24;
const day = fc
  .array(fc.tuple(fc.nat(DAY * 4 - 1), fc.constantFrom('trade', 'trade', 'trade', 'lost', 'marked')), { maxLength: 40 })
  .map((list) => {
    const rows = list
      .sort((a, b) => a[0] - b[0])
      .map(([time, what], index) => ({ id: 10 + index, minute: time / 4, what }));
    const told = rows.filter((row) => row.what !== 'lost');
    const first = told[0]?.id ?? Number.NaN;
    const last = told.at(-1)?.id ?? Number.NaN;
    const lost = rows.filter((row) => row.what === 'lost' && row.id > first && row.id < last);
    const file: File = {
      trades: tradesOf(rows.filter((row) => row.what === 'trade').map(({ id, minute }) => [id, minute] as const)),
      ids: told.length > 0 ? { from: first, to: last } : null,
      missingIds: lost.map(({ id }) => ({ from: id, to: id })),
    };
    return { rows, file };
  });
const wantedRanges = fc.array(fc.integer({ min: 0, max: DAY }), { minLength: 2, maxLength: 6 }).map((borders) => {
  const sorted = [...new Set(borders)].sort((a, b) => a - b);
  const ranges: Range[] = [];
  for (let i = 0; i + 1 < sorted.length; i += 2) ranges.push(minutes(sorted[i]!, sorted[i + 1]!));
  return ranges;
});

describe('cutting wanted minutes out of a file', () => {
  it('takes a trade that is not wanted, leaves one out, or answers for minutes of which the file lacks some', () => {
    fc.assert(
      fc.property(day, wantedRanges, fc.integer({ min: 1, max: 9 }), ({ rows, file }, wanted, pieceRows) => {
        const { taken, answers } = cut(file, wanted, pieceRows);
        const isIn = (minute: number, range: Range) =>
          minute * MINUTE_MS >= range.from && minute * MINUTE_MS < range.to;
        const traded = rows.filter((row) => row.what === 'trade');
        expect(taken).toEqual(
          traded.filter((row) => wanted.some((range) => isIn(row.minute, range))).map((row) => row.id),
        );
        for (const { range, ids, lostIds, markedIds } of answers) {
          expect(wanted.some((each) => each.from <= range.from && range.to <= each.to)).toBe(true);
          const inside = traded.filter((row) => isIn(row.minute, range));
          // The ids are those of the first and last trade, perhaps of the minute beside that was left out of the answer.
          if (inside.length > 0) {
            expect(ids!.from).toBeLessThanOrEqual(inside[0]!.id);
            expect(ids!.to).toBeGreaterThanOrEqual(inside.at(-1)!.id);
          }
          for (const row of rows) {
            if (ids === null || row.id < ids.from || row.id > ids.to) continue;
            const isListed = (list: readonly { from: number; to: number }[]) =>
              list.some((each) => each.from <= row.id && row.id <= each.to);
            if (row.what === 'lost') expect(isListed(lostIds)).toBe(true);
            if (row.what === 'marked') expect(isListed(markedIds)).toBe(true);
          }
          // What the file lacks is listed, or the minutes in which it may have been traded are not answered for.
          const first = traded[0]?.id ?? Number.POSITIVE_INFINITY;
          const last = traded.at(-1)?.id ?? Number.NEGATIVE_INFINITY;
          for (const row of rows.filter(
            (each) => each.what === 'lost' && each.id > first && each.id < last && isIn(each.minute, range),
          ))
            expect(lostIds.some((each) => each.from <= row.id && row.id <= each.to)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('tears a trade that is older than the one before it out of its order', () => {
    const file = {
      trades: tradesOf([
        [1, 0.5],
        [2, 1.01],
        [3, 0.99],
        [4, 1.5],
      ]),
      ids: { from: 1, to: 4 },
      missingIds: [],
    };
    expect(cut(file, [minutes(1, 2)])).toMatchObject({ taken: [2, 3, 4], answers: [{ ids: { from: 2, to: 4 } }] });
    expect(cut(file, [minutes(0, 1)])).toMatchObject({ taken: [1], answers: [{ ids: { from: 1, to: 1 } }] });
  });

  it('answers for the minutes beside a border across which ids are missing', () => {
    const file = {
      trades: tradesOf([
        [1, 0.5],
        [5, 3.5],
        [6, 4],
      ]),
      ids: { from: 1, to: 6 },
      missingIds: [{ from: 2, to: 4 }],
    };
    expect(cut(file, [minutes(2, 6)]).answers).toMatchObject([{ range: minutes(4, 6) }]);
    expect(cut(file, [minutes(0, 2)]).answers).toEqual([]);
    expect(cut(file, [minutes(1, 3)]).answers).toEqual([]);
    expect(cut(file, [minutes(0, 6)]).answers).toMatchObject([{ range: minutes(0, 6), lostIds: [{ from: 2, to: 4 }] }]);
  });
});

it('writes a trade again whose id is stored, or leaves out one that is not', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(60)),
      fc.array(fc.tuple(fc.nat(60), fc.nat(6)), { maxLength: 6 }),
      (ids, list) => {
        const sorted = ids.sort((a, b) => a - b);
        const trades = tradesOf(sorted.map((id) => [id, id] as const));
        const covered = new Set(list.flatMap(([from, more]) => Array.from({ length: more + 1 }, (_, i) => from + i)));
        const runs: { from: number; to: number }[] = [];
        for (const id of [...covered].sort((a, b) => a - b)) {
          const last = runs[runs.length - 1];
          if (last && last.to + 1 === id) last.to = id;
          else runs.push({ from: id, to: id });
        }
        const kept = notStored(trades, 0, trades.rows, runs).flatMap(({ start, end }) => sorted.slice(start, end));
        expect(kept).toEqual(sorted.filter((id) => !covered.has(id)));
      },
    ),
  );
});
