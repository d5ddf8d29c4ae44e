import { useEffect } from 'react';
import { openDialog, useSession, useWindow } from '../../client';
import { formatAmount } from '../../components';
import { readFindings, useFindings } from './findings-store';

/** `3 findings` in the footer: how many nobody has looked at. Reads them when a job has ended, since jobs make them. */
export function FindingsToggle() {
  const session = useSession();
  const findings = useFindings((state) => state.findings);
  const ready = useWindow((state) => state.connection.phase === 'connected' && state.app?.phase === 'ready');
  const receipts = useWindow((state) => state.receipts);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new receipt is what asks again.
  useEffect(() => {
    if (ready) void readFindings(session);
  }, [session, ready, receipts]);
  const fresh = findings?.filter((each) => each.state === 'new').length ?? 0;
  return (
    <button
      type="button"
      className={`status-findings ${fresh > 0 ? 'has-new' : ''}`}
      aria-keyshortcuts="f"
      title="Things about the data that are worth a look (F)"
      data-testid="findings-toggle"
      onClick={() => openDialog('findings')}
    >
      {findings === null ? 'findings' : formatAmount(fresh, 'finding')}
    </button>
  );
}
