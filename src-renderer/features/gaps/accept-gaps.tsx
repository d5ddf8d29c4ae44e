import { type FormEvent, useState } from 'react';
import { announce, type SeriesGap, sentenceOf, useSession } from '../../client';
import { Button, formatAmount } from '../../components';

/** Takes gaps as explained, with the reason that a person gives. */
export function AcceptGaps({ gaps }: { gaps: readonly SeriesGap[] }) {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  if (!asking)
    return (
      <Button data-testid="accept-gaps" onClick={() => setAsking(true)}>
        Accept as explained…
      </Button>
    );
  const accept = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    let done = 0;
    try {
      for (const { key, span } of gaps) {
        const body = { key, range: { from: span.from, to: span.to }, reason: reason.trim() };
        await session.call('gaps.accept', body);
        done++;
      }
      setAsking(false);
      announce(`${formatAmount(done, 'gap')} accepted as explained.`);
    } catch (error) {
      setFailure(`${done} of ${formatAmount(gaps.length, 'gap')} accepted. ${sentenceOf(error)}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="accept-gaps" onSubmit={(event) => void accept(event)}>
      <label>
        Reason
        <textarea
          className="field"
          rows={3}
          maxLength={1_000}
          value={reason}
          data-testid="accept-reason"
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      <div className="accept-acts">
        <Button type="submit" kind="primary" disabled={busy || reason.trim() === ''} data-testid="accept-confirm">
          Accept {formatAmount(gaps.length, 'gap')}
        </Button>
        <Button kind="quiet" onClick={() => setAsking(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
