import { useEffect } from 'react';
import { announce, openDialog, select, selectedKeys, setView, useWindow } from '../client';
import { closeDay, openCalendar } from '../features/calendar';
import type { StripsHandle } from '../features/coverage';
import type { WorkbenchHandle } from './workbench-handle';

/** The part of a key event that decides. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

export type Command =
  | {
      readonly do:
        | 'filter'
        | 'help'
        | 'findings'
        | 'outages'
        | 'adoption'
        | 'queue'
        | 'view'
        | 'calendar'
        | 'gaps'
        | 'go-to-time'
        | 'repair'
        | 'zoom-to-selection'
        | 'select-all'
        | 'back'
        | 'show-all';
    }
  | {
      readonly do: 'row' | 'gap' | 'next-gap' | 'extend' | 'zoom' | 'pan';
      readonly step: 1 | -1;
      readonly extend?: boolean;
    };

export interface KeyListEntry {
  readonly keys: readonly string[];
  readonly does: string;
}

/** The list that `?` shows. */
export const KEY_LIST: readonly { readonly title: string; readonly entries: readonly KeyListEntry[] }[] = [
  {
    title: 'Anywhere',
    entries: [
      { keys: ['/'], does: 'filter series' },
      { keys: ['[', ']'], does: 'previous, next gap' },
      { keys: ['R'], does: 'to the plan of the selection' },
      { keys: ['G'], does: 'go to a time' },
      { keys: ['M'], does: 'strips, matrix' },
      { keys: ['C'], does: 'calendar of the selected series, or of all' },
      { keys: ['T'], does: 'table of all gaps' },
      { keys: ['Q'], does: 'open, close the queue' },
      { keys: ['F'], does: 'findings' },
      { keys: ['O'], does: 'outages of the exchange' },
      { keys: ['A'], does: 'adopt candles of other programs' },
      { keys: ['?'], does: 'this list' },
    ],
  },
  {
    title: 'On the strips',
    entries: [
      { keys: ['↑', '↓'], does: 'previous, next series' },
      { keys: ['←', '→'], does: 'previous, next gap of the series' },
      { keys: ['Shift', '← →'], does: 'grow or shrink the selected range' },
      { keys: ['Shift', '↑ ↓'], does: 'select more or fewer series' },
      { keys: ['Ctrl', 'A'], does: 'select all series shown' },
      { keys: ['Enter'], does: 'zoom to the selection' },
      { keys: ['Esc'], does: 'back out, then select nothing' },
      { keys: ['+', '−'], does: 'zoom in, out' },
      { keys: ['Ctrl', '← →'], does: 'move in time' },
      { keys: ['0'], does: 'show all' },
    ],
  },
  {
    title: 'On the matrix',
    entries: [
      { keys: ['arrows'], does: 'move to a cell, or to the head of a row or column' },
      { keys: ['Shift', 'arrows'], does: 'select up to there' },
      { keys: ['Space'], does: 'select or not; on a head, all of it' },
      { keys: ['Ctrl', 'A'], does: 'select all series' },
      { keys: ['Enter'], does: 'to the strip; fold a group, sort by a column' },
    ],
  },
  {
    title: 'On calendar and gaps',
    entries: [
      { keys: ['arrows'], does: 'by day and month, by minute and hour, by gap' },
      { keys: ['PgUp', 'PgDn'], does: 'a year; a screen of gaps' },
      { keys: ['Enter'], does: 'open the day, select the minute, to the strip' },
      { keys: ['→'], does: 'on a gap: all of its evidence' },
      { keys: ['Esc'], does: 'from the day back to the years' },
    ],
  },
  {
    title: 'Mouse',
    entries: [
      { keys: ['wheel'], does: 'zoom around the pointer' },
      { keys: ['drag'], does: 'move in time; Shift and drag selects a range' },
      { keys: ['Shift', 'wheel'], does: 'move in time' },
      { keys: ['Alt', 'wheel'], does: 'scroll the series' },
      { keys: ['Ctrl', 'click'], does: 'on a name: one series more or less; with Shift, all up to it' },
      { keys: ['double click'], does: 'zoom to a span; on the axis, show all; on a cell, to its strip' },
    ],
  },
  {
    title: 'Replay',
    entries: [
      { keys: ['Space'], does: 'play, pause' },
      { keys: ['←', '→'], does: 'one candle back, on' },
      { keys: ['PgUp', 'PgDn'], does: 'one hour' },
      { keys: ['Home', 'End'], does: 'start, end' },
      { keys: ['−', '+'], does: 'pace' },
    ],
  },
];

const step = (name: 'row' | 'gap' | 'next-gap' | 'extend' | 'zoom' | 'pan', by: 1 | -1, extend = false): Command => ({
  do: name,
  step: by,
  ...(extend ? { extend } : {}),
});

/** What a key means; `onStrips` tells whether the strips have the focus, which own arrows, Enter and Escape. */
export function commandOf(press: KeyPress, onStrips: boolean): Command | null {
  if (press.metaKey || press.altKey) return null;
  if (press.ctrlKey) {
    if (onStrips && press.key === 'ArrowLeft') return step('pan', -1);
    if (onStrips && press.key === 'ArrowRight') return step('pan', 1);
    if (onStrips && press.key === 'a') return { do: 'select-all' };
    return null;
  }
  switch (press.key) {
    case '/':
      return { do: 'filter' };
    case '?':
      return { do: 'help' };
    case 'g':
    case 'G':
      return { do: 'go-to-time' };
    case 'f':
    case 'F':
      return { do: 'findings' };
    case 'o':
    case 'O':
      return { do: 'outages' };
    case 'a':
    case 'A':
      return { do: 'adoption' };
    case 'q':
    case 'Q':
      return { do: 'queue' };
    case 'm':
    case 'M':
      return { do: 'view' };
    case 'c':
    case 'C':
      return { do: 'calendar' };
    case 't':
    case 'T':
      return { do: 'gaps' };
    case 'r':
    case 'R':
      return { do: 'repair' };
    case '[':
      return step('next-gap', -1);
    case ']':
      return step('next-gap', 1);
    case 'Escape':
      return { do: 'back' };
  }
  if (!onStrips) return null;
  switch (press.key) {
    case 'ArrowUp':
      return step('row', -1, press.shiftKey);
    case 'ArrowDown':
      return step('row', 1, press.shiftKey);
    case 'ArrowLeft':
      return press.shiftKey ? step('extend', -1) : step('gap', -1);
    case 'ArrowRight':
      return press.shiftKey ? step('extend', 1) : step('gap', 1);
    case 'Enter':
      return { do: 'zoom-to-selection' };
    case '+':
    case '=':
      return step('zoom', 1);
    case '-':
    case '_':
      return step('zoom', -1);
    case '0':
      return { do: 'show-all' };
    default:
      return null;
  }
}

const ZOOM_STEP = 1.6;
const PAN_SHARE = 0.2;
const PLAN_PATIENCE_MS = 3_000;

function run(command: Command, handle: WorkbenchHandle): void {
  const { filter } = handle;
  // Before there is a list of series there is nothing to look at.
  const { series, view } = useWindow.getState();
  const isShown = handle.strips.current !== null || (view !== 'strips' && (series?.length ?? 0) > 0);
  if (command.do === 'help' || command.do === 'findings' || command.do === 'outages' || command.do === 'adoption')
    openDialog(command.do);
  else if (command.do === 'queue') useWindow.setState(({ queueOpen }) => ({ queueOpen: !queueOpen }));
  else if (command.do === 'filter') {
    filter.current?.focus();
    filter.current?.select();
  } else if (!isShown) return;
  else if (command.do === 'view') setView(view === 'matrix' ? 'strips' : 'matrix');
  else if (command.do === 'calendar') openCalendar(onlySeries());
  else if (command.do === 'gaps') setView('gaps');
  else if (command.do === 'go-to-time') openDialog('go-to-time');
  else if (command.do === 'repair') focusPlan(performance.now() + PLAN_PATIENCE_MS);
  else if (command.do === 'back') goBack(handle.strips.current);
  else if (command.do === 'next-gap' && handle.walker.current) handle.walker.current.moveGap(command.step);
  else handle.onStrips((strips) => runOnStrips(command, strips));
}

/** The series that is selected by itself, or with one of its spans. */
function onlySeries(): string | null {
  const keys = selectedKeys(useWindow.getState().selection);
  return keys.length === 1 ? keys[0]! : null;
}

/** Out of the queue, then of the day or the zoom, then of the selection. */
function goBack(strips: StripsHandle | null): void {
  if (useWindow.getState().queueOpen) useWindow.setState({ queueOpen: false });
  else if (useWindow.getState().view === 'calendar' && closeDay()) return;
  else if (!strips?.zoomBack()) select(null);
}

/** To the plan's button, which cannot take the focus before the plan is there. */
function focusPlan(until: number): void {
  const button = document.querySelector<HTMLButtonElement>(
    '.repair-button, [data-testid=plan-all], [data-testid=fetch-range]',
  );
  if (!button) announce('There is nothing to plan here.');
  else if (!button.disabled) button.focus();
  else if (performance.now() < until) setTimeout(() => focusPlan(until), 50);
}

function runOnStrips(command: Command, map: StripsHandle): void {
  switch (command.do) {
    case 'zoom-to-selection':
      map.zoomToSelection();
      break;
    case 'select-all':
      map.selectAll();
      break;
    case 'show-all':
      map.showAll();
      break;
    case 'row':
      map.moveRow(command.step, command.extend ?? false);
      break;
    case 'gap':
      map.moveGap(command.step, false);
      break;
    case 'next-gap':
      map.moveGap(command.step, true);
      break;
    case 'extend':
      map.extendRange(command.step);
      break;
    case 'zoom':
      map.zoom(command.step === 1 ? ZOOM_STEP : 1 / ZOOM_STEP);
      break;
    case 'pan':
      map.pan(command.step * PAN_SHARE);
      break;
  }
}

/** Single letters act only when no text field has the focus and no dialog is open. */
export function useKeyboard(handle: WorkbenchHandle): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.defaultPrevented || useWindow.getState().dialog !== null) return;
      if (
        target?.closest(
          'input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]',
        )
      )
        return;
      const onStrips = target?.closest('.strips-names') !== null && target !== null;
      const command = commandOf(event, onStrips);
      if (!command) return;
      event.preventDefault();
      run(command, handle);
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, [handle]);
}
