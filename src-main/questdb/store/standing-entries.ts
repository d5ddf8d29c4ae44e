import type { LedgerEntry } from './ledger';

/** An entry with the batch it belongs to: what one job did to one series between two reverts. */
export interface BatchEntry {
  entry: LedgerEntry;
  /** Reverts of the job that precede it. */
  generation: number;
  /** Whether a later entry takes it back. */
  reverted: boolean;
}

/**
 * The ledger in order of time, `reverted` entries among them, each entry with its batch. Facts about the symbol itself (first and
 * last candle, phase) belong to no batch: they stay true whatever became of the rows.
 */
export function batchEntries(entries: readonly LedgerEntry[]): BatchEntry[] {
  const generations = new Map<string, number>();
  const open = new Map<string, BatchEntry[]>();
  return [...entries]
    .sort((a, b) => a.at - b.at)
    .map((entry) => {
      const batch = `${entry.key} ${entry.jobId}`;
      const generation = generations.get(batch) ?? 0;
      const item: BatchEntry = { entry, generation, reverted: false };
      if (entry.outcome === 'reverted') {
        for (const each of open.get(batch) ?? []) each.reverted = true;
        open.delete(batch);
        generations.set(batch, generation + 1);
      } else if (entry.outcome === 'answered' || entry.outcome === 'failed') {
        const list = open.get(batch);
        if (list) list.push(item);
        else open.set(batch, [item]);
      }
      return item;
    });
}

/** The entries that hold, in order of time: without those that were reverted, and without the `reverted` entries themselves. */
export function standingEntries(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return batchEntries(entries)
    .filter(({ entry, reverted }) => !reverted && entry.outcome !== 'reverted')
    .map(({ entry }) => entry);
}
