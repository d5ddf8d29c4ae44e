import type { Place } from './matrix-layout';
import type { MatrixModel } from './matrix-model';

/** The part of a key event that decides. */
export interface MatrixPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export type MatrixAction =
  | { readonly do: 'move'; readonly to: Place; readonly extend: boolean }
  | { readonly do: 'toggle' | 'open' | 'all' };

/**
 * What a key means to the active place; null for keys of others. Heads can be reached: the column of row heads lies left of the first
 * cell, the row of column heads above the first line. `page` is how many lines a screen holds.
 */
export function matrixAction(press: MatrixPress, active: Place, model: MatrixModel, page: number): MatrixAction | null {
  if (press.altKey || press.metaKey) return null;
  const lastLine = model.lines.length - 1;
  const lastColumn = model.columns.length - 1;
  const move = (line: number, column: number): MatrixAction => ({
    do: 'move',
    to: {
      line: Math.min(lastLine, Math.max(-1, line)),
      column: Math.min(lastColumn, Math.max(line < 0 ? 0 : -1, column)),
    },
    extend: press.shiftKey,
  });
  const { line, column } = active;
  const far = press.ctrlKey;
  switch (press.key) {
    case 'ArrowUp':
      return move(far ? 0 : line - 1, column);
    case 'ArrowDown':
      return move(far ? lastLine : line + 1, column);
    case 'ArrowLeft':
      return move(line, far ? 0 : column - 1);
    case 'ArrowRight':
      return move(line, far ? lastColumn : column + 1);
    case 'Home':
      return move(far ? 0 : line, 0);
    case 'End':
      return move(far ? lastLine : line, lastColumn);
    case 'PageUp':
      return move(Math.max(0, line - page), column);
    case 'PageDown':
      return move(line + page, column);
    case ' ':
      return { do: 'toggle' };
    case 'Enter':
      return { do: 'open' };
    case 'a':
    case 'A':
      return press.ctrlKey ? { do: 'all' } : null;
    default:
      return null;
  }
}
