import { type Finding, type FindingState, REFETCHABLE_FINDINGS } from '@shared/contract';
import { formatTime, type Range } from '@shared/market';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { sentenceOf, useSession } from '../../client';
import { Button, seriesWords } from '../../components';
import { KIND_WORDS, reasonOf, refetchWords, reingestWords, STATE_WORDS } from './finding-words';
import { readFindings, takeFinding } from './findings-store';

export interface FindingsListProps {
  findings: readonly Finding[];
  onGo(key: string, range: Range): void;
}

const ROW_GUESS = 84;

/** Findings as rows of their own height; only those on screen are in the document. */
export function FindingsList({ findings, onGo }: FindingsListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: findings.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_GUESS,
    getItemKey: (index) => findings[index]!.id,
    overscan: 4,
  });
  return (
    <div ref={scroller} className="findings-list" data-testid="findings-list" data-count={findings.length}>
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <li
            key={item.key}
            ref={rows.measureElement}
            data-index={item.index}
            style={{ transform: `translateY(${item.start}px)` }}
            data-testid="finding"
          >
            <FindingRow finding={findings[item.index]!} onGo={onGo} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function FindingRow({ finding, onGo }: { finding: Finding; onGo(key: string, range: Range): void }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ text: string; failed: boolean } | null>(null);
  const { key, kind, range, sentence, state } = finding;
  const reason = state === 'accepted' ? reasonOf(finding) : null;

  const run = async (work: () => Promise<string | null>) => {
    setBusy(true);
    setOutcome(null);
    try {
      const text = await work();
      setOutcome(text === null ? null : { text, failed: false });
    } catch (error) {
      setOutcome({ text: sentenceOf(error), failed: true });
    } finally {
      setBusy(false);
    }
  };
  const set = (next: FindingState) =>
    run(async () => {
      takeFinding((await session.call('findings.set_state', { id: finding.id, state: next })).finding);
      return null;
    });
  const takeAnew = () =>
    run(async () => {
      const result = await session.call('findings.reingest', { id: finding.id });
      await readFindings(session);
      return reingestWords(result);
    });
  const fetchAgain = () =>
    run(async () => {
      const result = await session.call('findings.refetch', { id: finding.id });
      await readFindings(session);
      return refetchWords(result);
    });
  return (
    <div className="finding" data-kind={kind} data-state={state}>
      <div className="finding-head">
        <b>{KIND_WORDS[kind]}</b>
        <button
          type="button"
          className="link finding-series"
          title="Show it on its strip"
          onClick={() => onGo(key, range)}
        >
          {seriesWords(key)} ·{' '}
          <span className="num">
            {formatTime(range.from)} → {formatTime(range.to)}
          </span>
        </button>
        <span className={`tag ${state === 'new' ? 'tag-new' : ''}`}>{STATE_WORDS[state]}</span>
      </div>
      <p className="finding-sentence">{sentence}</p>
      {reason !== null && <p className="dim">Accepted: {reason}</p>}
      <div className="finding-actions">
        <span className="num faint" title="When it was found, UTC">
          {formatTime(finding.at).slice(0, 16)}
        </span>
        <span className="grow" role="status">
          {outcome && <span className={outcome.failed ? 'alarm' : ''}>{outcome.text}</span>}
        </span>
        {kind === 'stale_archive' && state === 'new' && (
          <Button size="small" disabled={busy} data-testid="finding-reingest" onClick={() => void takeAnew()}>
            {busy ? 'Taking anew…' : 'Take anew'}
          </Button>
        )}
        {REFETCHABLE_FINDINGS.includes(kind) && state === 'new' && (
          <Button
            size="small"
            disabled={busy}
            data-testid="finding-refetch"
            title="Asks the exchange again and makes these rows what it says; can be undone"
            onClick={() => void fetchAgain()}
          >
            {busy ? 'Fetching again…' : 'Fetch again'}
          </Button>
        )}
        {state === 'new' ? (
          <Button size="small" kind="quiet" disabled={busy} onClick={() => void set('accepted')}>
            Accept
          </Button>
        ) : (
          <Button size="small" kind="quiet" disabled={busy} onClick={() => void set('new')}>
            Reopen
          </Button>
        )}
      </div>
    </div>
  );
}
