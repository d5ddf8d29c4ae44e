import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@shared/contract';

/**
 * Tries by failure. A database that goes is back within seconds, by its watch or by the next start; one that has just started looks
 * into all of its tables, holds some five files of each (20,000 of 4,000 tables) and lets go of them after some seconds.
 */
const TRIES: Partial<Record<AppError['code'], number>> = {
  'questdb.connection_lost': 6,
  'questdb.not_running': 6,
  'questdb.file_limit': 15,
};
const PAUSE_MS = 1_000;

/**
 * Does what needs the database just after it answered, and again when it went meanwhile (it was killed, or its watchdog was about
 * to end it because the only program that used it had been) or was too busy with its start. Whatever else fails, fails at once.
 */
export async function despiteRestarts<T>(
  work: () => Promise<T>,
  signal?: AbortSignal,
  pause: (ms: number) => Promise<void> = (ms) => delay(ms, undefined, signal ? { signal } : {}),
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried >= triesAfter(error) || signal?.aborted) throw error;
      await pause(PAUSE_MS);
    }
  }
}

function triesAfter(error: unknown): number {
  return (error instanceof AppError && TRIES[error.code]) || 1;
}
