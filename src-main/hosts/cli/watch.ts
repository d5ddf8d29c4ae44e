import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '@shared/contract';
import { formatTime } from '@shared/market';
import { usage } from './usage';

const DEFAULT_SECONDS = 2;
const MOST_SECONDS = 86_400;
/** A database that comes back after a crash takes some looks; one that stays away ends the watch. */
const MOST_FAILED_LOOKS = 20;

interface WatchOptions {
  everyMs: number;
  json: boolean;
  print: (text: string) => void;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
}

/**
 * Prints what `look` gives, and again whenever it gives something else, until Ctrl+C; `look` resolves with null when it has nothing new to
 * tell. A database that is away is waited for; other failures, and the first look's, reject.
 */
export async function watch(
  { everyMs, json, print, signal }: WatchOptions,
  look: () => Promise<string | null>,
): Promise<void> {
  let shown: string | null = null;
  let failed = 0;
  while (!signal.aborted) {
    try {
      const text = await look();
      failed = 0;
      if (text !== null && text !== shown) {
        print(json || shown === null ? text : `\n${formatTime(Math.floor(Date.now() / 1000) * 1000)} UTC\n${text}`);
        shown = text;
      }
    } catch (error) {
      // Ended in the middle of a look, which is no work that is lost; before the first result it is.
      if (signal.aborted && shown !== null) return;
      const isAway = error instanceof AppError && error.code.startsWith('questdb.');
      if (!isAway || shown === null || ++failed > MOST_FAILED_LOOKS) throw error;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** `--watch` alone as `--watch=2`, and `--watch 5` as `--watch=5`: parsers of flags know no optional values. */
export function withWatchSeconds(args: readonly string[]): string[] {
  const read: string[] = [];
  for (let at = 0; at < args.length; at++) {
    if (args[at] !== '--watch') read.push(args[at]!);
    else if (/^\d/.test(args[at + 1] ?? '')) read.push(`--watch=${args[++at]}`);
    else read.push(`--watch=${DEFAULT_SECONDS}`);
  }
  return read;
}

/** Milliseconds between two looks; null without `--watch`. */
export function readWatch(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 1 && seconds <= MOST_SECONDS))
    throw usage(
      `--watch is "${text}"; accepted is a number of seconds from 1 to 86400, or nothing for ${DEFAULT_SECONDS}.`,
    );
  return seconds * 1_000;
}
