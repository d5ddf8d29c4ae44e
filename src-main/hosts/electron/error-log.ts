import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_BYTES = 1024 * 1024;

/**
 * Writes what went wrong to stderr and, once the workspace is known, to `logs/core.log` in it; one older file is kept. Written
 * at once, since the next thing may be the end of the process.
 */
export class ErrorLog {
  readonly #limitBytes: number;
  readonly #now: () => number;
  #file: string | null = null;

  constructor({ limitBytes = LIMIT_BYTES, now = Date.now }: { limitBytes?: number; now?: () => number } = {}) {
    this.#limitBytes = limitBytes;
    this.#now = now;
  }

  openIn(workspace: string): void {
    this.#file = join(workspace, 'logs', 'core.log');
  }

  write(error: unknown, where: string): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`core: ${where}: ${text}\n`);
    if (!this.#file) return;
    try {
      mkdirSync(join(this.#file, '..'), { recursive: true });
      if ((statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0) > this.#limitBytes)
        renameSync(this.#file, `${this.#file}.1`);
      appendFileSync(this.#file, `${new Date(this.#now()).toISOString()} ${where}: ${text}\n`);
    } catch (cause) {
      // A full or vanished disk must not turn a report into a second failure.
      process.stderr.write(`core: ${this.#file} cannot be written: ${String(cause)}\n`);
      this.#file = null;
    }
  }
}
