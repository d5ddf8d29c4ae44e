import type { OutageProposal } from '@shared/contract';
import { type FormEvent, useId, useState } from 'react';
import { announce, sentenceOf, useSession } from '../../client';
import { Button, MARKET_WORDS } from '../../components';
import { evidenceWords, windowWords } from './outage-words';
import { readOutages } from './outages-store';

/** A stop that many series show: its evidence, and a person's word about it. */
export function ProposalCard({ proposal }: { proposal: OutageProposal }) {
  const session = useSession();
  const field = useId();
  const [remark, setRemark] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const decide = async (work: () => Promise<unknown>, said: string) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
      announce(said);
      await readOutages(session);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const accept = (event: FormEvent) => {
    event.preventDefault();
    const body = { id: proposal.id, remark: remark.trim() };
    void decide(() => session.call('outages.accept', body), 'Taken into the catalogue; its gaps are explained now.');
  };
  return (
    <li className="card proposal" data-testid="outage-proposal">
      <div className="spread">
        <b className="num">{windowWords(proposal)}</b>
        <span className="dim">{MARKET_WORDS[proposal.market]}</span>
      </div>
      {evidenceWords(proposal.evidence).map((line) => (
        <p key={line} className="dim">
          {line}
        </p>
      ))}
      <form onSubmit={accept}>
        <label htmlFor={field}>Remark</label>
        <input
          id={field}
          className="field"
          value={remark}
          maxLength={1_000}
          placeholder="What is known of it, for example an announcement"
          data-testid="outage-remark"
          onChange={(event) => setRemark(event.target.value)}
        />
        <Button
          type="submit"
          kind="primary"
          disabled={busy || remark.trim() === ''}
          title={remark.trim() === '' ? 'A remark says later why it was taken in' : undefined}
          data-testid="outage-accept"
        >
          Take into the catalogue
        </Button>
        <Button
          kind="quiet"
          disabled={busy}
          data-testid="outage-dismiss"
          onClick={() =>
            void decide(() => session.call('outages.dismiss', { id: proposal.id }), 'It will not be proposed again.')
          }
        >
          Dismiss
        </Button>
      </form>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
    </li>
  );
}
