import { type StripsPalette, stripes } from '../coverage';
import { cellLeft, visibleColumns, visibleLines } from './matrix-layout';
import type { MatrixLine } from './matrix-model';
import type { MatrixScene } from './matrix-scene';
import { RowBitmaps } from './row-bitmaps';

/** Rows that come into sight are drawn for so long; the rest of them in the next frame. */
const ROWS_BUDGET_MS = 4;

/** Draws a scene into the one canvas of all cells. */
export class MatrixPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #rows: RowBitmaps;
  #palette: StripsPalette;

  constructor(context: CanvasRenderingContext2D, palette: StripsPalette) {
    this.#context = context;
    this.#palette = palette;
    this.#rows = new RowBitmaps(palette);
  }

  setPalette(palette: StripsPalette): void {
    this.#palette = palette;
    this.#rows.setPalette(palette);
  }

  redrawTexts(): void {
    this.#rows.redraw();
  }

  /** False when some rows are still to be drawn: another frame is needed. */
  paint(scene: MatrixScene): boolean {
    const context = this.#context;
    const { ratio, layout } = scene;
    const { rowHeight } = layout;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = this.#palette.bg;
    context.fillRect(0, 0, scene.width, scene.height);
    const { first, last } = visibleLines(scene);
    for (let i = first; i < last; i++) this.#paintGround(scene, i);
    this.#paintColumnLines(scene, last);
    this.#rows.prepare({ layout, ratio, extent: scene.extent });
    const deadline = performance.now() + ROWS_BUDGET_MS;
    let isWhole = true;
    for (let i = first; i < last; i++) {
      const mayDraw = performance.now() < deadline;
      const picture = this.#rows.get(scene.model.lines[i]!, last - first, mayDraw);
      isWhole &&= mayDraw;
      if (!picture) continue;
      const y = i * rowHeight - scene.scrollTop;
      context.drawImage(picture, -scene.scrollLeft, y, layout.contentWidth, rowHeight);
    }
    if (scene.working.size > 0) for (let i = first; i < last; i++) this.#paintWork(scene, i);
    for (let i = first; i < last; i++) this.#paintSelectionEdge(scene, i);
    this.#paintLasso(scene);
    this.#paintActive(scene);
    return isWhole;
  }

  #paintGround(scene: MatrixScene, index: number): void {
    const context = this.#context;
    const { layout, hover } = scene;
    const top = index * layout.rowHeight - scene.scrollTop;
    const line = scene.model.lines[index]!;
    if (line.kind === 'group') {
      context.fillStyle = this.#palette.raise;
      context.fillRect(0, top, scene.width, layout.rowHeight);
    }
    if (hover?.line === index || hover?.line === -1) {
      const left = hover.column < 0 ? 0 : cellLeft(layout, hover.column) - scene.scrollLeft;
      const right = hover.column < 0 ? scene.width : cellLeft(layout, hover.column + 1) - scene.scrollLeft;
      context.fillStyle = this.#palette.hover;
      context.globalAlpha = 0.55;
      context.fillRect(left, top, right - left, layout.rowHeight - 1);
      context.globalAlpha = 1;
    }
    if (scene.selectedKeys.size > 0) {
      const { first, last } = visibleColumns(scene);
      context.fillStyle = this.#palette.sel;
      for (let column = first; column < last; column++) {
        if (!isSelected(scene, line, column)) continue;
        const left = cellLeft(layout, column);
        const width = cellLeft(layout, column + 1) - left;
        context.fillRect(left - scene.scrollLeft, top, width, layout.rowHeight - 1);
      }
    }
    context.fillStyle = this.#palette.line;
    context.fillRect(0, top + layout.rowHeight - 1, scene.width, 1);
  }

  #paintColumnLines(scene: MatrixScene, last: number): void {
    const context = this.#context;
    const { layout } = scene;
    const bottom = Math.min(scene.height, last * layout.rowHeight - scene.scrollTop);
    context.fillStyle = this.#palette.line;
    for (let column = 1; column < layout.columns; column++)
      context.fillRect(cellLeft(layout, column) - scene.scrollLeft - 1, 0, 1, bottom);
  }

  #paintWork(scene: MatrixScene, index: number): void {
    const line = scene.model.lines[index]!;
    if (line.kind === 'group') return;
    const { strip } = scene.layout;
    const msPerPx = (scene.extent.to - scene.extent.from) / strip.width;
    const y = index * scene.layout.rowHeight - scene.scrollTop + strip.y;
    const { first, last } = visibleColumns(scene);
    for (let column = first; column < last; column++) {
      const left = cellLeft(scene.layout, column) + strip.x - scene.scrollLeft;
      for (const range of scene.working.get(line.row.cells[column]!.key) ?? []) {
        const from = Math.min(strip.width - 3, Math.max(0, (range.from - scene.extent.from) / msPerPx));
        const to = Math.min(strip.width, (range.to - scene.extent.from) / msPerPx);
        this.#paintStripes(scene, left + from, y, Math.max(3, to - from), strip.height);
      }
    }
  }

  #paintStripes(scene: MatrixScene, x: number, y: number, width: number, height: number): void {
    const context = this.#context;
    const { present, live } = this.#palette;
    context.fillStyle = stripes(context, present, live, scene.ratio, scene.stripePhase);
    context.fillRect(x, y, width, height);
  }

  /** An outline around what is selected, not around each cell of it. */
  #paintSelectionEdge(scene: MatrixScene, index: number): void {
    if (scene.selectedKeys.size === 0) return;
    const context = this.#context;
    const { layout, model } = scene;
    const line = model.lines[index]!;
    const { first, last } = visibleColumns(scene);
    const top = index * layout.rowHeight - scene.scrollTop - 1;
    const above = model.lines[index - 1];
    const below = model.lines[index + 1];
    context.fillStyle = this.#palette.accent;
    for (let column = first; column < last; column++) {
      if (!isSelected(scene, line, column)) continue;
      const left = cellLeft(layout, column) - scene.scrollLeft - 1;
      const right = cellLeft(layout, column + 1) - scene.scrollLeft - 1;
      if (!isSelected(scene, line, column - 1)) context.fillRect(left, top, 1, layout.rowHeight);
      if (!isSelected(scene, line, column + 1)) context.fillRect(right, top, 1, layout.rowHeight + 1);
      if (!above || !isSelected(scene, above, column)) context.fillRect(left, top, right - left + 1, 1);
      if (!below || !isSelected(scene, below, column))
        context.fillRect(left, top + layout.rowHeight, right - left + 1, 1);
    }
  }

  #paintLasso(scene: MatrixScene): void {
    const { lasso, layout } = scene;
    if (!lasso) return;
    const context = this.#context;
    const left = cellLeft(layout, lasso.firstColumn) - scene.scrollLeft;
    const right = cellLeft(layout, lasso.lastColumn + 1) - scene.scrollLeft;
    const top = lasso.firstLine * layout.rowHeight - scene.scrollTop;
    const bottom = (lasso.lastLine + 1) * layout.rowHeight - scene.scrollTop;
    context.fillStyle = this.#palette.sel;
    context.fillRect(left, top, right - left, bottom - top);
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = 1;
    context.setLineDash([4, 3]);
    context.strokeRect(left - 0.5, top - 0.5, right - left, bottom - top);
    context.setLineDash([]);
  }

  #paintActive(scene: MatrixScene): void {
    const { active, layout } = scene;
    if (!active || !scene.focused || active.line < 0) return;
    const context = this.#context;
    const left = active.column < 0 ? -4 : cellLeft(layout, active.column) - scene.scrollLeft;
    const right = active.column < 0 ? scene.width + 4 : cellLeft(layout, active.column + 1) - scene.scrollLeft;
    const top = active.line * layout.rowHeight - scene.scrollTop;
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = 2;
    context.strokeRect(left + 1, top + 1, right - left - 3, layout.rowHeight - 3);
  }
}

function isSelected(scene: MatrixScene, line: MatrixLine, column: number): boolean {
  if (column < 0 || column >= scene.layout.columns) return false;
  if (line.kind === 'row') return scene.selectedKeys.has(line.row.cells[column]!.key);
  return false;
}
