import { type CandleColumns, candleAt, type Grid } from '@shared/market';
import type { CandleCheck, Observation } from './observation';
import { RunCollector } from './run-collector';

/**
 * What every stored candle must fulfil, whoever wrote it: numbers that can be, one row a bar, opens on the grid. Off-grid opens
 * are genuine in two windows of Binance's history (facts, §5.8), so they are told and never moved.
 */
export class StructureCheck implements CandleCheck<CandleColumns> {
  readonly #grid: Grid;
  readonly #impossible: RunCollector;
  readonly #duplicates: RunCollector;
  readonly #offGrid: RunCollector;
  #lastTime = Number.NEGATIVE_INFINITY;
  #lastBar = Number.NEGATIVE_INFINITY;

  constructor(
    grid: Grid,
    /** The exchange's time. */
    private readonly now = Number.POSITIVE_INFINITY,
  ) {
    this.#grid = grid;
    const { interval } = grid;
    this.#impossible = new RunCollector(
      grid,
      'impossible_candle',
      (count, word, where) => `${candles(count)} ${where} ${count === 1 ? 'has' : 'have'} ${word}.`,
    );
    this.#duplicates = new RunCollector(
      grid,
      'duplicate_rows',
      (count, word, where) => `${rows(count)} more than one a bar ${where}: ${word}.`,
    );
    this.#offGrid = new RunCollector(
      grid,
      'off_grid_rows',
      (count, word, where) =>
        `${candles(count)} ${where} ${count === 1 ? 'opens' : 'open'} off the ${interval} grid (${word}).`,
    );
  }

  push(batch: CandleColumns): void {
    const { rows: count, openTime } = batch;
    for (let i = 0; i < count; i++) {
      const time = openTime[i]!;
      const wrong = time > this.now ? 'an open time in the future' : wrongNumbers(batch, i);
      if (wrong !== null) this.#impossible.add(time, wrong, candleAt(batch, i));
      const bar = this.#grid.indexOf(time);
      const open = this.#grid.openAt(bar);
      if (open !== time) this.#offGrid.add(time, offsetWord(time - open), { openTime: time });
      if (bar === this.#lastBar) {
        const word = time === this.#lastTime ? 'the same open time' : 'different open times within the bar';
        this.#duplicates.add(time, word, candleAt(batch, i));
      }
      this.#lastTime = time;
      this.#lastBar = bar;
    }
  }

  finish(): Observation[] {
    return [...this.#impossible.finish(), ...this.#duplicates.finish(), ...this.#offGrid.finish()];
  }
}

/** What is wrong with the numbers of a candle, in words; null when they can be. */
export function wrongNumbers(batch: CandleColumns, i: number): string | null {
  const [o, h, l, c] = [batch.open[i]!, batch.high[i]!, batch.low[i]!, batch.close[i]!];
  const [v, q, n] = [batch.volume[i]!, batch.quoteVolume[i]!, batch.trades[i]!];
  const [tb, tq] = [batch.takerBase[i]!, batch.takerQuote[i]!];
  // Written so that NaN fails too.
  if (!(Number.isFinite(o) && Number.isFinite(h) && Number.isFinite(l) && Number.isFinite(c)))
    return 'a price that is no number';
  if (!(l >= 0)) return 'a price below zero';
  if (!(l <= o && l <= c && o <= h && c <= h)) return 'prices that contradict each other (low, open, close, high)';
  // Tables of other programs may know no more than a volume; what is not there is not wrong.
  const known = [v, q, n, tb, tq].filter((value) => !Number.isNaN(value));
  if (known.some((value) => value < 0 || value === Number.POSITIVE_INFINITY))
    return 'a volume below zero or without end';
  if (tb > v) return 'more volume bought by takers than volume in all';
  if (n === 0 && v > 0) return 'volume, and no trades';
  if (n > 0 && v === 0) return 'trades, and no volume';
  if (n === 0 && (o !== h || h !== l || l !== c)) return 'prices that move without a trade';
  return null;
}

function offsetWord(ms: number): string {
  return `by ${(ms / 1_000).toLocaleString('en', { maximumFractionDigits: 3 })} s`;
}

function candles(count: number): string {
  return count === 1 ? 'A candle' : `${count.toLocaleString('en')} candles`;
}

function rows(count: number): string {
  return count === 1 ? 'One row' : `${count.toLocaleString('en')} rows`;
}
