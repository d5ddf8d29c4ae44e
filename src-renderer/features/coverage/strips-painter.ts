import { gridOf, intervalMs, VERDICTS } from '@shared/market';
import { drawVerdictMark, PatternCache } from '../../charts';
import { PRESENT } from '../../client';
import { paintAxis, paintCharted, paintGridLines, paintMoment } from './axis-painter';
import { axisTicks } from './axis-ticks';
import { createStripReducer, NOTHING, type StripReducer, type StripRuns } from './strip-runs';
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
import { rangeOf, xOf } from './time-view';

/** Bars at least this wide are told apart. */
const BAR_WIDTH = 6;
const NOTCH = 4;
/** How dark a cut is in a column of which almost nothing is missing. */
const FAINTEST_CUT = 0.45;

/** Draws a scene into a canvas. Keeps only what is expensive to make again: patterns and the reducer's columns. */
export class StripsPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #patterns = new PatternCache();
  #palette: StripsPalette;
  #reducer: StripReducer | null = null;
  #columns = 0;

  constructor(context: CanvasRenderingContext2D, palette: StripsPalette) {
    this.#context = context;
    this.#palette = palette;
  }

  setPalette(palette: StripsPalette): void {
    this.#palette = palette;
    this.#patterns.clear();
  }

  paint(scene: StripsScene): void {
    const context = this.#context;
    const palette = this.#palette;
    context.setTransform(scene.ratio, 0, 0, scene.ratio, 0, 0);
    context.fillStyle = palette.bg;
    context.fillRect(0, 0, scene.width, scene.height);
    const ticks = axisTicks(scene.view);
    const { first, last } = visibleRows(scene.rows.length, scene.height, scene.scrollTop);
    for (let i = first; i < last; i++) this.#paintRowGround(scene, i);
    paintGridLines(context, scene, ticks, palette);
    const reducer = this.#reducerFor(Math.max(1, Math.round(scene.width * scene.ratio)));
    for (let i = first; i < last; i++) this.#paintRow(scene, scene.rows[i]!, rowTop(scene, i) + STRIP_TOP, reducer);
    for (let i = first; i < last; i++) this.#paintSelection(scene, scene.rows[i]!, rowTop(scene, i));
    this.#resetTransform(scene);
    paintAxis(context, scene, ticks, palette);
    if (scene.charted) paintCharted(context, scene, scene.charted, palette);
    if (scene.playhead !== null) paintMoment(context, scene, xOf(scene.view, scene.playhead), palette, 'playhead');
    if (scene.hover) paintMoment(context, scene, scene.hover.x, palette, 'hover');
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

  #paintRow(scene: StripsScene, row: StripRow, y: number, reducer: StripReducer): void {
    if (!row.spans || row.spans.count === 0) {
      if (row.spans) this.#paintUnknown(scene, y);
      else this.#paintUnread(scene, y);
      return;
    }
    const shown = rangeOf(scene.view);
    if (row.listedAt !== null && row.listedAt <= row.extent.from && row.extent.from > shown.from)
      this.#mark(scene, 'not_listed_yet', 0, Math.min(scene.width, xOf(scene.view, row.extent.from)) - 2, y);
    const runs = reducer.reduce(row.spans, shown.from, scene.view.msPerPx / scene.ratio);
    this.#anchorPatterns(scene);
    const offset = this.#offset(scene);
    this.#paintRuns(scene, runs, y, offset, false);
    this.#paintRuns(scene, runs, y, offset, true);
    this.#resetTransform(scene);
    this.#paintBars(scene, row, y);
    for (const range of scene.active.get(row.key) ?? []) {
      const x = Math.max(0, xOf(scene.view, range.from));
      const right = Math.min(scene.width, xOf(scene.view, range.to));
      if (right > 0 && x < scene.width) this.#paintStripes(scene, x, Math.max(3, right - x), y);
    }
  }

  /** Hatches stick to the time they mark instead of swimming when the view is panned. */
  #anchorPatterns(scene: StripsScene): void {
    const { ratio } = scene;
    this.#context.setTransform(ratio, 0, 0, ratio, this.#offset(scene) * ratio, 0);
  }

  #offset(scene: StripsScene): number {
    const x = -scene.view.from / scene.view.msPerPx;
    return Math.round((x - Math.floor(x / 8) * 8) * scene.ratio) / scene.ratio;
  }

  #mark(scene: StripsScene, verdict: (typeof VERDICTS)[number], x: number, width: number, y: number): void {
    drawVerdictMark(
      this.#context,
      verdict,
      { x, y, width, height: STRIP_HEIGHT },
      this.#palette,
      this.#patterns,
      scene.ratio,
    );
  }

  #paintRuns(scene: StripsScene, runs: StripRuns, y: number, offset: number, alarms: boolean): void {
    for (let i = 0; i < runs.count; i++) {
      const code = runs.verdict[i]!;
      if (code === NOTHING) continue;
      const verdict = VERDICTS[code]!;
      const alarm = verdict === 'unexplained' || verdict === 'fetch_failed';
      if (alarm !== alarms) continue;
      const x = runs.start[i]! / scene.ratio - offset;
      const width = (runs.start[i + 1]! - runs.start[i]!) / scene.ratio;
      if (alarm) this.#paintAlarm(scene, verdict, x, width, y, runs.thin[i] === 1);
      else if (runs.thin[i] === 1) this.#paintThin(code, x, width, y, runs.share[i]! / 255);
      else this.#mark(scene, verdict, x, width, y);
      if (verdict === 'confirmed_absent' && width >= 26) this.#paintZero(x + width / 2, y);
    }
  }

  /**
   * Columns of spans narrower than a pixel: a cut over the whole height, the stronger the more is missing. What was never asked
   * for cuts dotted.
   */
  #paintThin(code: number, x: number, width: number, y: number, share: number): void {
    const context = this.#context;
    context.fillStyle = this.#palette.present;
    context.fillRect(x, y, width, STRIP_HEIGHT);
    if (code === PRESENT && share === 1) return;
    context.globalAlpha = FAINTEST_CUT + (1 - FAINTEST_CUT) * (1 - share);
    context.fillStyle = this.#palette.bg;
    context.fillRect(x, y, width, STRIP_HEIGHT);
    context.globalAlpha = 1;
    if (VERDICTS[code] !== 'not_asked') return;
    context.fillStyle = this.#palette.dim;
    for (let dot = 0; dot < STRIP_HEIGHT; dot += 4) context.fillRect(x, y + dot, width, 2);
  }

  #paintAlarm(
    scene: StripsScene,
    verdict: (typeof VERDICTS)[number],
    x: number,
    width: number,
    y: number,
    thin: boolean,
  ): void {
    if (!thin && width >= 4) {
      this.#mark(scene, verdict, x, width, y);
      return;
    }
    const context = this.#context;
    const wide = Math.max(2, width);
    context.fillStyle = this.#palette.bg;
    context.fillRect(x - 1, y, wide + 2, STRIP_HEIGHT);
    context.fillStyle = this.#palette.alarm;
    if (verdict === 'unexplained') {
      context.fillRect(x, y - NOTCH, wide, STRIP_HEIGHT + NOTCH);
      return;
    }
    // A failed fetch is a broken line: told from an unexplained gap by the notch it lacks and the break it has.
    context.fillRect(x, y, wide, 5);
    context.fillRect(x, y + STRIP_HEIGHT - 5, wide, 5);
  }

  #paintZero(x: number, y: number): void {
    const context = this.#context;
    context.font = '600 10px "JetBrains Mono Variable", monospace';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = this.#palette.bg;
    context.fillRect(x - 6, y + 1, 12, STRIP_HEIGHT - 2);
    context.fillStyle = this.#palette.dim;
    context.fillText('0', x, y + STRIP_HEIGHT / 2 + 0.5);
  }

  /** Near enough to see candles: cuts between neighbouring bars. */
  #paintBars(scene: StripsScene, row: StripRow, y: number): void {
    if (intervalMs(row.interval) / scene.view.msPerPx < BAR_WIDTH) return;
    const grid = gridOf(row.interval);
    const context = this.#context;
    context.fillStyle = this.#palette.bg;
    const shown = rangeOf(scene.view);
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
