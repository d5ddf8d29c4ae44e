import { alignRange, gridIntervalOf, gridOf, parseStoredSeriesKey, type Range, type Span } from '@shared/market';
import {
  type CoverageBook,
  isAlarming,
  isGap,
  neighbourGap,
  type Selection,
  select,
  selectedKeys,
  selectionRange,
  selectSeries,
  useWindow,
} from '../../client';
import { pickedRows } from './pick-rows';
import type { StripsController } from './strips-controller';
import { lastRange, rangeOf } from './time-view';

/** What keyboard, inspector and dialogs may ask of the strips. */
export interface StripsHandle {
  moveRow(step: number, extend: boolean): void;
  /** All series that the filter lets through. */
  selectAll(): void;
  /** To the neighbouring gap of the row; with `anyRow` onwards through the other rows. */
  moveGap(step: 1 | -1, anyRow: boolean): void;
  /** Grows or shrinks the right end of the selected range by a twentieth of the view. */
  extendRange(step: 1 | -1): void;
  zoomToSelection(): void;
  /** Back to the view before the last zoom; false when there is none. */
  zoomBack(): boolean;
  zoom(factor: number): void;
  pan(share: number): void;
  showAll(): void;
  /** The last `length` milliseconds, with a little room behind now. */
  showLast(length: number): void;
  goTo(t: number): void;
  /** Scrolls to the row of the series and gives it the keyboard. */
  reveal(key: string): void;
  /** Shows the span and selects it. */
  pick(key: string, span: Span): void;
  /** A line where a replay is; null takes it away. */
  showPlayhead(t: number | null): void;
  /** Marks on the axis what the chart shows. */
  showCharted(range: Range): void;
}

export function createStripsHandle(
  controller: StripsController,
  book: CoverageBook,
  keys: () => readonly string[],
  focus: () => void,
): StripsHandle {
  const current = () => useWindow.getState().selection;
  const currentRow = () => keys().indexOf(selectedKeys(current()).at(-1) ?? '');

  const pick = (key: string, span: Span) => {
    select({ kind: 'span', key, span });
    controller.revealRow(keys().indexOf(key));
    controller.revealRange(span);
  };

  const gapBeside = (key: string, range: Range, step: 1 | -1): Span | null => {
    const page = book.get(key);
    if (!page) return null;
    const alarmsOnly = useWindow.getState().needsAction;
    let at: Range = range;
    for (;;) {
      const index = neighbourGap(page.columns, at, step);
      const span = page.spans[index];
      if (!span) return null;
      if (!alarmsOnly || isAlarming(span)) return span;
      at = span;
    }
  };

  const edge = (step: 1 | -1): Range => {
    const t = step === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return { from: t, to: t };
  };

  return {
    moveRow(step, extend) {
      const list = keys();
      if (list.length === 0) return;
      const row = currentRow();
      const next = Math.min(list.length - 1, Math.max(0, row === -1 ? 0 : row + step));
      select(pickedRows(current(), list, list[next]!, extend ? 'extend' : 'alone'));
      controller.revealRow(next);
    },
    selectAll: () => selectSeries(keys()),
    moveGap(step, anyRow) {
      const list = keys();
      if (!current()) {
        const alarm = firstAlarm(step === 1 ? list : [...list].reverse(), book, step);
        if (alarm) return pick(alarm.key, alarm.span);
      }
      let row = currentRow();
      if (row === -1) row = step === 1 ? 0 : list.length - 1;
      let range = selectionRange(current()) ?? edge(step);
      for (; row >= 0 && row < list.length; row += step) {
        const span = gapBeside(list[row]!, range, step);
        if (span) return pick(list[row]!, span);
        if (!anyRow) return;
        range = edge(step);
      }
    },
    extendRange(step) {
      const selection = current();
      const list = keys();
      const chosen = selection ? selectedKeys(selection) : list.slice(0, 1);
      const series = parseStoredSeriesKey(chosen[0] ?? '');
      if (!series) return;
      const shown = rangeOf(controller.view);
      const unit = (shown.to - shown.from) / 20;
      const middle = useWindow.getState().focus?.at ?? (shown.from + shown.to) / 2;
      const range = selectionRange(selection) ?? { from: middle, to: middle };
      const grid = gridOf(gridIntervalOf(series));
      const grown = alignRange(grid, { from: range.from, to: Math.max(range.from + 1, range.to + step * unit) });
      const to = Math.max(grown.to, grid.openAt(grid.indexOf(grown.from) + 1));
      select({ kind: 'range', keys: chosen, range: { from: grown.from, to } });
      controller.revealRange({ from: grown.from, to });
    },
    zoomToSelection() {
      const selection = current();
      const range = selectionRange(selection);
      const extent = selection ? book.get(selectedKeys(selection)[0]!)?.range : undefined;
      if (range) controller.zoomTo(range, 1);
      else if (extent && extent.to > extent.from) controller.zoomTo(extent, 0.05);
    },
    zoomBack: () => controller.back(),
    zoom: (factor) => controller.zoomAt(controller.scene.width / 2, factor, false),
    pan: (share) => controller.panBy(-share * controller.scene.width),
    showAll: () => controller.showAll(),
    showLast: (length) => controller.zoomTo(lastRange(Date.now(), length), 0),
    goTo(t) {
      const shown = rangeOf(controller.view);
      const half = Math.min((shown.to - shown.from) / 2, 15 * 86_400_000);
      controller.zoomTo({ from: t - half, to: t + half }, 0);
      useWindow.setState({ focus: { at: t } });
    },
    reveal(key) {
      controller.revealRow(Math.max(0, keys().indexOf(key)));
      focus();
    },
    pick,
    showPlayhead: (t) => controller.setPlayhead(t),
    showCharted: (range) => controller.setCharted(range),
  };
}

/** Where walking through the gaps begins: what alarms comes before what nobody asked for. */
function firstAlarm(keys: readonly string[], book: CoverageBook, step: 1 | -1): { key: string; span: Span } | null {
  for (const key of keys) {
    const gaps = book.get(key)?.gaps.filter(isAlarming) ?? [];
    const span = step === 1 ? gaps[0] : gaps.at(-1);
    if (span) return { key, span };
  }
  return null;
}

/** The span that a hit means, as a selection; the row when it hit none. */
export function selectionOfHit(book: CoverageBook, key: string, index: number): Selection {
  const span = book.get(key)?.spans[index];
  return span && isGap(span) ? { kind: 'span', key, span } : { kind: 'series', key };
}
