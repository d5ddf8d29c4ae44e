import type { JobProgress } from '@shared/contract';
import { ChevronDown, ChevronRight, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { sentenceOf, useSession, useWindow } from '../../client';
import {
  Button,
  formatBars,
  formatCompact,
  formatCount,
  formatDuration,
  IconButton,
  ProgressBar,
} from '../../components';
import { ReceiptCard } from '../gaps';
import { jobTitle } from './job-title';

const STATE_WORDS: Record<JobProgress['state'], string> = {
  queued: 'queued',
  running: 'running',
  paused: 'paused',
  complete: 'complete',
  complete_with_explained_gaps: 'complete, gaps explained',
  partial: 'partial',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Jobs under way and finished ones with their receipts. */
export function QueuePanel() {
  const jobs = useWindow((state) => state.jobs);
  return (
    <section className="queue-panel" aria-label="Queue" data-testid="queue-panel">
      <header className="spread">
        <h2>Queue</h2>
        <IconButton label="Close the queue" onClick={() => useWindow.setState({ queueOpen: false })}>
          <X size={16} />
        </IconButton>
      </header>
      {jobs.length === 0 ? (
        <p className="dim pad">No job has run yet. A repair or a fetch becomes a job here, with its receipt.</p>
      ) : (
        <ul>
          {jobs.map((job) => (
            <JobRow key={job.jobId} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

function JobRow({ job }: { job: JobProgress }) {
  const session = useSession();
  const receipt = useWindow((state) => state.receipts[job.jobId]);
  const [open, setOpen] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const title = jobTitle(job.keys);
  const over = job.state !== 'running' && job.state !== 'queued' && job.state !== 'paused';

  useEffect(() => {
    if (!open || receipt) return;
    let gone = false;
    session.call('jobs.receipt', { jobId: job.jobId }).then(
      (answer) => {
        if (gone) return;
        if (!answer.receipt) setFailure('This job has left no receipt.');
        else useWindow.setState(({ receipts }) => ({ receipts: { ...receipts, [job.jobId]: answer.receipt! } }));
      },
      (error) => !gone && setFailure(sentenceOf(error)),
    );
    return () => {
      gone = true;
    };
  }, [open, receipt, session, job.jobId]);

  const cancel = () =>
    session.call('backfill.cancel', { jobId: job.jobId }).catch((error) => setFailure(sentenceOf(error)));
  return (
    <li className="job-row" data-testid="job-row" data-state={job.state}>
      <div className="job-line">
        {over ? (
          <button type="button" className="job-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
            <b className="clip">{title}</b>
          </button>
        ) : (
          <b className="job-toggle clip">{title}</b>
        )}
        <span className={`job-state state-${job.state}`}>{STATE_WORDS[job.state]}</span>
        <span className="num dim job-bars">
          {job.barsDone === job.barsAsked
            ? formatBars(job.barsDone)
            : `${formatCount(job.barsDone)} / ${formatCount(job.barsAsked)}`}
        </span>
        {!over && (
          <Button size="small" kind="quiet" title="What is stored stays" onClick={() => void cancel()}>
            Cancel
          </Button>
        )}
      </div>
      {!over && (
        <>
          <ProgressBar value={job.barsAsked > 0 ? job.barsDone / job.barsAsked : null} label={`Progress of ${title}`} />
          <div className="spread dim num">
            <span>{job.current ?? 'waiting'}</span>
            <span>
              {formatCompact(job.barsPerSecond)} bars/s
              {job.remainingMs !== null && ` · ${formatDuration(job.remainingMs)} left`}
            </span>
          </div>
        </>
      )}
      {job.lastError && <p className={job.state === 'failed' ? 'alarm' : 'dim'}>{job.lastError}</p>}
      {failure && <p className="alarm">{failure}</p>}
      {open && receipt && <ReceiptCard receipt={receipt} cancelled={job.state === 'cancelled'} />}
    </li>
  );
}
