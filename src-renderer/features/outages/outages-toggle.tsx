import { openDialog } from '../../client';
import { formatAmount } from '../../components';
import { useOutageProposals, useOutagesUpToDate } from './outages-store';

/** `1 possible outage` in the footer, or just the way to the catalogue; keeps the proposals up to date. */
export function OutagesToggle() {
  useOutagesUpToDate();
  const count = useOutageProposals();
  return (
    <button
      type="button"
      className={`status-findings ${count > 0 ? 'has-new' : ''}`}
      aria-keyshortcuts="o"
      title="Times in which the exchange itself stood still (O)"
      data-testid="outages-toggle"
      onClick={() => openDialog('outages')}
    >
      {count > 0 ? formatAmount(count, 'possible outage') : 'outages'}
    </button>
  );
}
