import { X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { isOver, useWindow } from '../../client';
import { IconButton } from '../../components';
import { JobRow } from './job-row';
import { inOrder, placeInLine } from './queue-words';

const close = () => useWindow.setState({ queueOpen: false });

/** Jobs under way, in any program of the workspace, and finished ones with their receipts. */
export function QueuePanel() {
  const jobs = useWindow((state) => state.jobs);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  const open = inOrder(jobs.filter((job) => !isOver(job.state)));
  const finished = jobs.filter((job) => isOver(job.state));
  return (
    <section
      ref={panel}
      className="queue-panel"
      aria-label="Queue"
      data-testid="queue-panel"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <header className="spread">
        <h2>Queue</h2>
        <IconButton label="Close the queue" shortcut="Esc" onClick={close}>
          <X size={16} />
        </IconButton>
      </header>
      {jobs.length === 0 ? (
        <p className="dim pad">No job has run yet. A repair or a fetch becomes a job here, with its receipt.</p>
      ) : (
        <ul>
          {[...open, ...finished].map((job) => (
            <JobRow key={job.jobId} job={job} place={placeInLine(job, jobs)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Up and down move between jobs, whatever of a job has the focus. */
function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
  if (event.key === 'Escape') {
    event.stopPropagation();
    close();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || (event.target as HTMLElement).closest('.job-items')) return;
  const toggles = [...event.currentTarget.querySelectorAll<HTMLElement>('.job-toggle')];
  const row = (event.target as HTMLElement).closest('.job-row');
  const at = toggles.findIndex((toggle) => row?.contains(toggle));
  const next = toggles[at < 0 ? 0 : Math.min(toggles.length - 1, Math.max(0, at + step))];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}
