/** More than the lanes of a job have under way are never needed. */
const MOST_BUFFERS = 6;

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
    return found ?? new SharedArrayBuffer(bytes);
  }

  /** Nobody may use the memory any more. Of too many the smallest go. */
  give(buffers: readonly SharedArrayBuffer[]): void {
    this.#buffers = [...this.#buffers, ...buffers].sort((a, b) => a.byteLength - b.byteLength).slice(-MOST_BUFFERS);
  }
}
