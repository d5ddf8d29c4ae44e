import { Import, ListPlus, Plus } from 'lucide-react';
import { openDialog, useWindow } from '../../client';
import { Button, EmptyState, formatAmount } from '../../components';
import { useSuggestedTables } from '../adoption';

/** The list is empty: the first thing to do. */
export function NoSeries() {
  const practice = useWindow((state) => state.app?.exchange.practice ?? false);
  const suggested = useSuggestedTables();
  return (
    <EmptyState
      icon={<ListPlus size={24} />}
      title="No series yet."
      actions={
        <>
          <Button kind="primary" data-testid="choose-symbols" onClick={() => openDialog('add-series')}>
            <Plus size={15} aria-hidden="true" />
            Choose symbols
          </Button>
          <Button data-testid="adopt-instead" onClick={() => openDialog('adoption')}>
            <Import size={15} aria-hidden="true" />
            Adopt tables or files
          </Button>
        </>
      }
    >
      <p>
        A series is one symbol at one interval, for example BTCUSDT 1m, or its trades.{' '}
        {practice ? 'The practice exchange has every symbol since 2017, offline.' : 'Adding it fetches nothing yet.'}
      </p>
      {suggested > 0 && (
        <p data-testid="adoption-suggested">
          The database has candles of other programs in {formatAmount(suggested, 'table')}; they can be adopted.
        </p>
      )}
    </EmptyState>
  );
}
