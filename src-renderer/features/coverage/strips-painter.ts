import { gridOf, intervalMs, type Range, type Verdict } from '@shared/market';
import { AxisPainter } from './axis-painter';
import { paintNow, paintOutageBands, paintOutageNames, paintWaiting } from './overlay-painter';
import { NOTCH, RunsPainter } from './runs-painter';
import { createStripReducer, type StripReducer } from './strip-runs';
import { stripes } from './stripes';
import type { StripsPalette } from './strips-palette';
import {
  ROW_HEIGHT,
  rowTop,
  STRIP_HEIGHT,
  STRIP_TOP,
  type StripRow,
  type StripsScene,
  visibleRows,
} from './strips-scene';
import { TextWidths } from './text-widths';
import { rangeOf, xOf } from './time-view';

/** Bars at least this wide are told apart. */
const BAR_WIDTH = 6;
const NO_RANGES: readonly Range[] = [];

/**
 * Draws a scene into a canvas. Keeps what is expensive to make again, and what would be garbage of every frame: a collection takes longer
 * than a frame may.
 */
export class StripsPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #runs: RunsPainter;
  readonly #axis: AxisPainter;
  readonly #widths = new TextWidths();
  /** Where the row that is being drawn stands. */
  readonly #place = { x: 0, y: 0, height: STRIP_HEIGHT, ratio: 1 };
  #palette: StripsPalette;
  #reducer: StripReducer | null = null;
  #columns = 0;

  constructor(context: CanvasRenderingContext2D, palette: StripsPalette) {
    this.#context = context;
    this.#palette = palette;
    this.#runs = new RunsPainter(palette);
    this.#axis = new AxisPainter(context, palette, this.#widths);
  }

  setPalette(palette: StripsPalette): void {
    this.#palette = palette;
    this.#runs.setPalette(palette);
    this.#axis.setPalette(palette);
  }

  /** After fonts have come: what was measured before was another's. */
  forgetWidths(): void {
    this.#widths.forget();
  }

  paint(scene: StripsScene): void {
    const context = this.#context;
    const palette = this.#palette;
    context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
    context.fillStyle = palette.bg;
    context.fillRect(0, 0, scene.width, scene.height);
    const { first, last } = visibleRows(scene.rows.length, scene.height, scene.scrollTop);
    for (let i = first; i < last; i++) this.#paintRowGround(scene, i);
    paintOutageBands(context, scene, palette);
    this.#axis.paintGridLines(scene);
    const reducer = this.#reducerFor(Math.max(1, Math.round(scene.width * scene.ratio)));
    const shown = rangeOf(scene.view);
    this.#place.x = -this.#offset(scene);
    this.#place.ratio = scene.ratio;
    for (let i = first; i < last; i++) {
      this.#place.y = rowTop(scene, i) + STRIP_TOP;
      this.#paintRow(scene, scene.rows[i]!, shown, reducer);
    }
    for (let i = first; i < last; i++) this.#paintSelection(scene, scene.rows[i]!, rowTop(scene, i));
    this.#resetTransform(scene);
    this.#axis.paintLabels(scene);
    paintOutageNames(context, scene, palette, this.#widths);
    paintNow(context, scene, palette);
    this.#axis.paintMarks(scene);
  }

  #reducerFor(columns: number): StripReducer {
    if (!this.#reducer || this.#columns !== columns) {
      this.#reducer = createStripReducer(columns);
      this.#columns = columns;
    }
    return this.#reducer;
  }

  #resetTransform(scene: StripsScene): void {
    this.#context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
  }

  #paintRowGround(scene: StripsScene, index: number): void {
    const context = this.#context;
    const top = rowTop(scene, index);
    const row = scene.rows[index]!;
    if (scene.selectedKeys.has(row.key)) {
      context.fillStyle = this.#palette.sel;
      context.fillRect(0, top, scene.width, ROW_HEIGHT - 1);
    } else if (scene.hover?.row === index) {
      context.fillStyle = this.#palette.raise;
      context.globalAlpha = 0.5;
      context.fillRect(0, top, scene.width, ROW_HEIGHT - 1);
      context.globalAlpha = 1;
    }
    context.fillStyle = this.#palette.line;
    context.fillRect(0, top + ROW_HEIGHT - 1, scene.width, 1);
  }

  #paintRow(scene: StripsScene, row: StripRow, shown: Range, reducer: StripReducer): void {
    const { y } = this.#place;
    if (!row.spans || row.spans.count === 0) {
      if (row.spans) this.#paintUnknown(scene, y);
      else this.#paintUnread(scene, y);
      return;
    }
    if (row.listedAt !== null && row.listedAt <= row.extent.from && row.extent.from > shown.from)
      this.#mark(scene, 'not_listed_yet', 0, Math.min(scene.width, xOf(scene.view, row.extent.from)) - 2, y);
    const runs = reducer.reduce(row.spans, shown.from, scene.view.msPerPx / scene.ratio);
    this.#anchorPatterns(scene);
    this.#runs.paint(this.#context, runs, this.#place);
    this.#resetTransform(scene);
    this.#paintBars(scene, row, shown, y);
    for (const range of scene.waiting.get(row.key) ?? NO_RANGES)
      paintWaiting(this.#context, scene, range, y, this.#palette);
    for (const range of scene.active.get(row.key) ?? NO_RANGES) {
      const x = Math.max(0, xOf(scene.view, range.from));
      const right = Math.min(scene.width, xOf(scene.view, range.to));
      if (right > 0 && x < scene.width) this.#paintStripes(scene, x, Math.max(3, right - x), y);
    }
  }

  /** Hatches stick to the time they mark instead of swimming when the view is panned. */
  #anchorPatterns(scene: StripsScene): void {
    const { ratio } = scene;
    this.#context.setTransform(ratio, 0, 0, ratio, -this.#place.x * ratio, 0);
  }

  #offset(scene: StripsScene): number {
    const x = -scene.view.from / scene.view.msPerPx;
    return Math.round((x - Math.floor(x / 8) * 8) * scene.ratio) / scene.ratio;
  }

  #mark(scene: StripsScene, verdict: Verdict, x: number, width: number, y: number): void {
    this.#runs.mark(this.#context, verdict, { x, y, width, height: STRIP_HEIGHT }, scene.ratio);
  }

  /** Near enough to see candles: cuts between neighbouring bars. */
  #paintBars(scene: StripsScene, row: StripRow, shown: Range, y: number): void {
    if (intervalMs(row.interval) / scene.view.msPerPx < BAR_WIDTH) return;
    const grid = gridOf(row.interval);
    const context = this.#context;
    context.fillStyle = this.#palette.bg;
    const from = Math.max(shown.from, row.extent.from);
    const to = Math.min(shown.to, row.extent.to);
    for (let i = grid.indexOf(from) + 1; grid.openAt(i) < to; i++) {
      const x = Math.round(xOf(scene.view, grid.openAt(i)) * scene.ratio) / scene.ratio;
      context.fillRect(x - 0.5, y, 1, STRIP_HEIGHT);
    }
  }

  #paintUnread(scene: StripsScene, y: number): void {
    const context = this.#context;
    const right = Math.min(scene.width, xOf(scene.view, scene.now));
    context.fillStyle = this.#palette.raise;
    if (right > 0) context.fillRect(0, y, right, STRIP_HEIGHT);
  }

  /** Nothing is stored and nothing was ever asked: dotted up to now. */
  #paintUnknown(scene: StripsScene, y: number): void {
    const right = Math.min(scene.width + 2, xOf(scene.view, scene.now));
    if (right > 0) this.#mark(scene, 'not_asked', -1, right + 1, y);
  }

  #paintStripes(scene: StripsScene, x: number, width: number, y: number): void {
    const context = this.#context;
    context.fillStyle = this.#palette.bg;
    context.fillRect(x, y, width, STRIP_HEIGHT);
    context.fillStyle = stripes(context, this.#palette.present, this.#palette.live, scene.ratio, scene.stripePhase);
    context.fillRect(x, y, width, STRIP_HEIGHT);
  }

  #paintSelection(scene: StripsScene, row: StripRow, top: number): void {
    if (!scene.selectedRange || !scene.selectedKeys.has(row.key)) return;
    const context = this.#context;
    const left = xOf(scene.view, scene.selectedRange.from);
    const right = xOf(scene.view, scene.selectedRange.to);
    if (right < -8 || left > scene.width + 8) return;
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = 1.5;
    if (scene.selectionIsBand) {
      context.fillStyle = this.#palette.sel;
      context.fillRect(left, top, right - left, ROW_HEIGHT - 1);
      context.beginPath();
      context.moveTo(left, top);
      context.lineTo(left, top + ROW_HEIGHT);
      context.moveTo(right, top);
      context.lineTo(right, top + ROW_HEIGHT);
      context.stroke();
      return;
    }
    const pad = Math.max(3, (9 - (right - left)) / 2);
    context.beginPath();
    context.roundRect(left - pad, top + STRIP_TOP - NOTCH - 3, right - left + 2 * pad, STRIP_HEIGHT + NOTCH + 6, 3);
    context.stroke();
  }
}
