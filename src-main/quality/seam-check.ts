import { type CandleColumns, formatTime, type Grid } from '@shared/market';
import type { CandleCheck, Observation } from './observation';
import { RollingMedian } from './rolling-median';

/** A place where the rows of one source end and those of another begin: the open of the first bar behind it. */
export interface Seam {
  at: number;
  before: string;
  after: string;
}

/** As many usual moves between close and next open are a step; markets that trade around the clock have none. */
const STEP_MOVES = 30;
const STEP_SHARE = 0.005;
const WINDOW = 240;

/** Steps of price at the seams of sources: the sign of a file in another unit, of another symbol, or of another time zone. */
export class SeamCheck implements CandleCheck<CandleColumns> {
  readonly #steps = new RollingMedian(WINDOW);
  readonly #found: Observation[] = [];
  readonly #seams: readonly Seam[];
  #next = 0;
  #close = Number.NaN;
  #bar = Number.NaN;

  constructor(
    private readonly grid: Grid,
    seams: readonly Seam[],
  ) {
    this.#seams = [...seams].sort((a, b) => a.at - b.at);
  }

  push(batch: CandleColumns): void {
    for (let i = 0; i < batch.rows; i++) {
      const bar = this.grid.indexOf(batch.openTime[i]!);
      const step = Math.abs(batch.open[i]! / this.#close - 1);
      const follows = bar === this.#bar + 1;
      const from = this.grid.openAt(bar);
      while (this.#next < this.#seams.length && this.#seams[this.#next]!.at < from) this.#next++;
      const seam = this.#seams[this.#next];
      if (follows && seam?.at === from) this.#look(seam, step, this.#close, batch.open[i]!);
      if (follows) this.#steps.push(Math.max(step, Math.abs(batch.close[i]! / batch.open[i]! - 1)));
      this.#close = batch.close[i]!;
      this.#bar = bar;
    }
  }

  finish(): Observation[] {
    return this.#found;
  }

  #look(seam: Seam, step: number, close: number, open: number): void {
    const usual = this.#steps.value;
    if (!(step >= STEP_SHARE && step >= usual * STEP_MOVES)) return;
    const bar = this.grid.indexOf(seam.at);
    this.#found.push({
      kind: 'archive_seam',
      range: { from: this.grid.openAt(bar - 1), to: this.grid.openAt(bar + 1) },
      count: 1,
      sentence: `At ${formatTime(seam.at)} UTC, where ${seam.before} ends and ${seam.after} begins, the price steps from ${close} to ${open}.`,
      data: { ...seam, close, open, usualMove: usual },
    });
  }
}
