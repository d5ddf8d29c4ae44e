// biome-ignore-all lint/a11y/useSemanticElements: a grid beside a canvas is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active minute.
import { formatTime, HOUR_MS } from '@shared/market';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { selectionRange, useWindow } from '../../client';
import { BarsNumber } from './bars-number';
import { movedCell } from './calendar-days';
import { useCalendar } from './calendar-store';
import { barsWords, worstWords } from './calendar-words';
import { type CellTally, sumBars } from './cell-tally';
import { MarkGrid } from './mark-grid';
import { gridSize } from './mark-grid-painter';

export interface DayGridProps {
  tally: CellTally;
  /** Cells of an hour. */
  columns: number;
  onHover(cell: number, x: number, y: number): void;
  /** Selects what is at the moment. */
  onPick(at: number): void;
}

const ASIDE = 140;
const GAP = 2;
const HEAD = 24;

/** A day as twenty-four rows of minutes, or of the bars that are longer. */
export function DayGrid({ tally, columns, onHover, onPick }: DayGridProps) {
  const moment = useCalendar((state) => state.moment);
  const selection = useWindow((state) => state.selection);
  const grid = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(() =>
      setSize({ width: grid.current!.clientWidth, height: grid.current!.clientHeight }),
    );
    observer.observe(grid.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => grid.current?.focus({ preventScroll: true }), []);
  const place = {
    rows: 24,
    columns,
    width: Math.max(5, Math.min(columns === 60 ? 22 : 400, Math.floor((size.width - ASIDE) / columns) - GAP)),
    height: Math.max(9, Math.min(24, Math.floor((size.height - HEAD - 12) / 24) - GAP)),
    gap: GAP,
  };
  const active = Math.min(tally.cells - 1, Math.max(0, Math.floor((moment - tally.from) / tally.cellMs)));
  const range = selectionRange(selection);
  const framed =
    range && range.to > tally.from && range.from < tally.from + 24 * HOUR_MS
      ? {
          first: Math.max(0, Math.floor((range.from - tally.from) / tally.cellMs)),
          last: Math.min(tally.cells, Math.ceil((range.to - tally.from) / tally.cellMs)) - 1,
        }
      : null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') onPick(tally.from + active * tally.cellMs);
    else {
      const cell = movedCell(active, event.key, columns);
      if (cell === null) return;
      useCalendar.setState({ moment: tally.from + cell * tally.cellMs });
    }
    event.preventDefault();
  };
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const marks = columns === 60 ? [0, 10, 20, 30, 40, 50] : [0];
  return (
    <div
      ref={grid}
      className="calendar-day"
      role="grid"
      tabIndex={0}
      aria-label="Minutes of the day. Arrow keys move by minute and hour, Enter selects what is there."
      aria-colcount={columns + 2}
      aria-activedescendant={`cell-${active}`}
      data-testid="calendar-day"
      data-active={formatTime(tally.from + active * tally.cellMs)}
      onKeyDown={onKeyDown}
    >
      <div className="calendar-day-scale num faint" style={{ height: HEAD }} aria-hidden="true">
        {marks.map((minute) => (
          <span key={minute} style={{ left: (minute * columns * (place.width + GAP)) / 60 }}>
            :{String(minute).padStart(2, '0')}
          </span>
        ))}
      </div>
      <div className="calendar-day-rows" role="rowgroup" style={{ width: gridSize(place).width + ASIDE - 28 }}>
        {size.width > 0 && (
          <MarkGrid
            place={place}
            tally={tally}
            cellOf={(row, column) => row * columns + column}
            framed={framed}
            active={active}
            onHover={onHover}
            onPick={(cell) => onPick(tally.from + cell * tally.cellMs)}
          />
        )}
        {hours.map((hour) => {
          const own = sumBars(tally, hour * columns, (hour + 1) * columns);
          return (
            <div key={hour} role="row" className="calendar-hour" style={{ height: place.height + GAP }}>
              <span role="rowheader" className="num">
                {String(hour).padStart(2, '0')}:00
              </span>
              {Math.floor(active / columns) === hour && (
                <span
                  role="gridcell"
                  id={`cell-${active}`}
                  aria-colindex={(active % columns) + 2}
                  aria-selected={framed !== null && active >= framed.first && active <= framed.last}
                  aria-label={cellWords(tally, active)}
                  className="calendar-active"
                />
              )}
              <span role="gridcell" aria-colindex={columns + 2}>
                <BarsNumber bars={own} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** `2021-02-17 04:01: unexplained; 1 bar unexplained` */
export function cellWords(tally: CellTally, cell: number): string {
  return `${formatTime(tally.from + cell * tally.cellMs)}: ${worstWords(tally.worst[cell]!)}; ${barsWords(sumBars(tally, cell, cell + 1))}`;
}
