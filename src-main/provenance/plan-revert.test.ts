import { MINUTE_MS, normalizeRanges, type Range } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { currentBatch, expendableBatches, planRevert, undoBatchId } from './plan-revert';

const KEY = 'binance:spot:BTCUSDT:1m';
const MINUTES = 24;
const JOBS = ['a', 'b', 'c', 'd'];

function entry(part: Partial<LedgerEntry> & Pick<LedgerEntry, 'at' | 'jobId'>): LedgerEntry {
  const range = { from: 0, to: MINUTES * MINUTE_MS };
  return { key: KEY, source: 'rest', outcome: 'answered', range, rows: 0, absent: [], evidence: '', ...part };
}

function minutesOf(ranges: readonly Range[]): number[] {
  return normalizeRanges(ranges).flatMap(({ from, to }) =>
    Array.from({ length: (to - from) / MINUTE_MS }, (_, i) => from / MINUTE_MS + i),
  );
}

/** What the database does, minute by minute: rows, and rows kept by batches. A value is the step that wrote it. */
class Rows {
  readonly table = new Map<number, number>();
  readonly kept = new Map<string, Map<number, number | null>>();
  readonly entries: LedgerEntry[] = [];

  write(jobId: string, ranges: readonly Range[], at: number): void {
    const id = undoBatchId(KEY, currentBatch(this.entries, jobId));
    const kept = this.kept.get(id) ?? new Map<number, number | null>();
    this.kept.set(id, kept);
    for (const minute of minutesOf(ranges)) {
      if (!kept.has(minute)) kept.set(minute, this.table.get(minute) ?? null);
      this.table.set(minute, at);
    }
    this.entries.push(entry({ at, jobId, written: normalizeRanges(ranges) }));
  }

  /** False when the plan says that rows cannot be put back. */
  revert(jobId: string, at: number): boolean {
    const plan = planRevert(this.entries, jobId);
    if (!plan) return true;
    if (plan.lost.length > 0) return false;
    for (const minute of minutesOf(plan.remove)) this.table.delete(minute);
    for (const { batch, ranges } of plan.restore) {
      const kept = this.kept.get(undoBatchId(KEY, batch));
      if (!kept) throw new Error('rows that are needed have been dropped');
      for (const minute of minutesOf(ranges)) {
        const value = kept.get(minute) ?? null;
        if (value !== null) this.table.set(minute, value);
      }
    }
    this.entries.push(entry({ at, jobId, outcome: 'reverted', written: plan.remove }));
    for (const batch of expendableBatches(this.entries)) this.kept.delete(undoBatchId(KEY, batch));
    return true;
  }
}

const action = fc.record({
  job: fc.constantFrom(...JOBS),
  ranges: fc.option(
    fc.array(
      fc.tuple(fc.nat(MINUTES - 1), fc.integer({ min: 1, max: 8 })).map(([from, length]) => ({
        from: from * MINUTE_MS,
        to: Math.min(MINUTES, from + length) * MINUTE_MS,
      })),
      { minLength: 1, maxLength: 3 },
    ),
    { nil: null, freq: 2 },
  ),
});

it('would leave other rows than if the reverted batches had never run', () => {
  let refused = 0;
  let reverted = 0;
  fc.assert(
    fc.property(fc.array(action, { maxLength: 16 }), fc.array(fc.nat(MINUTES - 1)), (actions, before) => {
      const rows = new Rows();
      for (const minute of before) rows.table.set(minute, -1);
      /** Per minute, who wrote it with which value and was not reverted. */
      const truth = Array.from({ length: MINUTES }, (_, minute) => {
        const first: { job: string; value: number }[] = before.includes(minute) ? [{ job: '', value: -1 }] : [];
        return first;
      });
      actions.forEach(({ job, ranges }, at) => {
        if (ranges) {
          rows.write(job, ranges, at);
          for (const minute of minutesOf(ranges)) truth[minute]!.push({ job, value: at });
        } else if (rows.revert(job, at)) {
          reverted++;
          truth.forEach((sheets, minute) => {
            truth[minute] = sheets.filter((sheet) => sheet.job !== job);
          });
        } else {
          refused++;
          // Only where the job wrote a bar again that another had written in between.
          const torn = truth.some((sheets) => {
            const own = sheets.flatMap((sheet, index) => (sheet.job === job ? [index] : []));
            return sheets.slice(own[0], own.at(-1)).some((sheet) => sheet.job !== job);
          });
          expect(torn).toBe(true);
        }
        const seen = truth.flatMap((sheets, minute) => (sheets.length > 0 ? [[minute, sheets.at(-1)!.value]] : []));
        expect([...rows.table].sort((a, b) => a[0] - b[0])).toEqual(seen);
      });
    }),
    { numRuns: 3_000 },
  );
  expect(reverted).toBeGreaterThan(refused);
  expect(refused).toBeGreaterThan(0);
});

it('would keep rows for ever that no undoing can need', () => {
  const all = [{ from: 0, to: MINUTE_MS }];
  const entries = [
    entry({ at: 1, jobId: 'a', written: all }),
    entry({ at: 2, jobId: 'b', written: all }),
    entry({ at: 3, jobId: 'a', outcome: 'reverted', written: all }),
  ];
  expect(expendableBatches(entries)).toEqual([]);
  expect(expendableBatches([...entries, entry({ at: 4, jobId: 'b', outcome: 'reverted', written: all })])).toEqual([
    { jobId: 'a', generation: 0 },
    { jobId: 'b', generation: 0 },
  ]);
});
