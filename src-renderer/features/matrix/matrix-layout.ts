/** Geometry of the matrix in CSS pixels. The origin is the corner between row heads and column heads; heads have negative places. */

/** Room of a column; narrower windows scroll sideways. */
const NARROWEST = 84;
/** From this width on strip and number stand side by side, below it the number stands above the strip. */
const SIDE_BY_SIDE = 156;
const PAD = 8;
/** Width of the scrollbars, which lie on the cells; `matrix.css` has the same. */
const SCROLLBAR = 11;
/** `999.9 k` and the box that tells what was not asked for. */
const NUMBER_WIDTH = 68;

export interface CellBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MatrixLayout {
  readonly columns: number;
  readonly rowHeight: number;
  /** May be fractional; edges of cells are rounded. */
  readonly cellWidth: number;
  readonly contentWidth: number;
  /** The strip inside a cell. */
  readonly strip: CellBox;
  /** Baseline of the number, whose right end is `PAD` left of the cell's right edge. */
  readonly numberBaseline: number;
}

export interface Viewport {
  readonly layout: MatrixLayout;
  readonly lines: number;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly scrollLeft: number;
}

/** Line and column; -1 is the head of the column or of the row. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface PlaceRange {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
}

export function layoutOf(width: number, columns: number): MatrixLayout {
  const cellWidth = Math.max(NARROWEST, columns > 0 ? width / columns : width);
  const side = cellWidth >= SIDE_BY_SIDE;
  const inner = Math.floor(cellWidth) - 2 * PAD;
  return {
    columns,
    cellWidth,
    contentWidth: Math.max(width, Math.round(cellWidth * columns)),
    rowHeight: side ? 31 : 33,
    strip: side
      ? { x: PAD, y: 9, width: inner - NUMBER_WIDTH, height: 14 }
      : { x: PAD, y: 19, width: inner, height: 9 },
    numberBaseline: side ? 20 : 13,
  };
}

export const NUMBER_PAD = PAD;

export function cellLeft(layout: MatrixLayout, column: number): number {
  return Math.round(column * layout.cellWidth);
}

export function maxScrollTop(view: Viewport): number {
  return Math.max(0, view.lines * view.layout.rowHeight - freeHeight(view));
}

/** Height that the scrollbar for sideways leaves. */
function freeHeight(view: Viewport): number {
  return view.height - (maxScrollLeft(view) > 0 ? SCROLLBAR : 0);
}

export function maxScrollLeft({ layout, width }: Viewport): number {
  return Math.max(0, layout.contentWidth - width);
}

/** Lines on screen: `[first, last)`. */
export function visibleLines({ layout, lines, height, scrollTop }: Viewport): { first: number; last: number } {
  const first = Math.max(0, Math.min(lines, Math.floor(scrollTop / layout.rowHeight)));
  return { first, last: Math.max(first, Math.min(lines, Math.ceil((scrollTop + height) / layout.rowHeight))) };
}

/** Columns on screen: `[first, last)`. */
export function visibleColumns({ layout, width, scrollLeft }: Viewport): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollLeft / layout.cellWidth));
  return { first, last: Math.min(layout.columns, Math.ceil((scrollLeft + width) / layout.cellWidth)) };
}

/** What lies under a point; null behind the last line or column. */
export function placeAt(view: Viewport, x: number, y: number): Place | null {
  const line = y < 0 ? -1 : Math.floor((y + view.scrollTop) / view.layout.rowHeight);
  const column = x < 0 ? -1 : columnAt(view.layout, x + view.scrollLeft);
  return line >= view.lines || column >= view.layout.columns ? null : { line, column };
}

/** Like `placeAt`, for a pointer that was dragged beyond the edge: the nearest cell. */
export function nearestPlace(view: Viewport, x: number, y: number): Place {
  const line = Math.floor((y + view.scrollTop) / view.layout.rowHeight);
  const column = columnAt(view.layout, x + view.scrollLeft);
  return {
    line: Math.min(view.lines - 1, Math.max(0, line)),
    column: Math.min(view.layout.columns - 1, Math.max(0, column)),
  };
}

function columnAt(layout: MatrixLayout, x: number): number {
  const guess = Math.floor(x / layout.cellWidth);
  // Edges are rounded, so the pointer may be a hair's breadth beside the fraction.
  return x >= cellLeft(layout, guess + 1) ? guess + 1 : x < cellLeft(layout, guess) ? guess - 1 : guess;
}

/** The rectangle that two corners span; a head as a corner takes the whole line or column. */
export function spannedBy(a: Place, b: Place, lines: number, columns: number): PlaceRange {
  const wholeLines = a.column === -1 || b.column === -1;
  const wholeColumns = a.line === -1 || b.line === -1;
  return {
    firstLine: wholeColumns ? 0 : Math.min(a.line, b.line),
    lastLine: wholeColumns ? lines - 1 : Math.max(a.line, b.line),
    firstColumn: wholeLines ? 0 : Math.min(a.column, b.column),
    lastColumn: wholeLines ? columns - 1 : Math.max(a.column, b.column),
  };
}

/** How far to scroll so that a place is seen whole: the new positions. */
export function scrollToShow(view: Viewport, place: Place): { top: number; left: number } {
  const { layout } = view;
  const top = place.line * layout.rowHeight;
  const left = place.column < 0 ? view.scrollLeft : cellLeft(layout, place.column);
  const right = place.column < 0 ? view.scrollLeft : cellLeft(layout, place.column + 1) - view.width;
  return {
    top: place.line < 0 ? view.scrollTop : clampInto(view.scrollTop, top, top + layout.rowHeight - freeHeight(view)),
    left: clampInto(view.scrollLeft, left, right),
  };
}

/** The nearest position to `at` that is not over `latest` and not under `earliest`. */
function clampInto(at: number, latest: number, earliest: number): number {
  return Math.min(latest, Math.max(at, earliest));
}
