import { MINUTE_MS, type Range, unionRanges } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { foldLedger } from './ledger-view';

const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });
const range = fc
  .tuple(fc.nat(30), fc.integer({ min: 1, max: 12 }))
  .map(([from, length]) => minutes(from, from + length));

const asked = fc
  .record({
    source: fc.constantFrom<LedgerEntry['source'][]>('rest', 'archiveDaily', 'archiveMonthly'),
    outcome: fc.constantFrom<LedgerEntry['outcome'][]>('answered', 'answered', 'failed', 'first_candle', 'last_candle'),
    range,
    part: fc.nat(12),
    jobId: fc.constantFrom('a', 'b', 'c'),
  })
  .map(
    ({ part, ...each }): LedgerEntry => ({
      ...each,
      at: 0,
      key: 'binance:spot:BTCUSDT:1m',
      rows: 0,
      absent:
        each.outcome === 'answered' && part % 3 === 0
          ? [{ from: each.range.from, to: each.range.from + MINUTE_MS }]
          : [],
      evidence: '',
    }),
  );

it('would remember anything of what a reverted job was told, or forget what others or the symbol itself said', () => {
  const entries = fc.array(fc.oneof({ weight: 5, arbitrary: asked }, { weight: 1, arbitrary: asked.map(revertOf) }), {
    maxLength: 16,
  });
  fc.assert(
    fc.property(entries, (list) => {
      const timed = list.map((entry, at) => ({ ...entry, at }));
      const never = timed.filter(
        (entry) =>
          entry.outcome !== 'reverted' &&
          (entry.outcome === 'first_candle' ||
            entry.outcome === 'last_candle' ||
            !timed.some((later) => later.outcome === 'reverted' && later.jobId === entry.jobId && later.at > entry.at)),
      );
      expect(foldLedger([...timed].reverse())).toEqual(foldLedger(never));
      expect(foldLedger(never).entries).toEqual(never);
    }),
    { numRuns: 1_000 },
  );
});

it('rows of another program count as a question to the exchange, or make forgotten what it has answered', () => {
  const entries = fc.array(asked, { maxLength: 8 });
  fc.assert(
    fc.property(entries, range, range, (list, hull, written) => {
      const adopted: LedgerEntry = {
        ...list[0]!,
        source: 'adopted',
        outcome: 'answered',
        range: hull,
        written: [written],
      };
      const { entries: _with, answered, ...after } = foldLedger([...list, { ...adopted, absent: [], jobId: 'adopt' }]);
      const { entries: _without, answered: before, ...known } = foldLedger(list);
      expect(after).toEqual(known);
      expect(answered).toEqual(unionRanges(before, [written]));
    }),
  );
});

function revertOf(entry: LedgerEntry): LedgerEntry {
  return { ...entry, outcome: 'reverted', written: [entry.range] };
}

it('bars that were accepted before are lost when what lies around them is accepted too', () => {
  const word = (at: number, from: number, to: number, absent: Range[]): LedgerEntry => ({
    at,
    key: 'binance:spot:BTCUSDT:1m',
    source: 'user',
    outcome: 'accepted',
    range: minutes(from, to),
    rows: 0,
    absent,
    evidence: 'because',
    jobId: '',
  });
  const { accepted } = foldLedger([word(1, 1, 2, [minutes(1, 2)]), word(2, 0, 3, [minutes(0, 1), minutes(2, 3)])]);
  expect(
    unionRanges(
      accepted.flatMap(({ ranges }) => ranges),
      [],
    ),
  ).toEqual([minutes(0, 3)]);
});
