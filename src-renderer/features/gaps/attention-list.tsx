import { ClipboardList, Clock3, Download, HardDrive, Import, RotateCcw, Unplug } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { announce, openDialog, selectSeries, sentenceOf, useSession, useWindow } from '../../client';
import { Button } from '../../components';
import type { Attention } from './attention';

const ICONS: Record<Attention['kind'], ReactNode> = {
  disk: <HardDrive size={15} aria-hidden="true" />,
  blocked: <Clock3 size={15} aria-hidden="true" />,
  job: <RotateCcw size={15} aria-hidden="true" />,
  outages: <Unplug size={15} aria-hidden="true" />,
  findings: <ClipboardList size={15} aria-hidden="true" />,
  foreign: <Import size={15} aria-hidden="true" />,
  empty: <Download size={15} aria-hidden="true" />,
};

/** Lines that say what is the matter, each with its one action. */
export function AttentionList({ items }: { items: readonly Attention[] }) {
  return (
    <ul className="attention" aria-label="What else needs attention" data-testid="attention">
      {items.map((item) => (
        <AttentionLine key={`${item.kind} ${item.title}${'jobId' in item ? item.jobId : ''}`} item={item} />
      ))}
    </ul>
  );
}

function AttentionLine({ item }: { item: Attention }) {
  const session = useSession();
  const [failure, setFailure] = useState<string | null>(null);
  const retrying = useRef(false);
  const retry = (jobId: string) => {
    if (retrying.current) return;
    retrying.current = true;
    session
      .call('jobs.retry', { jobId })
      .then(
        () => announce('What failed is tried again as a new job.'),
        (error) => setFailure(sentenceOf(error)),
      )
      .finally(() => {
        retrying.current = false;
      });
  };
  const action = actionOf(item, retry);
  return (
    <li className={`attention-line tone-${item.kind}`} data-testid={`attention-${item.kind}`}>
      {ICONS[item.kind]}
      <span>
        <b>{item.title}</b>
        <span className="dim">{failure ?? item.detail}</span>
      </span>
      {action && (
        <Button size="small" data-testid={`attention-${item.kind}-act`} onClick={action.act}>
          {action.words}
        </Button>
      )}
    </li>
  );
}

function actionOf(item: Attention, retry: (jobId: string) => void): { words: string; act(): void } | null {
  switch (item.kind) {
    case 'disk': {
      const { jobId } = item;
      // Nobody but the person can free space; then the work goes on with one press.
      return jobId === null ? null : { words: 'Space is free: retry', act: () => retry(jobId) };
    }
    case 'blocked':
      return { words: 'Show the queue', act: () => useWindow.setState({ queueOpen: true }) };
    case 'job':
      return { words: 'Retry', act: () => retry(item.jobId) };
    case 'findings':
      return { words: 'Review', act: () => openDialog('findings') };
    case 'outages':
      return { words: 'Review', act: () => openDialog('outages') };
    case 'foreign':
      return { words: 'Adopt…', act: () => openDialog('adoption') };
    case 'empty':
      return { words: 'Fetch…', act: () => selectSeries(item.keys) };
  }
}
