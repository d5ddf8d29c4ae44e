import type { Interval, Range } from '@shared/market';
import type { SpanColumns } from '../../client';
import type { OutageBand } from './outage-bands';
import type { TimeView } from './time-view';

/** Height of a row and of the axis above the rows, and where the strip lies inside its row, in CSS pixels. */
export const ROW_HEIGHT = 31;
export const AXIS_HEIGHT = 32;
export const STRIP_TOP = 9;
export const STRIP_HEIGHT = 15;

export interface StripRow {
  readonly key: string;
  readonly interval: Interval;
  /** null while coverage is being read. */
  readonly spans: SpanColumns | null;
  /** What the spans cover; empty for a series of which nothing is known. */
  readonly extent: Range;
  /** Open of the exchange's first candle, once known. */
  readonly listedAt: number | null;
}

/** Everything that one frame shows. */
export interface StripsScene {
  view: TimeView;
  /** CSS pixels of the canvas. */
  width: number;
  height: number;
  ratio: number;
  scrollTop: number;
  rows: readonly StripRow[];
  selectedKeys: ReadonlySet<string>;
  /** Outlined on the selected rows: a span or a range. */
  selectedRange: Range | null;
  /** A range is shown as a band, a span as a frame around its mark. */
  selectionIsBand: boolean;
  hover: { x: number; row: number } | null;
  /** Ranges under way, by series. */
  active: ReadonlyMap<string, readonly Range[]>;
  /** Ranges that wait for their turn in a job, by series. */
  waiting: ReadonlyMap<string, readonly Range[]>;
  /** Stops of the exchange that the rows on screen show. */
  outages: readonly OutageBand[];
  /** Offset of the moving stripes in CSS pixels. */
  stripePhase: number;
  playhead: number | null;
  /** What the chart below shows; marked on the axis. */
  charted: Range | null;
  now: number;
}

export function rowTop(scene: { scrollTop: number }, index: number): number {
  return AXIS_HEIGHT + index * ROW_HEIGHT - scene.scrollTop;
}

/** Index of the row under `y`; may lie outside of the list. -1 on the axis. */
export function rowAt(scene: { scrollTop: number }, y: number): number {
  return y < AXIS_HEIGHT ? -1 : Math.floor((y - AXIS_HEIGHT + scene.scrollTop) / ROW_HEIGHT);
}

/** Rows that a viewport of `height` shows at `scrollTop`: `[first, last)`. */
export function visibleRows(rows: number, height: number, scrollTop: number): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / ROW_HEIGHT));
  const last = Math.min(rows, Math.ceil((scrollTop + Math.max(0, height - AXIS_HEIGHT)) / ROW_HEIGHT));
  return { first: Math.min(first, rows), last };
}

export function maxScroll(rows: number, height: number): number {
  return Math.max(0, rows * ROW_HEIGHT - Math.max(0, height - AXIS_HEIGHT));
}
