import type { JobProgress } from '@shared/contract';
import { useEffect, useState } from 'react';
import { announce, sentenceOf, useSession, useWindow } from '../../client';
import { Button, formatCompact, formatCount, formatDuration, ProgressBar } from '../../components';

export interface JobCardProps {
  /** null while the first progress has not come. */
  job: JobProgress | null;
  jobId: string;
  onAgain(): void;
}

const SPEAK_MS = 10_000;
const OVER = new Set<JobProgress['state']>([
  'cancelled',
  'failed',
  'partial',
  'complete',
  'complete_with_explained_gaps',
]);

/** A job under way: how far, how fast, how long still. */
export function JobCard({ job, jobId, onAgain }: JobCardProps) {
  const session = useSession();
  const [failure, setFailure] = useState<string | null>(null);
  const done = job?.barsDone ?? 0;
  const asked = job?.barsAsked ?? 0;
  useSpokenProgress(job);
  useReceiptOf(job);

  const cancel = () =>
    session.call('backfill.cancel', { jobId }).then(
      () => setFailure(null),
      (error) => setFailure(sentenceOf(error)),
    );

  if (job && OVER.has(job.state) && job.state === 'cancelled')
    return (
      <div className="notice" data-testid="job-cancelled">
        <p>
          Cancelled. {formatCount(done)} of {formatCount(asked)} bars are done and stay stored.
        </p>
        <Button size="small" onClick={onAgain}>
          Plan again
        </Button>
      </div>
    );
  return (
    <div className="card job-card" data-testid="job">
      <div className="spread">
        <b>
          {job ? (job.state === 'queued' ? 'Queued' : job.state === 'paused' ? 'Paused' : 'Repairing') : 'Starting…'}
        </b>
        {asked > 0 && (
          <span className="num">
            {formatCount(done)} / {formatCount(asked)}
          </span>
        )}
      </div>
      <ProgressBar value={asked > 0 ? done / asked : null} label="Bars done" />
      <div className="spread dim">
        <span className="num">{job ? `${formatCompact(job.barsPerSecond)} bars/s` : ''}</span>
        <span className="num">{remaining(job)}</span>
      </div>
      {job?.current && (
        <div className="dim clip" title={job.current}>
          {job.current}
        </div>
      )}
      {(job?.retries ?? 0) > 0 && (
        <div className="dim">
          {job?.retries} retries{job?.lastError ? `: ${job.lastError}` : ''}
        </div>
      )}
      {failure && <div className="alarm">{failure}</div>}
      <Button size="small" onClick={() => void cancel()}>
        Cancel, keep what is stored
      </Button>
    </div>
  );
}

function remaining(job: JobProgress | null): string {
  return job?.remainingMs === null || job?.remainingMs === undefined ? '' : `${formatDuration(job.remainingMs)} left`;
}

function useSpokenProgress(job: JobProgress | null): void {
  const percent = job && job.barsAsked > 0 ? Math.floor((job.barsDone / job.barsAsked) * 100) : null;
  const [spokenAt, setSpokenAt] = useState(() => Date.now());
  useEffect(() => {
    if (percent === null || Date.now() - spokenAt < SPEAK_MS) return;
    setSpokenAt(Date.now());
    announce(`${percent} % of the bars are done.`);
  }, [percent, spokenAt]);
}

/** A job that ended while nobody was connected has its receipt in the core. */
function useReceiptOf(job: JobProgress | null): void {
  const session = useSession();
  const jobId = job && OVER.has(job.state) ? job.jobId : null;
  const connected = useWindow((state) => state.connection.phase === 'connected');
  useEffect(() => {
    if (jobId === null || !connected) return;
    let gone = false;
    session.call('jobs.receipt', { jobId }).then(
      ({ receipt }) => {
        if (receipt && !gone) useWindow.setState(({ receipts }) => ({ receipts: { ...receipts, [jobId]: receipt } }));
      },
      (error) => useWindow.setState({ seriesError: sentenceOf(error) }),
    );
    return () => {
      gone = true;
    };
  }, [jobId, connected, session]);
}
