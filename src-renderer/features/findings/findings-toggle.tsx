import { useEffect } from 'react';
import { openDialog, useSession, useWindow } from '../../client';
import { formatAmount } from '../../components';
import { readFindings, useFindings, useNewFindings } from './findings-store';

/** `3 findings` in the footer: how many nobody has looked at. Reads them again whenever a program of the workspace has changed them. */
export function FindingsToggle() {
  const session = useSession();
  const findings = useFindings((state) => state.findings);
  const ready = useWindow((state) => state.connection.phase === 'connected' && state.app?.phase === 'ready');
  useEffect(() => {
    if (ready) void readFindings(session);
  }, [session, ready]);
  useEffect(() => session.client.on('findings.changed', () => void readFindings(session)), [session]);
  const fresh = useNewFindings();
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
