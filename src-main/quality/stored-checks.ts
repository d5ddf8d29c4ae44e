import type { CandleColumns, Grid } from '@shared/market';
import { bounded, type CandleCheck, type Observation } from './observation';
import { OutlierCheck } from './outlier-check';
import { type Seam, SeamCheck } from './seam-check';
import { StructureCheck } from './structure-check';

export interface StoredCheck {
  rows: number;
  /** Rows of bars in which nothing was traded: present, and no gap. */
  flat: number;
  observations: Observation[];
}

/** Everything that can be told of stored candles by looking at them once, in order. */
export async function checkStored(
  candles: AsyncIterable<CandleColumns>,
  grid: Grid,
  { seams, now }: { seams: readonly Seam[]; now: number },
  onRows: (rows: number) => void = () => {},
): Promise<StoredCheck> {
  const checks: CandleCheck<CandleColumns>[] = [
    new StructureCheck(grid, now),
    new OutlierCheck(grid),
    new SeamCheck(grid, seams),
  ];
  let rows = 0;
  let flat = 0;
  for await (const batch of candles) {
    for (const check of checks) check.push(batch);
    rows += batch.rows;
    flat += flatRows(batch);
    onRows(rows);
  }
  return { rows, flat, observations: checks.flatMap((check) => bounded(check.finish())) };
}

function flatRows(batch: CandleColumns): number {
  let flat = 0;
  for (let i = 0; i < batch.rows; i++) if (isFlat(batch, i)) flat++;
  return flat;
}

/** Whether nothing was traded in the bar, as far as the row tells. */
export function isFlat({ trades, volume }: CandleColumns, i: number): boolean {
  return trades[i] === 0 || (Number.isNaN(trades[i]!) && volume[i] === 0);
}
