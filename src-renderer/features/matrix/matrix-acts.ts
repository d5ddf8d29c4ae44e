import { useCallback } from 'react';
import { announce, selectedKeys, selectSeries, useWindow } from '../../client';
import { formatAmount } from '../../components';
import type { MatrixController } from './matrix-controller';
import { type Place, spannedBy } from './matrix-layout';
import type { ColumnName, MatrixModel } from './matrix-model';
import { keysWithin, type PickHow, pickedKeys } from './matrix-selection';
import { foldGroup, sortBy } from './matrix-store';

/** A place by names, which stays where it is when rows are sorted or filtered; null is a head. */
export interface NamedPlace {
  readonly line: string | null;
  readonly column: ColumnName | null;
}

export interface MatrixActs {
  pick(place: Place, how: PickHow): void;
  move(place: Place, extend: boolean): void;
  open(place: Place): void;
  select(keys: readonly string[]): void;
  /** Puts keyboard and the beginning of the next extension there. */
  place(place: Place): void;
}

export interface ActsOf {
  model: MatrixModel;
  active: NamedPlace | null;
  anchor: NamedPlace | null;
  setActive(place: NamedPlace): void;
  setAnchor(place: NamedPlace): void;
  controller: { readonly current: MatrixController | null };
  onOpen(key: string): void;
}

/** What mouse and keyboard do alike. */
export function useMatrixActs({ model, active, anchor, setActive, setAnchor, controller, onOpen }: ActsOf): MatrixActs {
  const chosen = () => selectedKeys(useWindow.getState().selection);
  const select = useCallback((keys: readonly string[]) => {
    selectSeries(keys);
    announce(keys.length === 0 ? 'Nothing is selected.' : `${formatAmount(keys.length, 'cell')} selected.`);
  }, []);
  const place = (at: Place) => {
    setActive(nameOf(model, at));
    setAnchor(nameOf(model, at));
  };
  return {
    select,
    place,
    pick(at, how) {
      const from = anchor ? placeOf(model, anchor) : null;
      select(pickedKeys(chosen(), model, at, how, from));
      if (how === 'extend' && from) setActive(nameOf(model, at));
      else place(at);
    },
    move(to, extend) {
      controller.current?.reveal(to);
      setActive(nameOf(model, to));
      const from = extend ? (anchor ?? active) : null;
      const start = from ? placeOf(model, from) : null;
      if (!extend || !start) return setAnchor(nameOf(model, to));
      select(keysWithin(model, spannedBy(start, to, model.lines.length, model.columns.length)));
    },
    open(at) {
      const line = model.lines[at.line];
      if (at.line < 0) sortBy({ column: model.columns[at.column]! });
      else if (line?.kind === 'group') foldGroup(line.group.quote, !line.group.collapsed);
      else {
        const cell = at.column < 0 ? line?.row.cells.find((each) => each.summary) : line?.row.cells[at.column];
        if (cell?.summary) onOpen(cell.key);
      }
    },
  };
}

function nameOf(model: MatrixModel, { line, column }: Place): NamedPlace {
  return { line: line < 0 ? null : (model.lines[line]?.id ?? null), column: model.columns[column] ?? null };
}

/** Where the named place is now; null when it is filtered away or folded. */
export function placeOf(model: MatrixModel, { line, column }: NamedPlace): Place | null {
  const at = line === null ? -1 : model.lines.findIndex((each) => each.id === line);
  const across = column === null ? -1 : model.columns.indexOf(column);
  const isThere = (line === null || at >= 0) && (column === null || across >= 0) && (line !== null || column !== null);
  return isThere ? { line: at, column: across } : null;
}
