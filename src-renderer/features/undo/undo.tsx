import type { IngestBatch } from '@shared/contract';
import { formatTime, parseStoredSeriesKey, seriesWord } from '@shared/market';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { announce, sentenceOf, useSession } from '../../client';
import { Button, formatAmount, formatBars } from '../../components';

/** The contract's limit; older batches cannot be listed. */
const BATCHES_READ = 500;
const SHOWN = 20;

/** Takes back what a job wrote, series by series; asks before it does. */
export function Undo({ jobId }: { jobId: string }) {
  const session = useSession();
  const [batches, setBatches] = useState<readonly IngestBatch[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [reading, setReading] = useState(false);

  const read = async () => {
    setReading(true);
    setFailure(null);
    try {
      const answer = await session.call('batches.list', { limit: BATCHES_READ });
      setBatches(answer.batches.filter((each) => each.jobId === jobId));
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setReading(false);
    }
  };
  if (!batches)
    return (
      <div className="undo">
        {failure && <p className="alarm">{failure}</p>}
        <Button size="small" kind="quiet" disabled={reading} data-testid="undo-open" onClick={() => void read()}>
          <Undo2 size={14} aria-hidden="true" />
          Undo…
        </Button>
      </div>
    );
  return (
    <div className="undo card" data-testid="undo">
      {batches.length === 0 && <p className="dim">Nothing of this job is there to be taken back.</p>}
      <ul>
        {batches.slice(0, SHOWN).map((batch) => (
          <li key={batch.key} className="undo-batch">
            <UndoBatch batch={batch} />
          </li>
        ))}
      </ul>
      {batches.length > SHOWN && (
        <p className="dim">{formatAmount(batches.length - SHOWN, 'more batch')} of this job.</p>
      )}
      <Button size="small" kind="quiet" onClick={() => setBatches(null)}>
        Close
      </Button>
    </div>
  );
}

type Phase = 'offered' | 'asking' | 'working';

function UndoBatch({ batch }: { batch: IngestBatch }) {
  const session = useSession();
  const [phase, setPhase] = useState<Phase>('offered');
  const [done, setDone] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const series = parseStoredSeriesKey(batch.key);
  const name = series ? `${series.symbol} ${seriesWord(series)}` : batch.key;
  const rows = series?.interval === null ? 'trade' : 'bar';
  const amount = batch.bars === null ? 'its rows' : formatBars(batch.bars);

  const revert = async () => {
    setPhase('working');
    setFailure(null);
    try {
      const { removed, restored } = await session.call('batches.revert', { jobId: batch.jobId, key: batch.key });
      const words = `${formatAmount(removed, rows)} taken back${restored > 0 ? `, ${formatAmount(restored, rows)} put back as they were` : ''}.`;
      setDone(words);
      announce(`${name}: ${words}`);
    } catch (error) {
      setFailure(sentenceOf(error));
      setPhase('offered');
    }
  };
  return (
    <>
      <div className="spread">
        <b>{name}</b>
        <span className="num dim">{amount}</span>
      </div>
      <div className="num faint">
        {formatTime(batch.range.from)} → {formatTime(batch.range.to)}
      </div>
      {failure && <p className="alarm">{failure}</p>}
      {done !== null ? (
        <p role="status" data-testid="undo-result">
          {done}
        </p>
      ) : batch.revertedAt !== null ? (
        <p className="dim">Taken back {formatTime(batch.revertedAt).slice(0, 16)}.</p>
      ) : phase === 'asking' ? (
        <div className="undo-ask">
          <p>Take back {amount}? What stood there before this job is put back.</p>
          <span className="confirm">
            <Button size="small" kind="danger" autoFocus data-testid="undo-confirm" onClick={() => void revert()}>
              Take back {amount}
            </Button>
            <Button size="small" kind="quiet" onClick={() => setPhase('offered')}>
              Keep
            </Button>
          </span>
        </div>
      ) : (
        <Button
          size="small"
          disabled={phase === 'working'}
          data-testid={`undo-${batch.key}`}
          onClick={() => setPhase('asking')}
        >
          {phase === 'working' ? 'Taking back…' : 'Undo'}
        </Button>
      )}
    </>
  );
}
