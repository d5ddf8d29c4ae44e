import type { CandleColumns } from '@shared/market';

/** Whether nothing was traded in the bar, as far as the row tells. */
export function isFlat({ trades, volume }: CandleColumns, i: number): boolean {
  return trades[i] === 0 || (Number.isNaN(trades[i]!) && volume[i] === 0);
}
