import type { CoverageReport } from '@shared/contract';
import type { CoverageBook } from './coverage-book';

/** Series per call: large enough for few calls, small enough that what comes on screen meanwhile does not wait for long. */
const BATCH = 40;
/** Of those on screen: a screenful of the matrix at once. */
const SCREENFUL = 200;

export type ReadCoverage = (keys: string[], signal: AbortSignal) => Promise<readonly CoverageReport[]>;

/**
 * Keeps the coverage book up to date: one call at a time, what is on screen first, and a series that changes while it is being
 * read is read again.
 */
export class CoverageLoader {
  readonly #book: CoverageBook;
  readonly #read: ReadCoverage;
  readonly #onFailure: (error: unknown) => void;
  readonly #wanted = new Set<string>();
  #first: readonly string[] = [];
  #running: AbortController | null = null;

  constructor(book: CoverageBook, read: ReadCoverage, onFailure: (error: unknown) => void) {
    this.#book = book;
    this.#read = read;
    this.#onFailure = onFailure;
  }

  /** Asks for these series (again). */
  want(keys: readonly string[]): void {
    for (const key of keys) this.#wanted.add(key);
    if (!this.#running) void this.#run();
  }

  /** Series on screen, in order: they are read before the others. */
  prefer(keys: readonly string[]): void {
    this.#first = keys;
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.#wanted.delete(key);
    this.#book.drop(keys);
  }

  /** Gives up what is under way, for a connection that is gone. */
  stop(): void {
    this.#wanted.clear();
    this.#running?.abort();
  }

  async #run(): Promise<void> {
    const controller = new AbortController();
    this.#running = controller;
    try {
      while (this.#wanted.size > 0 && !controller.signal.aborted) {
        const keys = this.#nextBatch();
        for (const key of keys) this.#wanted.delete(key);
        const reports = await this.#read(keys, controller.signal);
        if (!controller.signal.aborted) this.#book.put(reports, this.#completesScreen(keys));
      }
    } catch (error) {
      if (!controller.signal.aborted) {
        this.#wanted.clear();
        this.#onFailure(error);
      }
    } finally {
      this.#running = null;
    }
    if (this.#wanted.size > 0) void this.#run();
  }

  /** Whether with these everything on screen is read. */
  #completesScreen(keys: readonly string[]): boolean {
    return this.#first.some((key) => keys.includes(key)) && !this.#first.some((key) => this.#wanted.has(key));
  }

  #nextBatch(): string[] {
    const onScreen = this.#first.filter((key) => this.#wanted.has(key)).slice(0, SCREENFUL);
    const batch = new Set(onScreen);
    for (const key of this.#wanted) {
      if (batch.size >= BATCH) break;
      batch.add(key);
    }
    return [...batch];
  }
}
