import { readFile } from 'node:fs/promises';
import { replaceFile } from '../files';
import { isBlockCause } from './block-cause';
import type { LimiterState } from './weight-limiter';

/**
 * Keeps the states of limiters in one file, so that a ban outlives the program and is known to others of the workspace. Keys
 * are the caller's (market and address). The file is replaced as a whole; a file that is missing or damaged is no knowledge.
 */
export class LimiterMemory {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Record<string, LimiterState>> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return statesIn(text);
  }

  /** Puts one state into the file; those of other keys stay. Rejects with the error of the file system. */
  write(key: string, state: LimiterState): Promise<void> {
    const done = this.#writing.then(() => this.#replace(key, state));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #replace(key: string, state: LimiterState): Promise<void> {
    const states = await this.read();
    states[key] = state;
    await replaceFile(this.#path, `${JSON.stringify({ version: 1, limiters: states })}\n`);
  }
}

function statesIn(text: string): Record<string, LimiterState> {
  const states: Record<string, LimiterState> = {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Torn or empty: what it held was caution for minutes, so nothing is lost by going on.
    return states;
  }
  const limiters = isObject(json) && json.version === 1 && isObject(json.limiters) ? json.limiters : {};
  for (const [key, value] of Object.entries(limiters)) if (isState(value)) states[key] = value;
  return states;
}

function isState(value: unknown): value is LimiterState {
  if (!isObject(value)) return false;
  const { blockedUntil, blockCause, minute, used, clockOffsetMs } = value;
  return (
    (blockedUntil === null || Number.isFinite(blockedUntil)) &&
    (blockCause === undefined || isBlockCause(blockCause)) &&
    Number.isFinite(minute) &&
    Number.isFinite(used) &&
    (used as number) >= 0 &&
    Number.isFinite(clockOffsetMs)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
