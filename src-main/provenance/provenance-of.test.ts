import { MINUTE_MS, type Range } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { provenanceOf } from './provenance-of';

const MINUTES = 40;
const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });

function entry(part: Partial<LedgerEntry>): LedgerEntry {
  return {
    at: 1,
    key: 'binance:spot:BTCUSDT:1m',
    source: 'rest',
    outcome: 'answered',
    range: minutes(0, MINUTES),
    rows: 1,
    absent: [],
    evidence: '',
    jobId: 'a',
    ...part,
  };
}

const ranges = fc.array(
  fc.tuple(fc.nat(MINUTES), fc.nat(8)).map(([from, length]) => minutes(from, Math.min(MINUTES, from + length))),
  { maxLength: 4 },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ job: fc.constantFrom('a', 'b', 'c'), written: ranges }) },
  { weight: 1, arbitrary: fc.record({ job: fc.constantFrom('a', 'b', 'c'), written: fc.constant(null) }) },
);

it('would name another source than the last one that wrote a minute and was not reverted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), fc.nat(MINUTES), fc.nat(MINUTES), (steps, a, b) => {
      const entries = steps.map(({ job, written }, at) =>
        written
          ? entry({ at, jobId: job, written, file: `${at}.zip`, sha256: String(at) })
          : entry({ at, jobId: job, outcome: 'reverted', written: [minutes(0, 5)] }),
      );
      const last = Array.from({ length: MINUTES }, (_, minute) => {
        const writers = steps.flatMap(({ job, written }, at) => {
          const isReverted = steps.some((later, when) => when > at && later.job === job && !later.written);
          const holds = written?.some(({ from, to }) => from <= minute * MINUTE_MS && minute * MINUTE_MS < to);
          return holds && !isReverted ? [at] : [];
        });
        return writers.at(-1) ?? null;
      });
      const range = minutes(Math.min(a, b), Math.max(a, b));
      const told = new Array<number | null>(MINUTES).fill(null);
      let end = range.from;
      for (const span of provenanceOf([...entries].reverse(), range)) {
        expect(span.from).toBeGreaterThanOrEqual(end);
        end = span.to;
        expect(span).toMatchObject({ file: `${span.at}.zip`, sha256: String(span.at), etag: null, source: 'rest' });
        for (let t = span.from; t < span.to; t += MINUTE_MS) told[t / MINUTE_MS] = span.at;
      }
      expect(end).toBeLessThanOrEqual(range.to);
      expect(told).toEqual(
        last.map((at, minute) => (minute * MINUTE_MS >= range.from && minute * MINUTE_MS < range.to ? at : null)),
      );
    }),
    { numRuns: 500 },
  );
});

it('would claim for an old entry what others wrote, or the bars it says are absent', () => {
  const entries = [
    entry({ at: 1, jobId: 'old', range: minutes(0, 20), absent: [minutes(4, 6)], request: '/klines' }),
    entry({ at: 2, jobId: 'old2', range: minutes(0, 30) }),
    entry({ at: 3, jobId: 'none', range: minutes(0, 40), rows: 0 }),
    entry({ at: 4, jobId: 'new', range: minutes(0, 40), written: [minutes(10, 12)] }),
  ];
  expect(
    provenanceOf(entries, minutes(2, 40)).map(({ from, to, jobId }) => [from / MINUTE_MS, to / MINUTE_MS, jobId]),
  ).toEqual([
    [2, 4, 'old'],
    [4, 6, 'old2'],
    [6, 10, 'old'],
    [10, 12, 'new'],
    [12, 20, 'old'],
    [20, 30, 'old2'],
  ]);
});
