import { type IdRange, MINUTE_MS, type Range } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry, TradeRun } from '../questdb';
import { lostIdsOf, tradeMinutes } from './trade-minutes';

const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });
const US = MINUTE_MS * 1000;

interface Trade {
  id: number;
  /** In minutes, with fractions. */
  minute: number;
}

function answer(range: Range, part: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    at: 0,
    key: 'binance:spot:BTCUSDT:aggTrade',
    source: 'archiveDaily',
    outcome: 'answered',
    range,
    rows: 0,
    absent: [],
    evidence: '',
    jobId: 'job',
    written: [range],
    ...part,
  };
}

function runsOf(trades: readonly Trade[]): TradeRun[] {
  const runs: TradeRun[] = [];
  for (const { id, minute } of trades) {
    const last = runs[runs.length - 1];
    const time = Math.round(minute * US);
    if (last && last.lastId + 1 === id) Object.assign(last, { lastId: id, lastTime: time });
    else runs.push({ firstId: id, lastId: id, firstTime: time, lastTime: time });
  }
  return runs;
}

function inMinutes(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ from, to }) =>
    Array.from({ length: (to - from) / MINUTE_MS }, (_, index) => from / MINUTE_MS + index),
  );
}

/** What an honest source answers about minutes: the ids of its trades there, and those among them that it lacks. */
function honest(
  range: Range,
  world: readonly Trade[],
  lacks: ReadonlySet<number>,
  source: LedgerEntry['source'],
): LedgerEntry {
  const inside = world.filter(
    ({ id, minute }) => !lacks.has(id) && minute * MINUTE_MS >= range.from && minute * MINUTE_MS < range.to,
  );
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (!first || !last) return answer(range, { source });
  const lostIds = world
    .filter(({ id }) => id > first.id && id < last.id && lacks.has(id))
    .map(({ id }): IdRange => ({ from: id, to: id }));
  return answer(range, { source, ids: { from: first.id, to: last.id }, lostIds });
}

const MINUTES = 12;
const world = fc
  .array(fc.integer({ min: 0, max: MINUTES * 8 - 1 }), { minLength: 1, maxLength: 40 })
  .map((times) => times.sort((a, b) => a - b).map((time, index): Trade => ({ id: 100 + index, minute: time / 8 })));
const cuts = fc.array(fc.tuple(fc.nat(MINUTES - 1), fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 8 });
const some = fc.func(fc.integer({ min: 0, max: 9 }));

describe('minutes of trades', () => {
  it('a minute is called whole of which a trade is missing that a source told of, whatever was answered, lost and deleted', () => {
    fc.assert(
      fc.property(world, cuts, some, some, some, (trades, asked, archiveLacks, restLacks, deletes) => {
        const lacking = (chance: (id: number) => number) =>
          new Set(trades.filter(({ id }) => chance(id) === 0).map(({ id }) => id));
        const [inArchive, atRest] = [lacking(archiveLacks), lacking(restLacks)];
        const entries = asked.map(([from, length, isRest]) =>
          honest(
            minutes(from, Math.min(MINUTES, from + length)),
            trades,
            isRest ? atRest : inArchive,
            isRest ? 'rest' : 'archiveDaily',
          ),
        );
        const told = new Set<number>();
        for (const { range, source } of entries)
          for (const { id, minute } of trades)
            if (
              minute * MINUTE_MS >= range.from &&
              minute * MINUTE_MS < range.to &&
              !(source === 'rest' ? atRest : inArchive).has(id)
            )
              told.add(id);
        const kept = trades.filter(({ id }) => told.has(id) && deletes(id) !== 0);
        const { present } = tradeMinutes(entries, runsOf(kept));
        const whole = new Set(inMinutes(present));
        const storedIds = new Set(kept.map(({ id }) => id));
        for (const { id, minute } of trades)
          if (told.has(id) && !storedIds.has(id) && !atRest.has(id))
            expect([id, whole.has(Math.floor(minute))]).toEqual([id, false]);
        // Nothing is present that nobody answered for.
        const answered = new Set(entries.flatMap(({ range }) => inMinutes([range])));
        for (const minute of whole) expect(answered.has(minute)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('differs from looking at every id by itself', () => {
    fc.assert(
      fc.property(world, cuts, some, some, (trades, asked, restLacks, deletes) => {
        const atRest = new Set(trades.filter(({ id }) => restLacks(id) === 0).map(({ id }) => id));
        const entries = asked.map(([from, length, isRest]) =>
          honest(
            minutes(from, Math.min(MINUTES, from + length)),
            trades,
            isRest ? atRest : new Set(),
            isRest ? 'rest' : 'archiveDaily',
          ),
        );
        const kept = trades.filter(({ id }) => deletes(id) > 1);
        const { present, holes } = tradeMinutes(entries, runsOf(kept));

        const answered = [...new Set(entries.flatMap(({ range }) => inMinutes([range])))].sort((a, b) => a - b);
        const lost = new Set(
          entries.flatMap(({ lostIds = [], source }) => (source === 'rest' ? lostIds.map(({ from }) => from) : [])),
        );
        const storedIds = new Set(kept.map(({ id }) => id));
        const doubtful = new Set<number>();
        const missing = new Set<number>();
        // Groups of minutes that lie together.
        const groups: number[][] = [];
        for (const minute of answered) {
          const group = groups[groups.length - 1];
          if (group && group[group.length - 1] === minute - 1) group.push(minute);
          else groups.push([minute]);
        }
        for (const group of groups) {
          const hulls = entries.flatMap(({ range, ids }) =>
            ids && group.includes(range.from / MINUTE_MS) ? [ids] : [],
          );
          if (hulls.length === 0) continue;
          const from = Math.min(...hulls.map((ids) => ids.from));
          const to = Math.max(...hulls.map((ids) => ids.to));
          for (let id = from; id <= to; id++) {
            if (storedIds.has(id) || lost.has(id)) continue;
            missing.add(id);
            const before = kept.filter((trade) => trade.id < id).at(-1);
            const behind = kept.find((trade) => trade.id > id);
            const first = before ? Math.floor(before.minute) : group[0]!;
            const last = behind ? Math.floor(behind.minute) : group.at(-1)!;
            const around = group.filter((minute) => minute >= first && minute <= last);
            for (const minute of around.length > 0 ? around : group) doubtful.add(minute);
          }
        }
        expect(inMinutes(present)).toEqual(answered.filter((minute) => !doubtful.has(minute)));
        const told = holes.flatMap(({ ids }) => Array.from({ length: ids.to - ids.from + 1 }, (_, i) => ids.from + i));
        expect(new Set(told)).toEqual(missing);
      }),
      { numRuns: 400 },
    );
  });

  it('minutes without a trade, between ids that follow each other, are missing', () => {
    const entry = answer(minutes(0, 10), { ids: { from: 5, to: 6 } });
    const runs = runsOf([
      { id: 5, minute: 0.5 },
      { id: 6, minute: 9.5 },
    ]);
    expect(tradeMinutes([entry], runs)).toEqual({ present: [minutes(0, 10)], holes: [] });
  });

  it('a day is whole that does not begin where the one before it ended; it is asked of a file that cannot know', () => {
    const entries = [
      answer(minutes(0, 10), { ids: { from: 5, to: 6 } }),
      answer(minutes(10, 20), { ids: { from: 9, to: 10 } }),
    ];
    const runs = runsOf([
      { id: 5, minute: 1 },
      { id: 6, minute: 8 },
      { id: 9, minute: 12 },
      { id: 10, minute: 15 },
    ]);
    expect(tradeMinutes(entries, runs)).toEqual({
      present: [minutes(0, 8), minutes(13, 20)],
      holes: [{ ids: { from: 7, to: 8 }, range: minutes(8, 13), inArchive: false }],
    });
    // REST has none of them either.
    const asked = answer(minutes(8, 13), { source: 'rest', ids: { from: 6, to: 9 }, lostIds: [{ from: 7, to: 8 }] });
    expect(tradeMinutes([...entries, asked], runs)).toEqual({ present: [minutes(0, 20)], holes: [] });
    expect(lostIdsOf([...entries, asked], runs, minutes(0, 20))).toBe(2);
  });

  it('two islands of stored days have the ids between them missing', () => {
    const entries = [
      answer(minutes(0, 2), { ids: { from: 5, to: 6 } }),
      answer(minutes(100, 102), { ids: { from: 900, to: 901 } }),
    ];
    const runs = runsOf([
      { id: 5, minute: 0 },
      { id: 6, minute: 1 },
      { id: 900, minute: 100 },
      { id: 901, minute: 101 },
    ]);
    expect(tradeMinutes(entries, runs).present).toEqual([minutes(0, 2), minutes(100, 102)]);
  });

  it('a row that a file marks as no trade is waited for, or one that it merely lacks is not', () => {
    const range = minutes(0, 2);
    const runs = runsOf([
      { id: 5, minute: 0 },
      { id: 7, minute: 1 },
    ]);
    const ids = { from: 5, to: 7 };
    const six = [{ from: 6, to: 6 }];
    expect(tradeMinutes([answer(range, { ids, markedIds: six })], runs).present).toEqual([range]);
    expect(tradeMinutes([answer(range, { ids, lostIds: six })], runs)).toEqual({
      present: [],
      holes: [{ ids: { from: 6, to: 6 }, range, inArchive: false }],
    });
  });
});
