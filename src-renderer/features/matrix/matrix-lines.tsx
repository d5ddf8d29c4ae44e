// biome-ignore-all lint/a11y/useSemanticElements: a windowed grid of absolutely placed rows is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active cell.
import { formatTime } from '@shared/market';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type CSSProperties, memo } from 'react';
import { formatCount, MARKET_WORDS } from '../../components';
import { cellLeft, type MatrixLayout } from './matrix-layout';
import type { ColumnName, MatrixGroup, MatrixLine, MatrixRow, SortBy } from './matrix-model';
import { foldGroup } from './matrix-store';
import { cellNumber, cellWords, groupCellWords, groupWords, rowHeadWords } from './matrix-words';
import { TallyNumber } from './tally-number';

export function cellId(lineId: string, column: ColumnName | null): string {
  return `cell-${lineId}-${column ?? 'head'}`.replace(/[^\w-]/g, '-');
}

export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface MatrixLinesProps {
  lines: readonly MatrixLine[];
  columns: readonly ColumnName[];
  /** Lines on screen, and those of them where scrolling has come to rest: `[first, last)`. */
  shown: LineRange;
  rested: LineRange;
  layout: MatrixLayout;
  selected: ReadonlySet<string>;
  activeId: string | null;
  showMarket: boolean;
  sortedBy: SortBy;
}

/**
 * Heads and cells for hands and screen readers: only the lines on screen are in the document. The canvas shows the pixels of cells, so
 * theirs can come when scrolling rests; heads come at once.
 */
export function MatrixLines({ lines, shown, rested, selected, activeId, sortedBy, ...shared }: MatrixLinesProps) {
  const { first, last } = shown;
  const date = sortedBy === 'first' || sortedBy === 'last' ? sortedBy : null;
  return lines
    .slice(first, last)
    .map((line, offset) =>
      line.kind === 'row' ? (
        <SymbolLine
          key={line.id}
          row={line.row}
          index={first + offset}
          chosen={line.row.cells.map((cell) => (selected.has(cell.key) ? '1' : '0')).join('')}
          isActive={line.id === activeId}
          hasCells={first + offset >= rested.first && first + offset < rested.last}
          date={date}
          {...shared}
        />
      ) : (
        <GroupLine
          key={line.id}
          group={line.group}
          index={first + offset}
          isActive={line.id === activeId}
          columns={shared.columns}
          layout={shared.layout}
        />
      ),
    );
}

interface SymbolLineProps {
  row: MatrixRow;
  index: number;
  columns: readonly ColumnName[];
  layout: MatrixLayout;
  /** A digit per column: 1 where the cell is selected. */
  chosen: string;
  isActive: boolean;
  hasCells: boolean;
  showMarket: boolean;
  /** The date that the rows are sorted by, when they are. */
  date: 'first' | 'last' | null;
}

const SymbolLine = memo(
  function SymbolLine({ row, index, columns, layout, chosen, isActive, hasCells, showMarket, date }: SymbolLineProps) {
    const all = chosen !== '' && row.cells.every((cell, i) => cell.summary === null || chosen[i] === '1');
    const moment = date ? row[date] : null;
    return (
      <div role="row" aria-rowindex={index + 2} className="matrix-line" style={placeOf(index, layout)}>
        <div
          role="rowheader"
          id={cellId(row.id, null)}
          className={`matrix-symbol ${all ? 'is-selected' : ''} ${isActive ? 'is-active' : ''}`}
          aria-label={rowHeadWords(row)}
          aria-selected={all}
          data-testid={`matrix-row-${row.market}:${row.symbol}`}
        >
          <span className="clip" title={row.symbol}>
            {row.symbol}
            {showMarket && <small>{MARKET_WORDS[row.market]}</small>}
          </span>
          {date && (
            <span className="num faint matrix-date">{moment === null ? '–' : formatTime(moment).slice(0, 10)}</span>
          )}
          <TallyNumber tally={row.tally} />
        </div>
        <div className="matrix-cells">
          {hasCells &&
            row.cells.map((cell, i) => (
              <div
                key={cell.key}
                role="gridcell"
                id={cellId(row.id, columns[i]!)}
                aria-colindex={i + 2}
                aria-selected={chosen[i] === '1'}
                aria-label={cellWords(row, columns[i]!, cell)}
                style={cellPlace(layout, i)}
                data-testid={`cell-${cell.key}`}
                data-unexplained={cell.page?.alarming}
              />
            ))}
        </div>
      </div>
    );
  },
  (before, after) =>
    before.index === after.index &&
    before.layout === after.layout &&
    before.chosen === after.chosen &&
    before.isActive === after.isActive &&
    before.hasCells === after.hasCells &&
    before.showMarket === after.showMarket &&
    before.date === after.date &&
    before.row.cells.length === after.row.cells.length &&
    before.row.cells.every((cell, i) => {
      const other = after.row.cells[i]!;
      return cell.key === other.key && cell.summary === other.summary && cell.page === other.page;
    }),
);

interface GroupLineProps {
  group: MatrixGroup;
  index: number;
  columns: readonly ColumnName[];
  layout: MatrixLayout;
  isActive: boolean;
}

function GroupLine({ group, index, columns, layout, isActive }: GroupLineProps) {
  const { quote, collapsed } = group;
  const Icon = collapsed ? ChevronRight : ChevronDown;
  return (
    <div role="row" aria-rowindex={index + 2} className="matrix-line" style={placeOf(index, layout)}>
      <div
        role="rowheader"
        id={cellId(group.id, null)}
        className={`matrix-symbol matrix-group ${isActive ? 'is-active' : ''}`}
        aria-label={groupWords(group)}
        aria-expanded={!collapsed}
        data-testid={`matrix-group-${quote}`}
      >
        <button
          type="button"
          className="matrix-fold"
          tabIndex={-1}
          aria-label={`${collapsed ? 'Unfold' : 'Fold'} ${quote}`}
          title={collapsed ? 'Unfold' : 'Fold'}
          onClick={() => foldGroup(quote, !collapsed)}
        >
          <Icon size={14} aria-hidden="true" />
        </button>
        <span className="clip">
          {quote} <small className="num">{formatCount(group.rows.length)}</small>
        </span>
        <TallyNumber tally={group.tally} />
      </div>
      <div className="matrix-cells">
        {columns.map((column, i) => (
          <div
            key={column}
            role="gridcell"
            id={cellId(group.id, column)}
            aria-colindex={i + 2}
            aria-label={groupCellWords(group, column, i)}
            style={cellPlace(layout, i)}
            data-testid={`matrix-group-${quote}-${column}`}
            data-number={cellNumber(group.tallies[i]!)?.text}
          />
        ))}
      </div>
    </div>
  );
}

function placeOf(index: number, layout: MatrixLayout): CSSProperties {
  return { top: index * layout.rowHeight, height: layout.rowHeight };
}

function cellPlace(layout: MatrixLayout, column: number): CSSProperties {
  const left = cellLeft(layout, column);
  return { left, width: cellLeft(layout, column + 1) - left };
}
