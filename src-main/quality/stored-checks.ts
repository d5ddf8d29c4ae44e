import type { CandleColumns, Grid } from '@shared/market';
import { isFlat } from './flat';
import { bounded, type CandleCheck, type Observation } from './observation';
import { OutlierCheck } from './outlier-check';
import { type Seam, SeamCheck } from './seam-check';
import { StandstillCheck, type Standstills } from './standstill-check';
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
  { seams, standstills, now }: { seams: readonly Seam[]; standstills: Standstills; now: number },
  onRows: (rows: number) => void = () => {},
): Promise<StoredCheck> {
  const checks: CandleCheck<CandleColumns>[] = [
    new StructureCheck(grid, now),
    new OutlierCheck(grid),
    new SeamCheck(grid, seams),
    new StandstillCheck(grid, standstills),
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
