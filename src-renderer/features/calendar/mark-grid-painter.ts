import { VERDICTS } from '@shared/market';
import { isGapCode } from '../../client';
import type { RunsPainter, StripsPalette } from '../coverage';
import { type CellTally, UNKNOWN } from './cell-tally';

/** Where cells lie: `rows` of `columns`, each `width` by `height` CSS pixels with `gap` between, and room above for what rises. */
export interface GridPlace {
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/** A present cell in which something is missing shows at least this much of it. */
const LEAST_MARK = 5;
/** What an alarm rises above its cell. */
export const RISE = 3;

export function gridSize({ rows, columns, width, height, gap }: GridPlace): { width: number; height: number } {
  return { width: columns * (width + gap) - gap, height: RISE + rows * (height + gap) - gap };
}

/** The cell under a point of the canvas; a point between two cells means the one before. Null outside. */
export function cellAt(place: GridPlace, x: number, y: number): { row: number; column: number } | null {
  const column = Math.floor(x / (place.width + place.gap));
  const row = Math.floor((y - RISE) / (place.height + place.gap));
  return column >= 0 && column < place.columns && row >= 0 && row < place.rows ? { row, column } : null;
}

export function cellBox(place: GridPlace, row: number, column: number) {
  const { width, height, gap } = place;
  return { x: column * (width + gap), y: RISE + row * (height + gap), width, height };
}

export interface GridScene {
  readonly place: GridPlace;
  readonly tally: CellTally;
  /** Cell of the tally at a place of the grid; -1 where there is none. */
  cellOf(row: number, column: number): number;
  /** Cells with a frame: what is selected. */
  readonly framed: { readonly first: number; readonly last: number } | null;
  readonly active: number;
}

/** Draws all cells: the mark of the worst, as high as its share of the cell; what is stored below it. */
export function paintGrid(
  context: CanvasRenderingContext2D,
  scene: GridScene,
  runs: RunsPainter,
  palette: StripsPalette,
  ratio: number,
): void {
  const { place, tally } = scene;
  const size = gridSize(place);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, size.width + 1, size.height + 1);
  for (let row = 0; row < place.rows; row++) {
    for (let column = 0; column < place.columns; column++) {
      const cell = scene.cellOf(row, column);
      if (cell < 0) continue;
      const box = cellBox(place, row, column);
      const code = tally.worst[cell]!;
      if (code === UNKNOWN) {
        context.fillStyle = palette.raise;
        context.fillRect(box.x, box.y, box.width, box.height);
      } else paintCell(context, code, missingShare(tally, cell), box, runs, ratio);
      const isFramed = scene.framed && cell >= scene.framed.first && cell <= scene.framed.last;
      if (!isFramed && cell !== scene.active) continue;
      context.lineWidth = cell === scene.active ? 2 : 1;
      context.strokeStyle = cell === scene.active ? palette.text : palette.accent;
      context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
    }
  }
}

function paintCell(
  context: CanvasRenderingContext2D,
  code: number,
  missing: number,
  box: { x: number; y: number; width: number; height: number },
  runs: RunsPainter,
  ratio: number,
): void {
  const verdict = VERDICTS[code]!;
  if (!isGapCode(code) || missing >= 1) {
    runs.mark(context, verdict, box, ratio);
    return;
  }
  runs.mark(context, 'present', box, ratio);
  const height = Math.min(box.height - 3, Math.max(LEAST_MARK, Math.round(box.height * missing)));
  runs.mark(context, verdict, { ...box, height }, ratio);
}

/** Share of a cell's bars that is missing, 0 to 1; 1 where no bar opens in it. */
export function missingShare({ bars }: CellTally, cell: number): number {
  const present = bars.present[cell]!;
  const missing = bars.explained[cell]! + bars.notAsked[cell]! + bars.alarming[cell]!;
  return present === 0 ? 1 : missing / (present + missing);
}
