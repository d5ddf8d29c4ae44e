import { ArrowDownUp, Rows3 } from 'lucide-react';
import { useWindow } from '../../client';
import { IconButton } from '../../components';
import { columnOf, compareColumns, type SortBy } from './matrix-model';
import { setGrouped, sortBy, useMatrix } from './matrix-store';
import { columnWords } from './matrix-words';

const PLAIN: readonly [Exclude<SortBy, object>, string][] = [
  ['symbol', 'symbol'],
  ['missing', 'missing bars'],
  ['first', 'first candle'],
  ['last', 'last candle'],
];

/** How the matrix is arranged: the toolbar's part that the strips have for time. */
export function MatrixTools() {
  const { order, grouped } = useMatrix();
  const series = useWindow((state) => state.series);
  const columns = [...new Set(series?.map((each) => columnOf(each.key)))].sort(compareColumns);
  const value = typeof order.by === 'object' ? `column ${order.by.column}` : order.by;
  return (
    <>
      <label className="matrix-order">
        <span className="dim">Sort by</span>
        <select
          className="field"
          value={value}
          data-testid="matrix-order"
          onChange={({ target }) => {
            const [kind, column] = target.value.split(' ');
            const by: SortBy = column ? { column } : (kind as Exclude<SortBy, object>);
            useMatrix.setState({ order: { by, reversed: false } });
          }}
        >
          {PLAIN.map(([by, words]) => (
            <option key={by} value={by}>
              {words}
            </option>
          ))}
          {columns.map((column) => (
            <option key={column} value={`column ${column}`}>
              missing in {columnWords(column)}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="segments" aria-label="Arrangement">
        <IconButton
          label="Turn the order round"
          pressed={order.reversed}
          data-testid="matrix-reverse"
          onClick={() => sortBy(order.by)}
        >
          <ArrowDownUp size={15} />
        </IconButton>
        <IconButton
          label="Group by quote asset"
          pressed={grouped}
          data-testid="matrix-group"
          onClick={() => setGrouped(!grouped)}
        >
          <Rows3 size={15} />
        </IconButton>
      </fieldset>
    </>
  );
}
