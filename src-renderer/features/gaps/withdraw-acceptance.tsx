import type { Range } from '@shared/market';
import { useState } from 'react';
import { announce, sentenceOf, useSession } from '../../client';
import { Button, formatBars } from '../../components';

/** Takes a person's word for a gap back: its bars are judged as before, and can be asked for again. */
export function WithdrawAcceptance({ seriesKey, range }: { seriesKey: string; range: Range }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const withdraw = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const body = { key: seriesKey, range: { from: range.from, to: range.to } };
      const { bars } = await session.call('gaps.withdraw', body);
      announce(`${formatBars(bars)} no longer accepted.`);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button disabled={busy} data-testid="withdraw-acceptance" onClick={() => void withdraw()}>
        No longer accept it
      </Button>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}
