import { ListPlus, Plus } from 'lucide-react';
import { openDialog, useWindow } from '../../client';
import { Button, EmptyState } from '../../components';

/** The list is empty: the first thing to do. */
export function NoSeries() {
  const practice = useWindow((state) => state.app?.exchange.practice ?? false);
  return (
    <EmptyState
      icon={<ListPlus size={24} />}
      title="No series yet."
      actions={
        <Button kind="primary" data-testid="choose-symbols" onClick={() => openDialog('add-series')}>
          <Plus size={15} aria-hidden="true" />
          Choose symbols
        </Button>
      }
    >
      <p>
        A series is one symbol at one interval, for example BTCUSDT 1m, or its trades.{' '}
        {practice ? 'The practice exchange has every symbol since 2017, offline.' : 'Adding it fetches nothing yet.'}
      </p>
    </EmptyState>
  );
}
