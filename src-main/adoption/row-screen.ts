import type { RefusedRows } from '@shared/contract';
import {
  barAt,
  CANDLE_FIELDS,
  type CandleColumns,
  closeOf,
  createCandleColumns,
  floorToGrid,
  type Grid,
  hullOf,
  type Range,
  SECOND_MS,
} from '@shared/market';
import { isFlat, wrongNumbers } from '../quality';

/** Rows that a screen has seen of one kind. */
export interface Noticed {
  count: number;
  /** Hull of their bars. */
  range: Range;
  /** About the first of them. */
  example: string;
}

export type NoticedKind = keyof Omit<RefusedRows, 'unknownToExchange'> | 'duplicates' | 'offGrid';

/**
 * Lets through those candles of another program that can be: sound numbers, closed bars, one row for each open time. Opens off the
 * grid pass (they are genuine in two windows of Binance's history) and are counted. What the rows lack (NaN) is not wrong.
 */
export class RowScreen {
  readonly noticed = new Map<NoticedKind, Noticed>();
  rows = 0;
  flat = 0;
  /** The newest row that was not refused, and whether another one contradicts it; it passes when the next one comes. */
  #held: { candles: CandleColumns; index: number; isContradicted: boolean } | null = null;

  constructor(
    private readonly grid: Grid,
    /** The exchange's time, epoch ms. */
    private readonly now: number,
  ) {}

  /** `batch` is ascending, also behind the batch before. Answers what may pass so far. */
  push(batch: CandleColumns): CandleColumns {
    const passed = createCandleColumns(batch.rows + 1);
    this.rows += batch.rows;
    for (let i = 0; i < batch.rows; i++) this.#look(batch, i, passed);
    return passed;
  }

  /** The row that was still held; to be called behind the last batch. */
  finish(): CandleColumns {
    const passed = createCandleColumns(1);
    this.#release(passed);
    return passed;
  }

  countOf(kind: NoticedKind): number {
    return this.noticed.get(kind)?.count ?? 0;
  }

  #look(batch: CandleColumns, i: number, passed: CandleColumns): void {
    const time = batch.openTime[i]!;
    const wrong = wrongTime(time) ?? wrongRow(batch, i);
    if (wrong !== null) {
      this.#note('impossible', time, wrong);
      return;
    }
    if (closeOf(this.grid, time) > this.now) {
      this.#note('unclosed', time, 'a bar that is not closed yet');
      return;
    }
    const held = this.#held;
    if (held && held.candles.openTime[held.index] === time) {
      if (isSame(held.candles, held.index, batch, i)) this.#note('duplicates', time, 'the same row again');
      else {
        this.#note('conflicting', time, CONFLICT);
        held.isContradicted = true;
      }
      return;
    }
    this.#release(passed);
    this.#held = { candles: batch, index: i, isContradicted: false };
  }

  #release(passed: CandleColumns): void {
    const held = this.#held;
    this.#held = null;
    if (!held) return;
    const { candles, index } = held;
    const time = candles.openTime[index]!;
    if (held.isContradicted) {
      this.#note('conflicting', time, CONFLICT);
      return;
    }
    const offset = time - floorToGrid(this.grid, time);
    if (offset > 0) this.#note('offGrid', time, `by ${(offset / SECOND_MS).toLocaleString('en')} s`);
    if (isFlat(candles, index)) this.flat++;
    for (const field of CANDLE_FIELDS) passed[field][passed.rows] = candles[field][index]!;
    passed.rows++;
  }

  #note(kind: NoticedKind, time: number, example: string): void {
    const known = this.noticed.get(kind);
    // A time that is none belongs to no bar.
    const range = Number.isFinite(time) ? barAt(this.grid, time) : (known?.range ?? { from: 0, to: 1 });
    if (!known) this.noticed.set(kind, { count: 1, range, example });
    else {
      known.count++;
      known.range = hullOf([known.range, range]);
    }
  }
}

const CONFLICT = 'other values at the same time';

function wrongTime(time: number): string | null {
  return Number.isInteger(time) && time >= 0 ? null : 'an open time that is no whole millisecond since 1970';
}

function wrongRow(batch: CandleColumns, i: number): string | null {
  if (Number.isNaN(batch.volume[i])) return 'no volume';
  const trades = batch.trades[i]!;
  if (!Number.isNaN(trades) && !Number.isSafeInteger(trades)) return 'a number of trades that is no whole number';
  return wrongNumbers(batch, i);
}

function isSame(a: CandleColumns, i: number, b: CandleColumns, j: number): boolean {
  return CANDLE_FIELDS.every((field) => Object.is(a[field][i], b[field][j]));
}
