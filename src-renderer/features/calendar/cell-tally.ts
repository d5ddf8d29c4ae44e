import { countBars, gridOf, type Interval, intervalMs, threeDayPhaseOf, VERDICTS } from '@shared/market';
import { firstEndingAfter, isGapCode, PRESENT, type SpanColumns, VERDICT_WEIGHT } from '../../client';

/** A cell of which nothing is known. */
export const UNKNOWN = 255;

/** Bars of a cell by what they mean to a person. */
export interface CellBars {
  present: number;
  explained: number;
  notAsked: number;
  /** Unexplained, or a fetch that failed. */
  alarming: number;
}

/** Equal cells of time (days, minutes) with the worst that happened in each, and its bars. */
export interface CellTally {
  readonly from: number;
  readonly cellMs: number;
  readonly cells: number;
  /** Code of the heaviest verdict, or `UNKNOWN`. */
  readonly worst: Uint8Array;
  readonly bars: Readonly<Record<keyof CellBars, Float64Array>>;
}

export function createTally(from: number, cellMs: number, cells: number): CellTally {
  const column = () => new Float64Array(cells);
  return {
    from,
    cellMs,
    cells,
    worst: new Uint8Array(cells).fill(UNKNOWN),
    bars: { present: column(), explained: column(), notAsked: column(), alarming: column() },
  };
}

/** Adds one series. A bar counts in the cell in which it opens, and marks all cells that it lasts through. */
export function addSeries(tally: CellTally, spans: SpanColumns, interval: Interval): void {
  if (spans.count === 0) return;
  const { from, cellMs, cells, worst } = tally;
  const end = from + cells * cellMs;
  const step = intervalMs(interval);
  const grid = gridOf(interval, interval === '3d' ? threeDayPhaseOf(spans.from[0]!) : undefined);
  for (let i = firstEndingAfter(spans, from); i < spans.count && spans.from[i]! < end; i++) {
    const code = spans.verdict[i]!;
    const weight = VERDICT_WEIGHT[code]!;
    const column = columnOf(tally, code);
    const start = Math.max(from, spans.from[i]!);
    const stop = Math.min(end, spans.to[i]!);
    const last = Math.ceil((stop - from) / cellMs) - 1;
    for (let cell = Math.floor((start - from) / cellMs); cell <= last; cell++) {
      if (worst[cell] === UNKNOWN || weight > VERDICT_WEIGHT[worst[cell]!]!) worst[cell] = code;
      if (!column) continue;
      const a = Math.max(start, from + cell * cellMs);
      const b = Math.min(stop, from + (cell + 1) * cellMs);
      column[cell]! += step <= cellMs ? (b - a) / step : countBars(grid, { from: a, to: b });
    }
  }
}

function columnOf({ bars }: CellTally, code: number): Float64Array | null {
  if (code === PRESENT) return bars.present;
  if (!isGapCode(code)) return null;
  const verdict = VERDICTS[code];
  if (verdict === 'not_asked') return bars.notAsked;
  return verdict === 'unexplained' || verdict === 'fetch_failed' ? bars.alarming : bars.explained;
}

/** Bars of the cells `[first, last)`. */
export function sumBars({ bars }: CellTally, first: number, last: number): CellBars {
  const sum = { present: 0, explained: 0, notAsked: 0, alarming: 0 };
  for (const name of Object.keys(sum) as (keyof CellBars)[])
    for (let cell = first; cell < last; cell++) sum[name] += bars[name][cell]!;
  return sum;
}

/** The next cell in a direction that holds a gap (with `alarmsOnly` one that alarms), or -1. */
export function nextGapCell({ worst, bars, cells }: CellTally, at: number, step: 1 | -1, alarmsOnly: boolean): number {
  for (let cell = at + step; cell >= 0 && cell < cells; cell += step) {
    const code = worst[cell]!;
    if (alarmsOnly ? bars.alarming[cell]! > 0 : code !== UNKNOWN && isGapCode(code)) return cell;
  }
  return -1;
}
