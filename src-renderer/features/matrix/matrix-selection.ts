import { parseSeriesKey } from '@shared/market';
import { type Place, type PlaceRange, spannedBy } from './matrix-layout';
import type { MatrixCell, MatrixLine, MatrixModel, MatrixRow } from './matrix-model';

/** `alone` replaces the selection, `toggle` adds or takes away, `extend` selects up to the place from where it began. */
export type PickHow = 'alone' | 'toggle' | 'extend';

/** Whether the exchange has such a series at all: only spot has candles of a second. */
export function canBeFollowed(key: string): boolean {
  const series = parseSeriesKey(key);
  return series !== null && (series.interval !== '1s' || series.market === 'spot');
}

const isFollowed = ({ summary }: MatrixCell) => summary !== null;
const exists = (cell: MatrixCell) => isFollowed(cell) || canBeFollowed(cell.key);

/**
 * Keys that a place stands for. A cell is its series, also one that nobody follows yet; the head of a row, a column or a group is
 * all of its series that are followed.
 */
export function keysAt(model: MatrixModel, { line, column }: Place): string[] {
  if (line < 0) return followedKeys(model.rows, column, column < 0);
  const at = model.lines[line];
  if (!at) return [];
  if (at.kind === 'group') return followedKeys(at.group.rows, column, column < 0);
  if (column < 0) return at.row.cells.filter(isFollowed).map((cell) => cell.key);
  const cell = at.row.cells[column];
  return cell && exists(cell) ? [cell.key] : [];
}

/** All that is followed, folded or not. */
export function allKeys(model: MatrixModel): string[] {
  return followedKeys(model.rows, -1, true);
}

function followedKeys(rows: readonly MatrixRow[], column: number, whole: boolean): string[] {
  return rows.flatMap((row) => {
    const cells = whole ? row.cells : [row.cells[column]].filter((cell) => cell !== undefined);
    return cells.filter(isFollowed).map((cell) => cell.key);
  });
}

/** Keys of all cells in a rectangle, empty ones too. A folded group stands for its rows, the head of an open one for nothing. */
export function keysWithin(model: MatrixModel, range: PlaceRange): string[] {
  return model.lines.slice(range.firstLine, range.lastLine + 1).flatMap((line) =>
    rowsOf(line).flatMap((row) =>
      row.cells
        .slice(range.firstColumn, range.lastColumn + 1)
        .filter(line.kind === 'group' ? isFollowed : exists)
        .map((cell) => cell.key),
    ),
  );
}

function rowsOf(line: MatrixLine): readonly MatrixRow[] {
  if (line.kind === 'row') return [line.row];
  return line.group.collapsed ? line.group.rows : [];
}

/** The selection after a place was picked. `anchor` is where `extend` begins. */
export function pickedKeys(
  before: readonly string[],
  model: MatrixModel,
  place: Place,
  how: PickHow,
  anchor: Place | null,
): string[] {
  const own = keysAt(model, place);
  if (how === 'extend' && anchor)
    return keysWithin(model, spannedBy(anchor, place, model.lines.length, model.columns.length));
  if (how !== 'toggle') return own;
  const chosen = new Set(before);
  const all = own.length > 0 && own.every((key) => chosen.has(key));
  for (const key of own) {
    if (all) chosen.delete(key);
    else chosen.add(key);
  }
  return [...chosen];
}
