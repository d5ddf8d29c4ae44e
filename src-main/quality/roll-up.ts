import { CANDLE_FIELDS, type Candle, type CandleColumns, candleAt, countBars, type Grid } from '@shared/market';
import { type CandleField, isCandleField } from './candle-fields';

/** A coarse bar made of finer candles. */
export interface RolledBar {
  /** Open of the coarse bar on its grid. */
  open: number;
  candle: Candle;
  /** Fine bars that were there, and how many the coarse bar has. */
  bars: number;
  of: number;
}

/**
 * Rolls fine candles (ascending batches) up to the bars of a coarser grid: first open, highest high, lowest low, last close, sums of
 * volumes and trades. Every fine bar has to lie within one coarse bar.
 */
export async function* rollUp(
  fine: AsyncIterable<CandleColumns>,
  fineGrid: Grid,
  coarseGrid: Grid,
): AsyncGenerator<RolledBar, void, void> {
  let index = Number.NaN;
  let rolled: RolledBar | null = null;
  let lastFineBar = Number.NaN;
  for await (const batch of fine) {
    for (let i = 0; i < batch.rows; i++) {
      const time = batch.openTime[i]!;
      const bar = coarseGrid.indexOf(time);
      if (bar !== index || rolled === null) {
        if (rolled) yield rolled;
        index = bar;
        const open = coarseGrid.openAt(bar);
        const of = countBars(fineGrid, { from: open, to: coarseGrid.openAt(bar + 1) });
        rolled = { open, candle: { ...candleAt(batch, i), openTime: open }, bars: 1, of };
        lastFineBar = fineGrid.indexOf(time);
        continue;
      }
      addTo(rolled.candle, batch, i);
      const fineBar = fineGrid.indexOf(time);
      if (fineBar !== lastFineBar) rolled.bars++;
      lastFineBar = fineBar;
    }
  }
  if (rolled) yield rolled;
}

const SUMS = ['volume', 'quoteVolume', 'trades', 'takerBase', 'takerQuote'] as const;

function addTo(candle: Candle, batch: CandleColumns, i: number): void {
  candle.high = Math.max(candle.high, batch.high[i]!);
  candle.low = Math.min(candle.low, batch.low[i]!);
  candle.close = batch.close[i]!;
  for (const field of SUMS) candle[field] += batch[field][i]!;
}

/** Sums of decimals as doubles differ in their last places by the order of adding. */
const SUM_TOLERANCE = 1e-9;

/** Fields in which two candles of one bar differ; prices and trades exactly, sums but for their last places. */
export function differingFields(a: Candle, b: Candle): CandleField[] {
  return CANDLE_FIELDS.filter((field): field is CandleField => {
    if (!isCandleField(field)) return false;
    const [x, y] = [a[field], b[field]];
    // A table of another program may not know a column.
    if (x === y || Number.isNaN(x) || Number.isNaN(y)) return false;
    if (field === 'open' || field === 'high' || field === 'low' || field === 'close' || field === 'trades') return true;
    return Math.abs(x - y) > SUM_TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
  });
}
