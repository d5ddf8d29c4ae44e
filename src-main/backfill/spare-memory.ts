import { type CandleColumns, createCandleColumns } from '@shared/market';

/** More months than the pages' share of memory allows are never under way. */
const MOST_LARGE = 4;
/** Bodies of days, of which a few requests' worth comes back at once. */
const MOST_SMALL = 32;
/** Sizes are whole multiples of it, so that the memory of a short month does for a long one. */
const STEP_BYTES = 2 * 1024 * 1024;
/** Bodies of this size and smaller ones, of days, come in finer steps, because there are many of them at a time. */
const SMALL_BYTES = 512 * 1024;
const SMALL_STEP_BYTES = 64 * 1024;
/** A month of minutes, so that one set of columns does for days and months. */
const LEAST_ROWS = 31 * 1440;
/** A thread reads few files at a time. */
const MOST_COLUMNS = 2;

/**
 * Memory of bodies that were written and read back, for the next ones. It is shared between threads instead of moved, because
 * moved memory counts as new in the thread that gets it: ten megabytes for every archive cost a fifth of a backfill's
 * processor time in collections (measured).
 */
export class SpareMemory {
  #buffers: SharedArrayBuffer[] = [];
  #columns: CandleColumns[] = [];

  /** At least so many bytes; they hold whatever was there before. */
  take(bytes: number): SharedArrayBuffer {
    const index = this.#buffers.findIndex((buffer) => buffer.byteLength >= bytes);
    const [found] = index < 0 ? [] : this.#buffers.splice(index, 1);
    const step = bytes <= SMALL_BYTES ? SMALL_STEP_BYTES : STEP_BYTES;
    return found ?? new SharedArrayBuffer(Math.ceil(bytes / step) * step);
  }

  /** Columns for at least so many candles; they hold whatever was there before. */
  takeColumns(rows: number): CandleColumns {
    const index = this.#columns.findIndex((columns) => columns.openTime.length >= rows);
    const [found] = index < 0 ? [] : this.#columns.splice(index, 1);
    if (!found) return createCandleColumns(Math.max(LEAST_ROWS, rows));
    found.rows = 0;
    return found;
  }

  /** Nobody may use the columns any more. */
  giveColumns(columns: CandleColumns): void {
    this.#columns = [...this.#columns, columns].slice(-MOST_COLUMNS);
  }

  /** Nobody may use the memory any more. Of too many the smallest go. */
  give(buffers: readonly SharedArrayBuffer[]): void {
    const all = [...this.#buffers, ...buffers].sort((a, b) => a.byteLength - b.byteLength);
    const large = all.findIndex((buffer) => buffer.byteLength >= STEP_BYTES);
    const [small, rest] = large < 0 ? [all, []] : [all.slice(0, large), all.slice(large)];
    this.#buffers = [...small.slice(-MOST_SMALL), ...rest.slice(-MOST_LARGE)];
  }
}
