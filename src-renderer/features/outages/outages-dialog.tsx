import type { OutageEntry } from '@shared/contract';
import { useEffect, useState } from 'react';
import { announce, openDialog, sentenceOf, useSession } from '../../client';
import { Button, Dialog, formatCount, MARKET_WORDS } from '../../components';
import { ProposalCard } from './outage-proposal';
import { sourceWords, windowWords } from './outage-words';
import { readOutages, useOutages } from './outages-store';

/** Stops of the exchange: those that the series show and nobody has judged, and the catalogue that explains gaps. */
export function OutagesDialog() {
  const session = useSession();
  const { proposals, catalogue, failure } = useOutages();
  useEffect(() => void readOutages(session), [session]);
  return (
    <Dialog
      title="Outages"
      description="Times in which the exchange itself stood still. Gaps in them are explained, for every series of the market."
      onClose={() => openDialog(null)}
      className="outages-dialog"
      testId="outages-dialog"
      footer={
        <span className="grow faint num">
          {catalogue && `Catalogue ${catalogue.version} · outages: ${formatCount(catalogue.entries.length)}`}
        </span>
      }
    >
      <div className="dialog-content outages-body">
        {failure && (
          <div className="notice notice-alarm" role="alert">
            {failure}
            <Button size="small" onClick={() => void readOutages(session)}>
              Read again
            </Button>
          </div>
        )}
        <section aria-label="Proposals">
          <h3>Not in the catalogue</h3>
          {proposals === null ? (
            <p className="dim">Comparing the series…</p>
          ) : proposals.length === 0 ? (
            <p className="dim" data-testid="outages-none">
              No stop is shown by several series that the catalogue does not know.
            </p>
          ) : (
            <ul className="proposals">
              {proposals.map((each) => (
                <ProposalCard key={each.id} proposal={each} />
              ))}
            </ul>
          )}
        </section>
        <section className="outages-catalogue" aria-label="Catalogue">
          <h3>Catalogue</h3>
          {catalogue && <CatalogueTable entries={catalogue.entries} />}
        </section>
      </div>
    </Dialog>
  );
}

/** The newest first, own ones above all others. */
function CatalogueTable({ entries }: { entries: readonly OutageEntry[] }) {
  const sorted = [...entries].sort(
    (a, b) => Number(b.origin === 'own') - Number(a.origin === 'own') || b.from - a.from,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard.
    <section className="outages-scroll" tabIndex={0} aria-label="Entries">
      <table className="outages-table" data-testid="outages-table">
        <thead>
          <tr>
            <th scope="col">From → to (UTC)</th>
            <th scope="col">Market</th>
            <th scope="col">Known from</th>
            <th scope="col">Remark</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((entry) => (
            <tr key={entry.id} data-testid={`outage-${entry.id}`} data-origin={entry.origin}>
              <td className="num">{windowWords(entry)}</td>
              <td>{MARKET_WORDS[entry.market]}</td>
              <td className="dim">{sourceWords(entry)}</td>
              <td>
                {entry.remark ?? ''}
                {entry.origin === 'own' && <Withdraw id={entry.id} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Takes an own entry out again: its gaps are judged as before. */
function Withdraw({ id }: { id: string }) {
  const session = useSession();
  const [failure, setFailure] = useState<string | null>(null);
  const withdraw = async () => {
    try {
      await session.call('outages.withdraw', { id });
      announce('Taken out of the catalogue.');
      await readOutages(session);
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  return (
    <>
      <Button kind="quiet" size="small" data-testid="outage-withdraw" onClick={() => void withdraw()}>
        Withdraw
      </Button>
      {failure && (
        <span className="alarm" role="alert">
          {failure}
        </span>
      )}
    </>
  );
}
