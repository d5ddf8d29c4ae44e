import { ListPlus } from 'lucide-react';
import { useState } from 'react';
import { announce, sentenceOf, useSession } from '../../client';
import { Button, formatCount } from '../../components';
import { followRequests } from './follow-requests';
import { SeriesNames } from './series-names';

/** Series of empty cells, and the button that puts them on the list. */
export function FollowOffer({ keys, isAll }: { keys: readonly string[]; isAll: boolean }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const follow = async () => {
    setBusy(true);
    setFailure(null);
    try {
      for (const request of followRequests(keys)) await session.call('series.add', request);
      announce(`${formatCount(keys.length)} series are followed now.`);
    } catch (error) {
      setFailure(sentenceOf(error));
    }
    setBusy(false);
  };
  return (
    <section className="follow" aria-label="Not followed yet">
      <h3>{formatCount(keys.length)} series not followed</h3>
      <SeriesNames keys={keys} />
      <p className="dim">Following puts them on the list; it fetches nothing yet.</p>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      <Button
        kind={isAll ? 'primary' : 'plain'}
        size={isAll ? 'large' : 'normal'}
        disabled={busy}
        data-testid="follow"
        onClick={() => void follow()}
      >
        <ListPlus size={15} aria-hidden="true" />
        {busy ? 'Adding…' : `Follow ${formatCount(keys.length)} series`}
      </Button>
    </section>
  );
}
