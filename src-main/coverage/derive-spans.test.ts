import {
  candleSeries,
  countBars,
  floorToGrid,
  gridOf,
  type Interval,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  type Span,
  type Verdict,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { barsToAsk, deriveSpans } from './derive-spans';
import { sentenceOf } from './evidence';
import { foldLedger } from './ledger-view';
import { OutageCatalogue } from './outage-catalogue';
import { type EvidenceFacts, knownProofs } from './proofs';
import { SPOT_OUTAGES } from './shipped-outages';

const KEY = 'binance:spot:BTCUSDT:1m';
const T0 = Date.UTC(2020, 1, 9);

function entry(part: Partial<LedgerEntry> & Pick<LedgerEntry, 'range'>): LedgerEntry {
  return {
    at: 1,
    key: KEY,
    source: 'rest',
    outcome: 'answered',
    rows: 0,
    absent: [],
    evidence: 'REST was asked.',
    jobId: 'j',
    ...part,
  };
}

function minutes(from: number, to: number): Range {
  return { from: T0 + from * MINUTE_MS, to: T0 + to * MINUTE_MS };
}

function facts(part: Partial<EvidenceFacts>): EvidenceFacts {
  return { grid: gridOf('1m'), present: [], ledger: foldLedger([]), outages: [], now: T0 + 1_000 * MINUTE_MS, ...part };
}

function sentences(f: EvidenceFacts, span: Span): string[] {
  return knownProofs(f, span).map((proof) => sentenceOf(proof, candleSeries('BTCUSDT', '1m')));
}

function verdicts(f: EvidenceFacts, range: Range): [number, number, Verdict][] {
  return deriveSpans(f, range).map((span) => [(span.from - T0) / MINUTE_MS, (span.to - T0) / MINUTE_MS, span.verdict]);
}

describe('a symbol that only the archive still has', () => {
  const bound = (outcome: LedgerEntry['outcome'], minute: number, part: Partial<LedgerEntry> = {}) =>
    entry({
      outcome,
      source: 'archiveMonthly',
      range: minutes(minute, minute + 1),
      evidence: `${outcome} told`,
      ...part,
    });
  const LIFE = [bound('first_candle', 0), bound('last_candle', 99)];
  const WHOLE = minutes(-10, 120);
  const lacking = (source: LedgerEntry['source'], from: number, to: number) =>
    entry({ at: 2, source, range: minutes(from, to), absent: [minutes(from, to)] });

  it('is asked of REST for what its archives lack, or is given up before the daily file was asked', () => {
    const monthly = facts({ ledger: foldLedger([...LIFE, lacking('archiveMonthly', 10, 20)]) });
    expect(barsToAsk(monthly, WHOLE)).toEqual([minutes(0, 100)]);
    expect(verdicts(monthly, minutes(10, 20))).toEqual([[10, 20, 'unexplained']]);
    const both = foldLedger([...LIFE, lacking('archiveMonthly', 10, 20), lacking('archiveDaily', 12, 20)]);
    expect(barsToAsk(facts({ ledger: both }), WHOLE)).toEqual([minutes(0, 12), minutes(20, 100)]);
    expect(verdicts(facts({ ledger: both }), WHOLE)).toEqual([
      [-10, 0, 'not_listed_yet'],
      [0, 10, 'not_asked'],
      [10, 12, 'unexplained'],
      [12, 20, 'confirmed_absent'],
      [20, 100, 'not_asked'],
      [100, 120, 'delisted'],
    ]);
  });

  it('with candles longer than a day waits for daily files that there are not', () => {
    const grid = gridOf('1w');
    const week = { from: grid.openAt(grid.indexOf(T0)), to: grid.openAt(grid.indexOf(T0) + 1) };
    const first = entry({ outcome: 'first_candle', source: 'archiveMonthly', range: week });
    const absent = entry({ at: 2, source: 'archiveMonthly', range: week, absent: [week] });
    const f = facts({ grid, ledger: foldLedger([first, absent]), now: week.to + 1 });
    expect(deriveSpans(f, week).map(({ verdict }) => verdict)).toEqual(['confirmed_absent']);
    expect(barsToAsk(f, week)).toEqual([]);
  });

  it('tells that REST was asked about its life, or stays dead when it is listed again', () => {
    const f = facts({ ledger: foldLedger(LIFE) });
    for (const [from, verdict] of [
      [-10, 'first_candle'],
      [100, 'last_candle'],
    ] as const) {
      const [span] = deriveSpans(f, minutes(from, from + 5));
      expect(sentences(f, span!)).toEqual([`${verdict} told`]);
    }
    const again = foldLedger([...LIFE, bound('first_candle', 0, { source: 'rest', at: 5 })]);
    expect(again).toMatchObject({ archiveOnly: false, lastCandle: null });
    const known = foldLedger([bound('last_candle', 80, { source: 'rest' }), ...LIFE.slice(0, 1)]);
    expect(known).toMatchObject({ archiveOnly: true, lastCandle: minutes(80, 81).from });
  });
});

describe('verdicts', () => {
  it('an untouched range is not asked, and the running candle is not closed', () => {
    expect(verdicts(facts({ now: T0 + 8.5 * MINUTE_MS }), minutes(0, 10))).toEqual([
      [0, 8, 'not_asked'],
      [8, 10, 'not_closed_yet'],
    ]);
  });

  it("REST's word that it has no candles is confirmed; a verified archive's word alone stays unexplained", () => {
    const ledger = foldLedger([
      entry({ range: minutes(0, 10), absent: [minutes(4, 5)] }),
      entry({ at: 2, source: 'archiveDaily', range: minutes(10, 20), absent: [minutes(12, 14)] }),
    ]);
    const f = facts({ present: [minutes(0, 4), minutes(5, 12), minutes(14, 20)], ledger });
    expect(verdicts(f, minutes(0, 20))).toEqual([
      [0, 4, 'present'],
      [4, 5, 'confirmed_absent'],
      [5, 12, 'present'],
      [12, 14, 'unexplained'],
      [14, 20, 'present'],
    ]);
    expect(barsToAsk(f, minutes(0, 20))).toEqual([minutes(12, 14)]);
  });

  it('rows that vanished from the table are unexplained, not "not asked"', () => {
    const ledger = foldLedger([entry({ range: minutes(0, 10), rows: 10 })]);
    const f = facts({ present: [minutes(0, 3), minutes(6, 10)], ledger });
    expect(verdicts(f, minutes(0, 10))[1]).toEqual([3, 6, 'unexplained']);
    expect(barsToAsk(f, minutes(0, 10))).toEqual([minutes(3, 6)]);
  });

  it('a failed attempt shows until a later answer replaces it', () => {
    const failed = entry({ range: minutes(0, 10), outcome: 'failed', evidence: 'REST answered 503 five times.' });
    expect(verdicts(facts({ ledger: foldLedger([failed]) }), minutes(0, 10))).toEqual([[0, 10, 'fetch_failed']]);
    const answered = entry({ at: 2, range: minutes(0, 10), absent: [minutes(0, 10)] });
    expect(verdicts(facts({ ledger: foldLedger([answered, failed]) }), minutes(0, 10))).toEqual([
      [0, 10, 'confirmed_absent'],
    ]);
  });

  it('what a person accepted is asked for again, or stays accepted when that is withdrawn', () => {
    const accepted = entry({
      at: 2,
      source: 'user',
      outcome: 'accepted',
      range: minutes(2, 9),
      absent: [minutes(2, 9)],
    });
    const withdrawn = entry({ at: 3, source: 'user', outcome: 'acceptance_withdrawn', range: minutes(4, 6) });
    const failed = entry({ range: minutes(0, 10), outcome: 'failed' });
    const f = facts({ present: [minutes(7, 8)], ledger: foldLedger([failed, accepted, withdrawn]) });
    expect(verdicts(f, minutes(0, 10))).toEqual([
      [0, 2, 'fetch_failed'],
      [2, 4, 'confirmed_absent'],
      [4, 6, 'fetch_failed'],
      [6, 7, 'confirmed_absent'],
      [7, 8, 'present'],
      [8, 9, 'confirmed_absent'],
      [9, 10, 'fetch_failed'],
    ]);
    expect(barsToAsk(f, minutes(0, 10))).toEqual([minutes(0, 2), minutes(4, 6), minutes(9, 10)]);
  });

  it('time outside the life of a symbol is no gap and is never asked', () => {
    const ledger = foldLedger([
      entry({ outcome: 'first_candle', range: { from: T0 + 3 * MINUTE_MS, to: T0 + 3 * MINUTE_MS + 1 } }),
      entry({ outcome: 'last_candle', range: { from: T0 + 7 * MINUTE_MS, to: T0 + 7 * MINUTE_MS + 1 } }),
    ]);
    const f = facts({ ledger });
    expect(verdicts(f, minutes(0, 10))).toEqual([
      [0, 3, 'not_listed_yet'],
      [3, 8, 'not_asked'],
      [8, 10, 'delisted'],
    ]);
    expect(barsToAsk(f, minutes(0, 10))).toEqual([minutes(3, 8)]);
  });
});

describe('the outage catalogue explains only what is shown to be absent', () => {
  // Entry 21: 2020-02-09 02:00 to 02:59, 60 minutes.
  const outages = new OutageCatalogue().windows(candleSeries('BTCUSDT', '1m'));

  it('a hole between stored candles inside an outage is explained, with the entry as evidence', () => {
    const f = facts({ present: [minutes(0, 120), minutes(180, 300)], outages });
    expect(verdicts(f, minutes(0, 300))).toEqual([
      [0, 120, 'present'],
      [120, 180, 'exchange_outage'],
      [180, 300, 'present'],
    ]);
    const span = deriveSpans(f, minutes(0, 300))[1]!;
    expect(sentences(f, span)[0]).toContain('entry 21');
  });

  it('a year that nobody asked for is not asked, also where the exchange was down', () => {
    expect(verdicts(facts({ outages }), minutes(0, 300))).toEqual([[0, 300, 'not_asked']]);
  });

  it('a hole that begins in an outage and goes on behind it keeps its second half unexplained', () => {
    const ledger = foldLedger([
      entry({ source: 'archiveMonthly', range: minutes(0, 300), absent: [minutes(120, 240)] }),
    ]);
    const f = facts({ present: [minutes(0, 120), minutes(240, 300)], ledger, outages });
    expect(verdicts(f, minutes(0, 300))).toEqual([
      [0, 120, 'present'],
      [120, 181, 'exchange_outage'],
      [181, 240, 'unexplained'],
      [240, 300, 'present'],
    ]);
    expect(barsToAsk(f, minutes(0, 300))).toEqual([minutes(181, 240)]);
  });

  it('adds up to the public audits: minutes of each year, and 2,347 through REST for 2020 to 2025', () => {
    const minutesOf = (from: string, to: string): number =>
      SPOT_OUTAGES.filter((outage) => outage.id !== 2).reduce((sum, outage) => {
        const first = Date.parse(`${outage.firstMissing}Z`);
        if (first < Date.parse(from) || first >= Date.parse(to)) return sum;
        return sum + (Date.parse(`${outage.lastMissing}Z`) - first) / MINUTE_MS + 1;
      }, 0);
    expect(minutesOf('2017-01-01', '2018-01-01')).toBe(497);
    expect(minutesOf('2018-01-01', '2019-01-01')).toBe(3_976);
    expect(minutesOf('2019-01-01', '2020-01-01')).toBe(1_764);
    expect(minutesOf('2021-01-01', '2022-01-01')).toBe(993);
    expect(minutesOf('2020-01-01', '2025-12-01')).toBe(2_347);
  });
});

describe('spans as a model', () => {
  const bars = 40;
  const piece = fc.tuple(fc.nat(bars), fc.nat(8)).map(([from, length]) => minutes(from, Math.min(bars, from + length)));
  const answer = fc.record({
    range: piece,
    source: fc.constantFrom<LedgerEntry['source']>('rest', 'archiveDaily', 'archiveMonthly'),
    outcome: fc.constantFrom<LedgerEntry['outcome']>('answered', 'failed'),
    absentAll: fc.boolean(),
  });

  it('always cover the asked range, sorted and disjoint, neighbours differing, and agree bar by bar with a brute force', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.array(answer, { maxLength: 6 }),
        fc.integer({ min: 0, max: bars }),
        (runs, answers, closed) => {
          const entries = answers.map(({ absentAll, ...part }, at) =>
            entry({
              at,
              ...part,
              absent: absentAll && part.outcome === 'answered' && part.range.to > part.range.from ? [part.range] : [],
            }),
          );
          const f = facts({
            present: normalizeRanges(runs),
            ledger: foldLedger(entries),
            now: T0 + closed * MINUTE_MS,
          });
          const spans = deriveSpans(f, minutes(0, bars));
          expect(spans.reduce((sum, span) => sum + span.bars, 0)).toBe(bars);
          spans.forEach((span, index) => {
            expect(span.from).toBe(index === 0 ? T0 : spans[index - 1]!.to);
            if (index > 0) expect(span.verdict).not.toBe(spans[index - 1]!.verdict);
          });
          for (let bar = 0; bar < bars; bar++) {
            const t = T0 + bar * MINUTE_MS;
            const span = spans.find((each) => each.from <= t && t < each.to)!;
            expect(span.verdict).toBe(bruteForce(t, runs, entries, f.now));
            const asks = barsToAsk(f, minutes(0, bars)).some((range) => range.from <= t && t < range.to);
            expect(asks).toBe(!['present', 'not_closed_yet', 'confirmed_absent'].includes(span.verdict));
          }
        },
      ),
    );
  });

  function bruteForce(t: number, runs: Range[], entries: LedgerEntry[], now: number): Verdict {
    const inside = (range: Range): boolean => range.from <= t && t < range.to;
    if (runs.some(inside)) return 'present';
    if (t + MINUTE_MS > now) return 'not_closed_yet';
    const about = entries.filter((each) => inside(each.range));
    const lastOf = (source: 'rest' | 'archive'): LedgerEntry | undefined =>
      about.filter((each) => each.outcome === 'answered' && (each.source === 'rest') === (source === 'rest')).at(-1);
    if (lastOf('rest')?.absent.some(inside)) return 'confirmed_absent';
    if (lastOf('archive')?.absent.some(inside)) return 'unexplained';
    if (about.at(-1)?.outcome === 'failed') return 'fetch_failed';
    return about.some((each) => each.outcome === 'answered') ? 'unexplained' : 'not_asked';
  }

  it('counts bars of every interval, months included', () => {
    fc.assert(
      fc.property(fc.constantFrom<Interval>('1s', '1h', '1d', '3d', '1w', '1M'), fc.nat(50), (interval, n) => {
        const grid = gridOf(interval);
        const from = floorToGrid(grid, Date.UTC(2019, 0, 15));
        const range = { from, to: grid.openAt(grid.indexOf(from) + n) };
        const spans = deriveSpans(facts({ grid, now: Date.UTC(2030, 0, 1) }), range);
        expect(spans.reduce((sum, span) => sum + span.bars, 0)).toBe(n);
        expect(n === 0 ? 0 : countBars(grid, range)).toBe(n);
      }),
    );
  });
});
