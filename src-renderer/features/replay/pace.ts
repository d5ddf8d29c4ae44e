import type { ReplayPace } from '@shared/contract';
import { type Interval, intervalSeconds } from '@shared/market';

/** Slowest and fastest finite pace, in candles per second. */
export const PACE_MIN = 0.5;
export const PACE_MAX = 10_000;
/**
 * Places of the slider; the last one means `max`, the one before it the fastest finite pace. A place is 11 % faster than the
 * one before, which two significant digits can always tell apart.
 */
export const PACE_PLACES = 96;

/** Stops of the `+` and `−` keys. */
const LADDER: readonly ReplayPace[] = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 'max'];

/** Pace of a slider place: logarithmic, in two significant digits. */
export function paceAt(place: number): ReplayPace {
  if (place >= PACE_PLACES) return 'max';
  const share = Math.max(0, place) / (PACE_PLACES - 1);
  return Number((PACE_MIN * (PACE_MAX / PACE_MIN) ** share).toPrecision(2));
}

/** Place of a pace on the slider, the inverse of `paceAt` up to its rounding. */
export function placeOf(pace: ReplayPace): number {
  if (pace === 'max') return PACE_PLACES;
  const clamped = Math.min(PACE_MAX, Math.max(PACE_MIN, pace));
  return Math.round((Math.log(clamped / PACE_MIN) / Math.log(PACE_MAX / PACE_MIN)) * (PACE_PLACES - 1));
}

/** The next stop of the ladder in a direction; stays at its ends. */
export function nextPace(pace: ReplayPace, direction: 1 | -1): ReplayPace {
  const speed = (each: ReplayPace) => (each === 'max' ? Number.POSITIVE_INFINITY : each);
  const current = speed(pace);
  if (direction === 1) return LADDER.find((stop) => speed(stop) > current) ?? 'max';
  const slower = LADDER.filter((stop) => speed(stop) < current);
  return slower[slower.length - 1] ?? PACE_MIN;
}

const SHORT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** A number in at most three significant digits: `0.5`, `120`, `14.2 k`, `1.2 M`. */
export function shortNumber(value: number): string {
  if (value >= 999_500) return `${SHORT.format(value / 1e6)} M`;
  if (value >= 9_995) return `${SHORT.format(value / 1e3)} k`;
  return SHORT.format(value);
}

/** Candles per second: `2 bars/s`, `max`. */
export function paceInBars(pace: ReplayPace): string {
  return pace === 'max' ? 'max' : `${shortNumber(pace)} bars/s`;
}

/** Multiple of market time: `120×`. */
export function paceInTime(barsPerSecond: number, interval: Interval): string {
  return `${shortNumber(barsPerSecond * intervalSeconds(interval))}×`;
}
