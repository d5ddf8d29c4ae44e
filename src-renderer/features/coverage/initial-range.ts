import type { Range } from '@shared/market';

const MARGIN = 0.04;
/** Shorter than this, a first look shows too little around. */
const SHORTEST_MS = 86_400_000;

/**
 * What the strips show first: the time in which at least half of the series have something stored, up to now. Null when nothing
 * is stored anywhere; then all time is as good. `firsts` are the opens of each series' first stored candle.
 */
export function initialRange(firsts: readonly number[], now: number): Range | null {
  if (firsts.length === 0) return null;
  const sorted = [...firsts].sort((a, b) => a - b);
  const begun = sorted[Math.ceil(sorted.length / 2) - 1]!;
  const length = Math.max(SHORTEST_MS, now - begun);
  return { from: now - length * (1 + MARGIN), to: now + length * MARGIN };
}
