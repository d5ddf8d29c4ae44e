import { DAY_MS, formatTime, HOUR_MS, intervalMs, MINUTE_MS, seriesWord, VERDICTS } from '@shared/market';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type Ref, useImperativeHandle, useMemo, useRef, useState } from 'react';
import {
  announce,
  firstEndingAfter,
  neighbourGap,
  select,
  selectionRange,
  useSession,
  useWindow,
  VERDICT_WEIGHT,
} from '../../client';
import { Button, formatAmount, IconButton, VerdictMark } from '../../components';
import { placeTooltip, StripsLegend } from '../coverage';
import { dayOf, dayText, weekdayOf, yearOf } from './calendar-days';
import { closeDay, openDay, useCalendar } from './calendar-store';
import { barsWords, worstWords } from './calendar-words';
import { addSeries, type CellTally, createTally, nextGapCell, sumBars, UNKNOWN } from './cell-tally';
import { DayGrid } from './day-grid';
import { type CalendarSeries, useCalendarSeries } from './use-calendar-series';
import { YearsGrid } from './years-grid';

export interface CalendarWalker {
  moveGap(step: 1 | -1): void;
}

/** Years of days, and a day of minutes, of one series or of the worst of all shown. */
export function CalendarView({ ref }: { ref: Ref<CalendarWalker> }) {
  const session = useSession();
  const { series, unread } = useCalendarSeries();
  const { key, day, cursor } = useCalendar();
  const alarmsOnly = useWindow((state) => state.needsAction);
  const [hover, setHover] = useState(-1);
  const tooltip = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLElement>(null);
  const last = yearOf(Date.now());
  const first = series.reduce(
    (year, { page }) => (page.spans.length > 0 ? Math.min(year, yearOf(page.range.from)) : year),
    last,
  );
  const years = useMemo(
    () => tallyOf(series, Date.UTC(first, 0, 1), DAY_MS, (Date.UTC(last + 1, 0, 1) - Date.UTC(first, 0, 1)) / DAY_MS),
    [series, first, last],
  );
  const columns = columnsOf(series);
  const minutes = useMemo(
    () => (day === null ? null : tallyOf(series, day, HOUR_MS / columns, 24 * columns)),
    [series, day, columns],
  );
  const tally = minutes ?? years;

  const pickAt = (at: number) => {
    useCalendar.setState({ moment: at });
    const found = heaviestAt(series, at, at + HOUR_MS / columns);
    const page = found && session.coverage.get(found.key);
    const span = found && page?.spans[found.span];
    if (!found || !span) return announce('Nothing is known of this moment.');
    select({ kind: 'span', key: found.key, span }, at);
  };
  useImperativeHandle(ref, () => ({
    moveGap(step) {
      const only = series.length === 1 ? series[0]! : null;
      if (day !== null && only) {
        const from = selectionRange(useWindow.getState().selection) ?? {
          from: useCalendar.getState().moment,
          to: useCalendar.getState().moment,
        };
        const span = only.page.spans[neighbourGap(only.page.columns, from, step)];
        if (!span) return announce('There is no other gap.');
        select({ kind: 'span', key: only.key, span });
        openDay(span.from);
        return;
      }
      const cell = nextGapCell(years, (cursor - years.from) / DAY_MS, step, alarmsOnly);
      if (cell === -1) announce('There is no other day with a gap.');
      else if (day === null) useCalendar.setState({ cursor: years.from + cell * DAY_MS });
      else openDay(years.from + cell * DAY_MS);
    },
  }));
  const onHover = (cell: number, x: number, y: number) => {
    if (cell !== hover) setHover(cell);
    if (cell >= 0) placeTooltip(tooltip.current!, x, y, root.current!.getBoundingClientRect().right);
  };

  return (
    <section
      ref={root}
      className="calendar"
      aria-label="Calendar"
      data-testid="calendar"
      data-series={key ?? 'all'}
      data-day={day === null ? '' : dayText(day)}
    >
      <div className="calendar-bar">
        <SeriesChoice />
        {day !== null && <DaySteps day={day} first={first} last={last} />}
        <span className="grow" />
        {unread > 0 && <span className="dim">Reading {formatAmount(unread, 'more strip')}…</span>}
        <span className="dim num" data-testid="calendar-sum">
          {barsWords(sumBars(tally, 0, tally.cells))}
        </span>
      </div>
      {minutes ? (
        <DayGrid tally={minutes} columns={columns} onHover={onHover} onPick={pickAt} />
      ) : (
        <YearsGrid tally={years} first={first} last={last} onHover={onHover} />
      )}
      <StripsLegend />
      <div
        ref={tooltip}
        className="strip-tooltip"
        role="tooltip"
        hidden={hover < 0 || hover >= tally.cells}
        data-testid="calendar-tooltip"
      >
        {hover >= 0 && hover < tally.cells && (
          <CellWords tally={tally} cell={hover} series={series} isDay={day === null} />
        )}
      </div>
    </section>
  );
}

function tallyOf(series: readonly CalendarSeries[], from: number, cellMs: number, cells: number): CellTally {
  const tally = createTally(from, cellMs, cells);
  for (const { page, interval } of series) addSeries(tally, page.columns, interval);
  return tally;
}

/** Cells of an hour: its minutes, or the bars of the finest interval where they are longer. */
function columnsOf(series: readonly CalendarSeries[]): number {
  const finest = series[0] ? intervalMs(series[0].interval) : MINUTE_MS;
  return finest >= HOUR_MS ? 1 : Math.round(HOUR_MS / Math.max(MINUTE_MS, finest));
}

/** The span that a cell shows: the heaviest of all series within `[from, to)`. */
function heaviestAt(series: readonly CalendarSeries[], from: number, to: number): { key: string; span: number } | null {
  let best: { key: string; span: number } | null = null;
  let weight = -1;
  for (const { key, page } of series) {
    const { columns } = page;
    for (let i = firstEndingAfter(columns, from); i < columns.count && columns.from[i]! < to; i++) {
      const own = VERDICT_WEIGHT[columns.verdict[i]!]!;
      if (own <= weight) continue;
      weight = own;
      best = { key, span: i };
    }
  }
  return best;
}

function SeriesChoice() {
  const key = useCalendar((state) => state.key);
  const all = useWindow((state) => state.series) ?? [];
  return (
    <label className="calendar-choice">
      <span className="dim">Series</span>
      <select
        className="field"
        value={key ?? ''}
        data-testid="calendar-series"
        onChange={({ target }) => useCalendar.setState({ key: target.value === '' ? null : target.value })}
      >
        <option value="">All shown: the worst</option>
        {all.map((each) => (
          <option key={each.key} value={each.key}>
            {each.symbol} {seriesWord(each)} {each.market === 'spot' ? '' : each.market}
          </option>
        ))}
      </select>
    </label>
  );
}

function DaySteps({ day, first, last }: { day: number; first: number; last: number }) {
  const go = (to: number) => yearOf(to) >= first && yearOf(to) <= last && openDay(to);
  return (
    <>
      <Button size="small" data-testid="calendar-back" title="Back to the years (Esc)" onClick={() => closeDay()}>
        <ChevronLeft size={14} aria-hidden="true" />
        Years
      </Button>
      <div className="calendar-steps">
        <IconButton label="Day before" onClick={() => go(day - DAY_MS)}>
          <ChevronLeft size={16} />
        </IconButton>
        <span className="num" data-testid="calendar-date">
          {dayText(day)} <span className="dim">{weekdayOf(day)}</span>
        </span>
        <IconButton label="Day after" onClick={() => go(day + DAY_MS)}>
          <ChevronRight size={16} />
        </IconButton>
      </div>
    </>
  );
}

interface CellWordsProps {
  tally: CellTally;
  cell: number;
  series: readonly CalendarSeries[];
  isDay: boolean;
}

/** What a cell shows, in words; of several series how many lack something there. */
function CellWords({ tally, cell, series, isDay }: CellWordsProps) {
  const from = tally.from + cell * tally.cellMs;
  const code = tally.worst[cell]!;
  const lacking =
    series.length > 1 && code !== UNKNOWN
      ? series.filter(({ page }) => page.gaps.some((gap) => gap.from < from + tally.cellMs && gap.to > from)).length
      : 0;
  return (
    <>
      <div className="strip-tooltip-head">
        <b className="num">{isDay ? dayText(dayOf(from)) : formatTime(from)}</b>
        {isDay && <span className="dim">{weekdayOf(from)}</span>}
      </div>
      <div className={`strip-tooltip-verdict ${code === UNKNOWN ? '' : `verdict-${VERDICTS[code]}`}`}>
        {code !== UNKNOWN && <VerdictMark verdict={VERDICTS[code]!} />}
        <span>{worstWords(code)}</span>
      </div>
      <div className="dim">{barsWords(sumBars(tally, cell, cell + 1))}</div>
      {lacking > 0 && (
        <div className="dim">
          {lacking} of {series.length} series lack bars here
        </div>
      )}
    </>
  );
}
