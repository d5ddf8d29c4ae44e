import { create } from 'zustand';
import { selectionRange, setView, useWindow } from '../../client';
import { dayOf } from './calendar-days';

export interface CalendarState {
  /** The series shown; null for all that the filter lets through, of which the worst shows. */
  readonly key: string | null;
  /** Start of the day that is shown minute by minute; null for the years. */
  readonly day: number | null;
  /** The active day of the years, and the active moment of the day. */
  readonly cursor: number;
  readonly moment: number;
}

export const useCalendar = create<CalendarState>()(() => ({
  key: null,
  day: null,
  cursor: dayOf(Date.now()),
  moment: 0,
}));

/** The calendar of a series (null: of all shown), at what is looked at now. */
export function openCalendar(key: string | null): void {
  const { selection, focus } = useWindow.getState();
  const range = selectionRange(selection);
  const at = range ? range.from : (focus?.at ?? Date.now());
  useCalendar.setState({ key, day: null, cursor: dayOf(at) });
  setView('calendar');
}

/** Minute by minute; `at` is the moment to stand on. */
export function openDay(at: number): void {
  const day = dayOf(at);
  useCalendar.setState({ day, cursor: day, moment: at });
}

/** Back from a day to the years; false when they are shown already. */
export function closeDay(): boolean {
  if (useCalendar.getState().day === null) return false;
  useCalendar.setState({ day: null });
  return true;
}
