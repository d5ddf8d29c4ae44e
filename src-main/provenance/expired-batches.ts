import type { KeptBatch } from '../questdb';

/** What is kept for undoing: the rows that so many batches replaced, and so many rows in all (some 100 bytes each). */
export const KEPT_FOR_UNDO = { batches: 100, rows: 20_000_000 };

/** Batches whose kept rows are to go: all beyond the newest that fit both limits. The newest one stays whatever its size. */
export function expiredBatches(kept: readonly KeptBatch[], limits: typeof KEPT_FOR_UNDO = KEPT_FOR_UNDO): string[] {
  const newestFirst = [...kept].sort((a, b) => b.at - a.at || (a.batchId < b.batchId ? 1 : -1));
  let rows = 0;
  let count = 0;
  let isFull = false;
  return newestFirst
    .filter((batch) => {
      rows += batch.rows;
      count++;
      isFull ||= count > 1 && (count > limits.batches || rows > limits.rows);
      return isFull;
    })
    .map(({ batchId }) => batchId);
}
