/** One printed line of a measure, and one row of RESULTS.md. */
export interface Figure {
  /** What was measured, `backfill / floor`. */
  name: string;
  /** The figure with its unit and its noise. */
  value: string;
  /** What issue and design ask for; empty when the figure is only told. */
  goal: string;
  /** Null when there is no goal. */
  met: boolean | null;
}

export interface Measure {
  name: string;
  /** What is timed against what, in one or two sentences. */
  how: string;
  run(context: MeasureContext): Promise<Figure[]>;
}

export interface MeasureContext {
  /** Folder that is kept between runs, for things that are dear to make. */
  cache: string;
  /** Folder of this run, removed afterwards. */
  scratch: string;
  log(text: string): void;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which the share `part` (0 to 1) of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

/** `0.83 (0.79 to 0.88, n=3)`: median and extremes. */
export function withNoise(values: readonly number[], digits: number, unit = ''): string {
  const text = (value: number) => value.toFixed(digits);
  const noise = `${text(Math.min(...values))} to ${text(Math.max(...values))}, n=${values.length}`;
  return `${text(median(values))}${unit} (${noise})`;
}

export async function timed<T>(action: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await action();
  return { ms: performance.now() - start, result };
}
