import { ChevronUp } from 'lucide-react';
import { useCoverageVersion, useSession, useWindow } from '../../client';
import { formatCompact, formatDuration, ProgressBar } from '../../components';
import { AdoptionStatus } from '../adoption';
import { FindingsToggle } from '../findings';
import { OutagesToggle } from '../outages';
import { jobTitle } from './job-title';
import { STATE_WORDS } from './queue-words';

/** The running job on the left, the totals of all series on the right. */
export function StatusFooter() {
  const jobs = useWindow((state) => state.jobs);
  const open = useWindow((state) => state.queueOpen);
  const running = jobs.filter((job) => job.state === 'running');
  const queued = jobs.filter((job) => job.state === 'queued').length;
  const paused = jobs.filter((job) => job.state === 'paused').length;
  const job = running[0];
  const last = jobs[0];
  return (
    <footer className="status" data-testid="footer">
      <button
        type="button"
        className="status-queue"
        aria-expanded={open}
        data-testid="queue-toggle"
        onClick={() => useWindow.setState({ queueOpen: !open })}
      >
        <ChevronUp size={14} aria-hidden="true" className={open ? 'turned' : ''} />
        {job ? (
          <>
            <span className="clip status-job">{job.current ?? jobTitle(job.keys)}</span>
            <ProgressBar value={job.barsAsked > 0 ? job.barsDone / job.barsAsked : null} label="Running job" />
            <span className="num">
              {formatCompact(job.barsPerSecond)} bars/s
              {job.remainingMs !== null && ` · ${formatDuration(job.remainingMs)} left`}
            </span>
          </>
        ) : (
          <span>
            {last
              ? `${paused + queued > 0 ? 'Nothing runs' : 'Queue is empty'} · last: ${jobTitle(last.keys)}, ${STATE_WORDS[last.state]}`
              : 'Queue is empty'}
          </span>
        )}
        {running.length + queued > (job ? 1 : 0) && (
          <span className="num">{running.length + queued - (job ? 1 : 0)} queued</span>
        )}
        {paused > 0 && <span className="num">{paused} paused</span>}
      </button>
      <Totals />
    </footer>
  );
}

function Totals() {
  const { coverage } = useSession();
  useCoverageVersion();
  const series = useWindow((state) => state.series);
  if (!series) return null;
  let alarming = 0;
  let notAsked = 0;
  let explained = 0;
  let bars = 0;
  for (const each of series) {
    const page = coverage.get(each.key);
    alarming += page?.alarming ?? 0;
    notAsked += page?.notAsked ?? 0;
    explained += each.missing.explained;
    bars += each.bars;
  }
  return (
    <div className="status-totals">
      <AdoptionStatus />
      <OutagesToggle />
      <FindingsToggle />
      <span title="Bars that are missing although they should be there">
        <b className={`num ${alarming > 0 ? 'alarm' : ''}`} data-testid="total-unexplained">
          {formatCompact(alarming)}
        </b>{' '}
        unexplained
      </span>
      {notAsked > 0 && (
        <span className="status-minor" title="Bars that nobody asked for yet">
          <span className="num">{formatCompact(notAsked)}</span> not asked
        </span>
      )}
      <span title="Missing bars with a reason and its evidence">
        <span className="num">{formatCompact(explained)}</span> explained
      </span>
      <span title="Bars stored in all series">
        <span className="num" data-testid="total-bars">
          {formatCompact(bars)}
        </span>{' '}
        bars
      </span>
      <span className="status-minor">
        <span className="num">{formatCompact(series.length)}</span> series
      </span>
    </div>
  );
}
