// biome-ignore-all lint/a11y/useSemanticElements: a windowed grid of absolutely placed rows is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active cell.
import { ArrowDownWideNarrow } from 'lucide-react';
import type { MouseEvent } from 'react';
import { cellLeft, type MatrixLayout } from './matrix-layout';
import { cellId } from './matrix-lines';
import type { ColumnName, MatrixModel, MatrixOrder } from './matrix-model';
import { isSortedBy, sortBy } from './matrix-store';
import { columnWords, tallyWords } from './matrix-words';
import { TallyNumber } from './tally-number';

export interface MatrixHeadProps {
  model: MatrixModel;
  layout: MatrixLayout;
  order: MatrixOrder;
  /** Column of the keyboard when it is on the heads. */
  active: ColumnName | null;
  onPick(column: number, event: MouseEvent): void;
}

/** Heads of the columns with their totals: a click selects the column, the arrow sorts by it. */
export function MatrixHead({ model, layout, order, active, onPick }: MatrixHeadProps) {
  return (
    <div role="rowgroup" className="matrix-head">
      <div role="row" aria-rowindex={1}>
        <div role="columnheader" aria-colindex={1} className="matrix-corner" aria-sort={cornerSort(order)}>
          <button
            type="button"
            tabIndex={-1}
            aria-pressed={order.by === 'symbol'}
            title="Order by symbol; once more turns it round"
            onClick={() => sortBy('symbol')}
          >
            Symbol
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-pressed={order.by === 'missing'}
            title="Bars missing in all intervals; click to see what alarms first"
            data-testid="matrix-sort-missing"
            onClick={() => sortBy('missing')}
          >
            Missing
          </button>
          <TallyNumber tally={model.tally} />
        </div>
        <div className="matrix-cells">
          {model.columns.map((column, index) => {
            const sorted = isSortedBy(order, { column });
            const left = cellLeft(layout, index);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it handles the keys.
              <div
                key={column}
                role="columnheader"
                id={cellId('columns', column)}
                aria-colindex={index + 2}
                aria-sort={sorted ? (order.reversed ? 'ascending' : 'descending') : 'none'}
                aria-label={`${columnWords(column)}, all symbols: ${tallyWords(model.tallies[index]!)}`}
                className={`matrix-column ${active === column ? 'is-active' : ''} ${sorted ? 'is-sorted' : ''}`}
                style={{ left, width: cellLeft(layout, index + 1) - left }}
                title={`Select all ${columnWords(column)} series`}
                data-testid={`matrix-column-${column}`}
                onClick={(event) => onPick(index, event)}
              >
                <b className="num">{columnWords(column)}</b>
                <button
                  type="button"
                  tabIndex={-1}
                  className={`matrix-sort ${order.reversed ? 'is-reversed' : ''}`}
                  aria-label={`Sort by what ${columnWords(column)} lacks`}
                  title={`Sort by what ${columnWords(column)} lacks`}
                  aria-pressed={sorted}
                  data-testid={`matrix-sort-${column}`}
                  onClick={(event) => {
                    event.stopPropagation();
                    sortBy({ column });
                  }}
                >
                  <ArrowDownWideNarrow size={13} aria-hidden="true" />
                </button>
                <TallyNumber tally={model.tallies[index]!} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function cornerSort({ by, reversed }: MatrixOrder): 'ascending' | 'descending' | 'none' {
  if (typeof by === 'object') return 'none';
  return (by === 'missing') !== reversed ? 'descending' : 'ascending';
}
