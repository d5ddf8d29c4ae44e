const COUNT = new Intl.NumberFormat('en-US');
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,440` */
export function formatCount(n: number): string {
  return COUNT.format(n);
}

/** `47.3 M`, `512 k`; whole below ten thousand. */
export function formatCompact(n: number): string {
  if (Math.abs(n) < 10_000) return COUNT.format(Math.round(n));
  return SHORT.format(n).replace(/([KMBT])$/, (_, unit: string) => ` ${unit === 'K' ? 'k' : unit}`);
}

/** `1,440 bars`, `1 bar`; of trades `1,440 minutes` */
export function formatBars(n: number, word: 'bar' | 'minute' = 'bar'): string {
  return formatAmount(n, word);
}

/** `2 gaps`: a count with its word, which gets an s but for one. */
export function formatAmount(n: number, word: string): string {
  return `${formatCount(n)} ${word}${n === 1 ? '' : 's'}`;
}

/** `71 KB`, `4.1 MB`, in powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min` */
export function formatDuration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 9.95) return `${Math.max(0.1, Math.round(seconds * 10) / 10)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return withRest(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return withRest(Math.floor(minutes / 1_440), 'd', Math.round((minutes % 1_440) / 60), 'h');
}

function withRest(value: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${value} ${unit}` : `${value} ${unit} ${rest} ${restUnit}`;
}

/** `97.3 %`; never rounded up to a hundred. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part >= whole) return '100 %';
  return `${(Math.floor((part / whole) * 1_000) / 10).toFixed(1)} %`;
}
