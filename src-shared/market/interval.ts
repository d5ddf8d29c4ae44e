/** Candle lengths that Binance knows. Case matters: `1m` is a minute, `1M` a month. */
export const INTERVALS = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const;

export type Interval = (typeof INTERVALS)[number];

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const UNIT_MS: Record<string, number> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

export function isInterval(text: string): text is Interval {
  return (INTERVALS as readonly string[]).includes(text);
}

/** Length of one candle in milliseconds; for `1M` the nominal 30 days, since months differ. */
export function intervalMs(interval: Interval): number {
  if (interval === '1M') return 30 * DAY_MS;
  return Number.parseInt(interval, 10) * (UNIT_MS[interval.slice(-1)] ?? Number.NaN);
}

/** The `interval` column of candle tables and the interval of a QMTL stream: nominal seconds of one candle. */
export function intervalSeconds(interval: Interval): number {
  return intervalMs(interval) / SECOND_MS;
}

/** How the archives spell an interval: as the API does, but `1mo` for a month. */
export function archiveInterval(interval: Interval): string {
  return interval === '1M' ? '1mo' : interval;
}

/** The interval that is the distance of most neighbours among ascending times (ms); null when that is none of Binance's. */
export function intervalOfTimes(times: ArrayLike<number>): Interval | null {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const [commonest] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!commonest) return null;
  const [step] = commonest;
  if (step >= 28 * DAY_MS && step <= 31 * DAY_MS) return '1M';
  return INTERVALS.find((interval) => intervalMs(interval) === step) ?? null;
}
