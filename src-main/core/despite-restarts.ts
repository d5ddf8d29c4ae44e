import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@shared/contract';

/** A database that goes is back within seconds, by its watch or by the next start. */
const TRIES = 6;
const PAUSE_MS = 1_000;

/**
 * Does what needs the database just after it answered, and again when it went meanwhile: it was killed, or its watchdog was about
 * to end it because the only program that used it had been. Whatever else fails, fails at once.
 */
export async function despiteRestarts<T>(
  work: () => Promise<T>,
  signal?: AbortSignal,
  pause: (ms: number) => Promise<void> = (ms) => delay(ms, undefined, signal ? { signal } : {}),
): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1 || signal?.aborted || !isGone(error)) throw error;
      await pause(PAUSE_MS);
    }
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof AppError && (error.code === 'questdb.connection_lost' || error.code === 'questdb.not_running')
  );
}
