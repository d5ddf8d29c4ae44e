// biome-ignore-all lint/a11y/useSemanticElements: the head of a grid that is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: its buttons take the focus.
import { orderGapsBy, useGapList } from './gap-list-store';
import type { GapOrderBy } from './gap-rows';

const COLUMNS: readonly { name: string; by: GapOrderBy | null; className?: string }[] = [
  { name: 'Series', by: 'series' },
  { name: 'From (UTC)', by: 'from' },
  { name: 'To', by: null, className: 'gap-line-to' },
  { name: 'Bars', by: 'bars', className: 'gap-line-bars' },
  { name: 'Verdict', by: 'verdict' },
  { name: 'Tried · next try', by: null, className: 'gap-line-tried' },
  { name: 'Evidence', by: null, className: 'gap-line-evidence' },
];

export function GapListHead() {
  const order = useGapList((state) => state.order);
  return (
    <div className="gap-lines-head" role="rowgroup">
      <div role="row" aria-rowindex={1} className="gap-line">
        <span role="columnheader" aria-label="Selected" />
        {COLUMNS.map(({ name, by, className = '' }) => (
          <span
            key={name}
            role="columnheader"
            className={className}
            aria-sort={by === order.by ? (order.reversed ? 'descending' : 'ascending') : undefined}
          >
            {by ? (
              <button
                type="button"
                data-testid={`gaps-by-${by}`}
                title={`Order by ${name.toLowerCase()}`}
                onClick={() => orderGapsBy(by)}
              >
                {name}
                {by === order.by && <span aria-hidden="true">{order.reversed ? ' ↑' : ' ↓'}</span>}
              </button>
            ) : (
              name
            )}
          </span>
        ))}
      </div>
    </div>
  );
}
