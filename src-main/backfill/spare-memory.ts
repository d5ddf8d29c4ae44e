/** More than the lanes of a job have under way are never needed. */
const MOST_BUFFERS = 4;
/** Sizes are whole multiples of it, so that the memory of a short month does for a long one. */
const STEP_BYTES = 2 * 1024 * 1024;

/**
 * Memory of bodies that were written and read back, for the next ones. It is shared between threads instead of moved, because
 * moved memory counts as new in the thread that gets it: ten megabytes for every archive cost a fifth of a backfill's
 * processor time in collections (measured).
 */
export class SpareMemory {
  #buffers: SharedArrayBuffer[] = [];

  /** At least so many bytes; they hold whatever was there before. */
  take(bytes: number): SharedArrayBuffer {
    const index = this.#buffers.findIndex((buffer) => buffer.byteLength >= bytes);
    const [found] = index < 0 ? [] : this.#buffers.splice(index, 1);
    return found ?? new SharedArrayBuffer(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
  }

  /** Nobody may use the memory any more. Of too many the smallest go. */
  give(buffers: readonly SharedArrayBuffer[]): void {
    this.#buffers = [...this.#buffers, ...buffers].sort((a, b) => a.byteLength - b.byteLength).slice(-MOST_BUFFERS);
  }
}
