// biome-ignore-all lint/a11y/useSemanticElements: a grid beside canvases is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active day.
import { DAY_MS } from '@shared/market';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { BarsNumber } from './bars-number';
import { daysInMonth, dayText, MONTHS, movedDay, weekdayOf } from './calendar-days';
import { openDay, useCalendar } from './calendar-store';
import { barsWords, worstWords } from './calendar-words';
import { type CellTally, sumBars } from './cell-tally';
import { MarkGrid } from './mark-grid';
import { gridSize } from './mark-grid-painter';

export interface YearsGridProps {
  tally: CellTally;
  first: number;
  last: number;
  onHover(cell: number, x: number, y: number): void;
}

const DAYS = 31;
/** Month names, sums, and space around a year. */
const ASIDE = 132;
const CELL_HEIGHT = 13;
const GAP = 2;
const WIDEST = 17;
const NARROWEST = 8;

/** Each year as twelve rows of days with the month's missing bars beside them. */
export function YearsGrid({ tally, first, last, onHover }: YearsGridProps) {
  const cursor = useCalendar((state) => state.cursor);
  const grid = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(grid.current!.clientWidth));
    observer.observe(grid.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    void width;
    grid.current?.querySelector(`#year-${new Date(cursor).getUTCFullYear()}`)?.scrollIntoView({ block: 'nearest' });
  }, [cursor, width]);
  useEffect(() => grid.current?.focus({ preventScroll: true }), []);
  const cell = cellWidth(width);
  const years = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') openDay(cursor);
    else {
      const day = movedDay(cursor, event.key, first, last);
      if (day === null) return;
      useCalendar.setState({ cursor: day });
    }
    event.preventDefault();
  };
  return (
    <div
      ref={grid}
      className="calendar-years"
      role="grid"
      tabIndex={0}
      aria-label="Days. Arrow keys move by day and month, Page keys by year, Enter opens a day."
      aria-colcount={DAYS + 2}
      aria-activedescendant={`day-${dayText(cursor)}`}
      data-testid="calendar-years"
      data-cursor={dayText(cursor)}
      onKeyDown={onKeyDown}
    >
      {cell > 0 &&
        years.map((year) => (
          <Year key={year} year={year} tally={tally} cursor={cursor} cell={cell} onHover={onHover} />
        ))}
    </div>
  );
}

/** As many years side by side as fit with days that can be hit. */
function cellWidth(width: number): number {
  if (width === 0) return 0;
  const fits = (columns: number) => Math.floor((width / columns - ASIDE - DAYS * GAP) / DAYS);
  let columns = 1;
  while (columns < 4 && fits(columns + 1) >= NARROWEST) columns++;
  return Math.min(WIDEST, Math.max(7, fits(columns)));
}

interface YearProps {
  year: number;
  tally: CellTally;
  cursor: number;
  cell: number;
  onHover(cell: number, x: number, y: number): void;
}

function Year({ year, tally, cursor, cell, onHover }: YearProps) {
  const start = (Date.UTC(year, 0, 1) - tally.from) / DAY_MS;
  const end = (Date.UTC(year + 1, 0, 1) - tally.from) / DAY_MS;
  const bars = useMemo(() => sumBars(tally, start, end), [tally, start, end]);
  const cellOf = useMemo(() => {
    const starts = MONTHS.map((_, month) => (Date.UTC(year, month, 1) - tally.from) / DAY_MS);
    return (row: number, column: number) => (column < daysInMonth(year, row) ? starts[row]! + column : -1);
  }, [year, tally.from]);
  const isHere = new Date(cursor).getUTCFullYear() === year;
  const active = isHere ? (cursor - tally.from) / DAY_MS : -1;
  const place = { rows: 12, columns: DAYS, width: cell, height: CELL_HEIGHT, gap: GAP };
  return (
    <div
      role="rowgroup"
      className="calendar-year"
      id={`year-${year}`}
      aria-label={`${year}: ${barsWords(bars)}`}
      data-testid={`year-${year}`}
    >
      <div className="calendar-year-head">
        <b className="num">{year}</b>
        <BarsNumber bars={bars} />
      </div>
      <div className="calendar-year-days" style={{ width: gridSize(place).width + ASIDE - 28 }}>
        <MarkGrid
          place={place}
          tally={tally}
          cellOf={cellOf}
          framed={null}
          active={active}
          onHover={onHover}
          onPick={(picked) => openDay(tally.from + picked * DAY_MS)}
        />
        {MONTHS.map((name, month) => {
          const from = cellOf(month, 0);
          const own = sumBars(tally, from, from + daysInMonth(year, month));
          const isActive = isHere && new Date(cursor).getUTCMonth() === month;
          return (
            <div key={name} role="row" className="calendar-month" style={{ height: CELL_HEIGHT + GAP }}>
              <span role="rowheader" aria-label={`${name} ${year}`}>
                {name}
              </span>
              {isActive && (
                <span
                  role="gridcell"
                  id={`day-${dayText(cursor)}`}
                  aria-colindex={new Date(cursor).getUTCDate() + 1}
                  aria-selected="true"
                  aria-label={dayWords(tally, active)}
                  className="calendar-active"
                />
              )}
              <span role="gridcell" aria-colindex={DAYS + 2} data-testid={`month-${year}-${month + 1}`}>
                <BarsNumber bars={own} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** `2021-02-17, Wednesday: unexplained; 1,440 bars unexplained` */
export function dayWords(tally: CellTally, cell: number): string {
  const day = tally.from + cell * DAY_MS;
  return `${dayText(day)}, ${weekdayOf(day)}: ${worstWords(tally.worst[cell]!)}; ${barsWords(sumBars(tally, cell, cell + 1))}`;
}
