import { gridIntervalOf, type Interval, intervalMs, parseStoredSeriesKey } from '@shared/market';
import { useMemo } from 'react';
import { type CoveragePage, useCoverageVersion, useSession, useWindow } from '../../client';
import { listRows } from '../coverage';
import { useCalendar } from './calendar-store';

export interface CalendarSeries {
  readonly key: string;
  /** Of the bars that are counted: the minute for trades. */
  readonly interval: Interval;
  readonly page: CoveragePage;
}

/** Series that the calendar is of, those with the finest interval first, and how many are still being read. */
export function useCalendarSeries(): { series: readonly CalendarSeries[]; unread: number } {
  const { coverage } = useSession();
  const version = useCoverageVersion();
  const key = useCalendar((state) => state.key);
  const all = useWindow((state) => state.series);
  const text = useWindow((state) => state.filter);
  const intervals = useWindow((state) => state.intervals);
  const needsAction = useWindow((state) => state.needsAction);
  return useMemo(() => {
    void version;
    const alarming = (each: string) => coverage.get(each)?.alarming ?? 0;
    const keys =
      key === null
        ? listRows(all ?? [], { text, intervals, needsAction }, 'symbol', alarming).map((each) => each.key)
        : [key];
    const series = keys.flatMap((each) => {
      const page = coverage.get(each);
      const parsed = parseStoredSeriesKey(each);
      return page && parsed ? [{ key: each, interval: gridIntervalOf(parsed), page }] : [];
    });
    series.sort((a, b) => intervalMs(a.interval) - intervalMs(b.interval));
    return { series, unread: keys.length - series.length };
  }, [key, all, text, intervals, needsAction, coverage, version]);
}
