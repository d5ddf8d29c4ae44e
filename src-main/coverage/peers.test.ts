import { candleSeries, gridOf, MINUTE_MS, normalizeRanges, type Range, tradeSeries } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { foldLedger } from './ledger-view';
import { hasBars, type Peer, peersProof, tradedMeanwhile } from './peers';

const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });
const GRID = gridOf('1m');

function peer(symbol: string, present: readonly Range[], answered: readonly Range[] = [], first?: number): Peer {
  const base = { key: '', source: 'rest' as const, rows: 0, absent: [], evidence: '', jobId: '' };
  const entries = [
    ...answered.map((range, at) => ({ ...base, at, outcome: 'answered' as const, range })),
    ...(first === undefined
      ? []
      : [{ ...base, at: 0, outcome: 'first_candle' as const, range: minutes(first, first) }]),
  ];
  return { series: candleSeries(symbol, '1m'), present: normalizeRanges(present), ledger: foldLedger(entries) };
}

it('a halt is seen where fewer than three others traded, or at the edge of a stop that was everybody’s', () => {
  const piece = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 30 })).map(([from, long]) => minutes(from, from + long));
  const others = fc.array(fc.array(piece, { maxLength: 3 }), { maxLength: 7 });
  fc.assert(
    fc.property(others, piece, (presents, run) => {
      const normal = presents.map((each) => normalizeRanges(each));
      const isIn = (ranges: readonly Range[], at: number) => ranges.some(({ from, to }) => from <= at && at < to);
      const traded = (at: number) => normal.filter((each) => isIn(each, at)).length >= 3;
      const halted = tradedMeanwhile(GRID, run, normal);
      for (let at = run.from; at < run.to; at += MINUTE_MS) {
        const around = [at - MINUTE_MS, at, at + MINUTE_MS].filter((each) => each >= run.from && each < run.to);
        expect(isIn(halted, at)).toBe(around.every(traded));
      }
      expect(halted).toEqual(normalizeRanges(halted));
      expect(halted.every(({ from, to }) => from >= run.from && to <= run.to)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('a symbol that was not asked, or did not live then, is counted as a witness', () => {
  const range = minutes(10, 20);
  const all = [minutes(0, 100)];
  expect(hasBars(peer('A', all), range)).toBe(true);
  expect(hasBars(peer('B', [minutes(0, 15)], []), range)).toBeNull();
  expect(hasBars(peer('C', [minutes(0, 14)], all), range)).toBe(false);
  expect(hasBars(peer('D', [], [minutes(0, 19)]), range)).toBeNull();
  expect(hasBars(peer('E', [], all, 15), range)).toBeNull();
  // The edge of a stop may be a minute earlier or later.
  expect(hasBars(peer('F', [minutes(11, 30)], all), range)).toBe(true);

  const peers = [peer('BTC', [], all), peer('A', all), peer('C', [], all), peer('B', [], [])];
  expect(peersProof(candleSeries('BTC', '1m'), range, peers)).toEqual({
    kind: 'peers',
    market: 'spot',
    interval: '1m',
    asked: 2,
    lacking: 1,
    lackingSymbols: ['C'],
    havingSymbols: ['A'],
  });
  expect(peersProof(tradeSeries('BTC'), range, [])).toBeNull();
});
