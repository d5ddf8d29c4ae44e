import type { JobProgress } from '@shared/contract';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { announce, canRetry, isOver, sentenceOf, useSession, useWindow } from '../../client';
import {
  Button,
  formatAmount,
  formatBars,
  formatCompact,
  formatCount,
  formatDuration,
  ProgressBar,
} from '../../components';
import { ReceiptCard } from '../gaps';
import { JobItems } from './job-items';
import { jobTitle } from './job-title';
import { itemTally, ownerWords, STATE_WORDS, tierTally } from './queue-words';

export interface JobRowProps {
  job: JobProgress;
  /** Among the waiting jobs, from 1; null when it does not wait. */
  place: number | null;
}

/** One job: how far it is and what can be done with it; unfolded also its items, at the end its receipt. */
export function JobRow({ job, place }: JobRowProps) {
  const [open, setOpen] = useState(false);
  const title = jobTitle(job.keys);
  const over = isOver(job.state);
  const { failure, receipt, act, toggle } = useJob(job, open);
  const owner = ownerWords(job.owner);
  const tally = tierTally(job.sources);
  return (
    <li className="job-row" data-testid="job-row" data-state={job.state} data-job={job.jobId}>
      <div className="job-line">
        <button
          ref={toggle}
          type="button"
          className="job-toggle"
          title={title}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <ChevronDown size={14} aria-hidden="true" /> : <ChevronRight size={14} aria-hidden="true" />}
          <b className="clip">{title}</b>
        </button>
        <span className={`job-state state-${job.state}`}>
          {STATE_WORDS[job.state]}
          {place !== null && `, place ${place}`}
        </span>
        <span className="num dim job-bars">
          {job.barsDone === job.barsAsked
            ? formatBars(job.barsDone)
            : `${formatCount(job.barsDone)} / ${formatCount(job.barsAsked)}`}
        </span>
      </div>
      {!over && (
        <>
          <ProgressBar value={job.barsAsked > 0 ? job.barsDone / job.barsAsked : null} label={`Progress of ${title}`} />
          <div className="spread dim">
            <span className="clip" title={job.current ?? undefined}>
              {job.state === 'paused'
                ? 'Paused until it is resumed'
                : (job.current ?? (job.state === 'running' ? 'getting ready' : 'waiting for its turn'))}
            </span>
            {job.state === 'running' && (
              <span className="num job-pace">
                {formatCompact(job.barsPerSecond)} bars/s
                {job.remainingMs !== null && ` · ${formatDuration(job.remainingMs)} left`}
              </span>
            )}
          </div>
        </>
      )}
      <div className="job-line">
        <span className="grow faint job-notes">
          {[
            job.itemTotals.total > 1 ? itemTally(job.itemTotals) : '',
            tally,
            job.retries > 0 ? formatAmount(job.retries, 'retry').replace('retrys', 'retries') : '',
            job.priority !== 0 ? `priority ${job.priority}` : '',
            job.recheck ? 'asks again by itself' : '',
            job.retryOf !== null ? 'tries again what failed' : '',
            owner ?? '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        {!over && (
          <>
            <Button
              size="small"
              kind={job.state === 'paused' ? 'plain' : 'quiet'}
              onClick={() => act(job.state === 'paused' ? 'resume' : 'pause')}
              data-testid={job.state === 'paused' ? 'job-resume' : 'job-pause'}
            >
              {job.state === 'paused' ? 'Resume' : 'Pause'}
            </Button>
            <Button
              size="small"
              kind="quiet"
              title="What is stored stays"
              onClick={() => act('cancel')}
              data-testid="job-cancel"
            >
              Cancel
            </Button>
          </>
        )}
        {canRetry(job) && (
          <Button size="small" onClick={() => act('retry')} data-testid="job-retry">
            Try again what is missing
          </Button>
        )}
      </div>
      {job.lastError && <p className={`job-error ${job.state === 'failed' ? 'alarm' : 'dim'}`}>{job.lastError}</p>}
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      {open && job.items.length > 0 && (!over || job.itemTotals.total > 1) && <JobItems job={job} />}
      {open && receipt && <ReceiptCard receipt={receipt} cancelled={job.state === 'cancelled'} />}
    </li>
  );
}

type Act = 'pause' | 'resume' | 'cancel' | 'retry';

const NO_LONGER: Record<Exclude<Act, 'retry'>, string> = {
  pause: 'This job has ended meanwhile; there is nothing to pause.',
  resume: 'This job is not paused any more.',
  cancel: 'This job has ended meanwhile; there is nothing to cancel.',
};

/** What buttons do to a job, and its receipt once it is unfolded. */
function useJob(job: JobProgress, open: boolean) {
  const session = useSession();
  const { jobId } = job;
  const receipt = useWindow((state) => state.receipts[jobId]);
  const [failure, setFailure] = useState<string | null>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const acting = useRef(false);
  const over = isOver(job.state);
  const wantsReceipt = open && over && !receipt;

  useEffect(() => {
    if (!wantsReceipt) return;
    let gone = false;
    session.call('jobs.receipt', { jobId }).then(
      (answer) => {
        if (gone) return;
        if (!answer.receipt) setFailure('This job has left no receipt.');
        else useWindow.setState(({ receipts }) => ({ receipts: { ...receipts, [jobId]: answer.receipt! } }));
      },
      (error) => !gone && setFailure(sentenceOf(error)),
    );
    return () => {
      gone = true;
    };
  }, [wantsReceipt, session, jobId]);

  const run = async (act: Act): Promise<string | null> => {
    const body = { jobId };
    switch (act) {
      case 'pause':
        return (await session.call('jobs.pause', body)).paused ? null : NO_LONGER.pause;
      case 'resume':
        return (await session.call('jobs.resume', body)).resumed ? null : NO_LONGER.resume;
      case 'cancel':
        return (await session.call('backfill.cancel', body)).cancelled ? null : NO_LONGER.cancel;
      case 'retry':
        await session.call('jobs.retry', body);
        announce('What failed is tried again as a new job.');
        return null;
    }
  };
  const act = (what: Act) => {
    // A second press would be answered with "there is nothing to do".
    if (acting.current) return;
    acting.current = true;
    run(what)
      .then(setFailure, (error) => setFailure(sentenceOf(error)))
      .finally(() => {
        acting.current = false;
      });
  };
  const [lastOver, setLastOver] = useState(over);
  useEffect(() => {
    setLastOver(over);
    // The button that was pressed is gone with the job's end; the focus stays in its row.
    if (over && !lastOver && document.activeElement === document.body) toggle.current?.focus();
  }, [over, lastOver]);
  return { failure, receipt, act, toggle };
}
