import { type Range, VERDICTS } from '@shared/market';
import { MONO } from '../../charts';
import { createStripReducer, RunsPainter, type StripReducer, type StripsPalette } from '../coverage';
import { cellLeft, type MatrixLayout, NUMBER_PAD } from './matrix-layout';
import type { MatrixCell, MatrixLine } from './matrix-model';
import { type CellNumber, cellNumber } from './matrix-words';
import { type Tally, tallyOf } from './tally';

const FONT = `12px ${MONO}`;
/** Rows kept beside those on screen, so that scrolling back and forth draws nothing anew. */
const SPARE = 24;
const NOT_ASKED = VERDICTS.indexOf('not_asked');

/** What the pictures of all rows depend on. */
export interface RowsLook {
  readonly layout: MatrixLayout;
  readonly ratio: number;
  readonly extent: Range;
}

interface Bitmap {
  readonly canvas: OffscreenCanvas;
  readonly pen: OffscreenCanvasRenderingContext2D;
  line: MatrixLine;
  version: number;
}

/**
 * Pictures of rows: strips and numbers on a transparent ground. A row is drawn when it comes into sight or when one of its own
 * series has changed; scrolling only moves pictures. Canvases are used again, so memory stays flat.
 */
export class RowBitmaps {
  readonly #bitmaps = new Map<string, Bitmap>();
  readonly #runs: RunsPainter;
  #palette: StripsPalette;
  #look: RowsLook | null = null;
  #reducer: StripReducer | null = null;
  #version = 0;

  constructor(palette: StripsPalette) {
    this.#palette = palette;
    this.#runs = new RunsPainter(palette);
  }

  setPalette(palette: StripsPalette): void {
    this.#palette = palette;
    this.#runs.setPalette(palette);
    this.#version++;
  }

  /** Fonts have come: texts are drawn anew. */
  redraw(): void {
    this.#version++;
  }

  /** Must be called before the rows of a frame; a changed look draws all of them anew. */
  prepare(look: RowsLook): void {
    const before = this.#look;
    if (
      before &&
      before.layout === look.layout &&
      before.ratio === look.ratio &&
      before.extent.from === look.extent.from &&
      before.extent.to === look.extent.to
    )
      return;
    if (!before || before.layout !== look.layout || before.ratio !== look.ratio) this.#bitmaps.clear();
    this.#look = look;
    this.#reducer = createStripReducer(Math.max(1, Math.round(look.layout.strip.width * look.ratio)));
    this.#version++;
  }

  /** The picture of a line as it is now; null when it would have to be drawn and `mayDraw` is false. */
  get(line: MatrixLine, onScreen: number, mayDraw: boolean): OffscreenCanvas | null {
    const known = this.#bitmaps.get(line.id);
    if (known && known.version === this.#version && isSame(known.line, line)) {
      // Last in the order of insertion: the longest unused is the first to go.
      this.#bitmaps.delete(line.id);
      this.#bitmaps.set(line.id, known);
      return known.canvas;
    }
    if (!mayDraw) return known?.canvas ?? null;
    const bitmap = known ?? this.#take(onScreen + SPARE);
    if (!bitmap) return null;
    this.#bitmaps.delete(line.id);
    this.#bitmaps.set(line.id, bitmap);
    bitmap.line = line;
    bitmap.version = this.#version;
    this.#draw(bitmap.pen, line);
    return bitmap.canvas;
  }

  #take(most: number): Bitmap | null {
    const oldest = this.#bitmaps.size >= most ? this.#bitmaps.entries().next().value : undefined;
    if (oldest) {
      this.#bitmaps.delete(oldest[0]);
      return oldest[1];
    }
    const { layout, ratio } = this.#look!;
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(layout.contentWidth * ratio)),
      Math.round(layout.rowHeight * ratio),
    );
    const pen = canvas.getContext('2d');
    return pen && { canvas, pen, line: { kind: 'row' } as MatrixLine, version: -1 };
  }

  #draw(pen: OffscreenCanvasRenderingContext2D, line: MatrixLine): void {
    const { layout, ratio } = this.#look!;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, layout.contentWidth, layout.rowHeight);
    for (let column = 0; column < layout.columns; column++) {
      const left = cellLeft(layout, column);
      if (line.kind === 'row') this.#drawCell(pen, line.row.cells[column]!, left);
      const tally = line.kind === 'row' ? tallyOf(line.row.cells[column]!) : line.group.tallies[column]!;
      this.#drawNumber(pen, cellNumber(tally), cellLeft(layout, column + 1) - NUMBER_PAD, line.kind === 'group');
    }
  }

  #drawCell(pen: OffscreenCanvasRenderingContext2D, cell: MatrixCell, left: number): void {
    if (!cell.summary) return;
    const { layout, ratio, extent } = this.#look!;
    const { strip } = layout;
    const x = left + strip.x;
    if (!cell.page) {
      pen.fillStyle = this.#palette.raise;
      pen.fillRect(x, strip.y, strip.width, strip.height);
      return;
    }
    const spans = cell.page.columns;
    if (spans.count === 0) {
      this.#runs.mark(pen, 'not_asked', { x, y: strip.y, width: strip.width, height: strip.height }, ratio);
      return;
    }
    const columns = Math.max(1, Math.round(strip.width * ratio));
    const msPerColumn = (extent.to - extent.from) / columns;
    const { listedAt } = cell.summary;
    const known = cell.page.range.from;
    const width = Math.floor((known - extent.from) / msPerColumn / ratio) - 1;
    // Before the listing nothing can be missing, and the strip says so instead of being blank.
    if (listedAt !== null && listedAt <= known && width > 0 && spans.verdict[0] !== NOT_ASKED)
      this.#runs.mark(pen, 'not_listed_yet', { x, y: strip.y, width, height: strip.height }, ratio);
    const runs = this.#reducer!.reduce(spans, extent.from, msPerColumn);
    this.#runs.paint(pen, runs, { x, y: strip.y, height: strip.height, ratio });
  }

  #drawNumber(
    pen: OffscreenCanvasRenderingContext2D,
    number: CellNumber | null,
    right: number,
    isTotal: boolean,
  ): void {
    if (!number) return;
    const { numberBaseline, rowHeight } = this.#look!.layout;
    // A group has no strips, so its numbers stand in the middle.
    const baseline = isTotal ? Math.round(rowHeight / 2) + 4 : numberBaseline;
    const loud = number.tone === 'alarm';
    pen.font = `${loud || isTotal ? 600 : 400} ${FONT}`;
    pen.textAlign = 'right';
    pen.textBaseline = 'alphabetic';
    pen.fillStyle = loud ? this.#palette.alarm : this.#palette.faint;
    pen.fillText(number.text, right, baseline);
    if (number.tone !== 'quiet') return;
    // As in the strips' list: a dotted box tells what was not asked for from what is missing.
    const width = pen.measureText(number.text).width;
    pen.strokeStyle = this.#palette.dim;
    pen.lineWidth = 1;
    pen.setLineDash([1, 1.5]);
    pen.strokeRect(Math.round(right - width - 14) + 0.5, baseline - 7.5, 8, 7);
    pen.setLineDash([]);
  }
}

function isSame(a: MatrixLine, b: MatrixLine): boolean {
  if (a === b) return true;
  if (a.kind === 'row' && b.kind === 'row') {
    const others = b.row.cells;
    return a.row.cells.every((cell, i) => {
      const other = others[i];
      return cell.page === other?.page && (cell.summary === null) === (other.summary === null);
    });
  }
  if (a.kind === 'group' && b.kind === 'group')
    return a.group.tallies.every((tally, i) => looksSame(tally, b.group.tallies[i]!));
  return false;
}

function looksSame(a: Tally, b: Tally): boolean {
  return a.alarming === b.alarming && a.notAsked === b.notAsked && a.unread === b.unread && a.series === b.series;
}
