import type { VerifyAgainst, VerifySeries } from '@shared/contract';
import { useEffect, useId, useRef, useState } from 'react';
import { selectedKeys, sentenceOf, useSession, useWindow } from '../../client';
import { Button, formatCount, ProgressBar, seriesWords } from '../../components';
import { auditWords } from './finding-words';

type Against = VerifyAgainst | 'itself';

const AGAINST: readonly (readonly [Against, string])[] = [
  ['itself', 'themselves'],
  ['intervals', 'finer intervals and trades'],
  ['archive', 'the archive'],
  ['rest', 'REST'],
];

type Audit =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly done: number; readonly of: number; readonly key: string }
  | { readonly phase: 'done' | 'failed'; readonly text: string };

/** Audits the selected series, or all that hold candles, one after the other; leaving the dialog ends it. */
export function Audit() {
  const session = useSession();
  const stored = (useWindow((state) => state.series) ?? []).filter((each) => each.bars > 0);
  const selection = useWindow((state) => state.selection);
  const chosen = new Set(selectedKeys(selection));
  const some = stored.filter((each) => chosen.has(each.key));
  const keys = (some.length > 0 ? some : stored).map((each) => each.key);
  const [against, setAgainst] = useState<Against>('itself');
  const [audit, setAudit] = useState<Audit>({ phase: 'idle' });
  const controller = useRef<AbortController | null>(null);
  const label = useId();
  useEffect(() => () => controller.current?.abort(), []);

  const start = async () => {
    const open = new AbortController();
    controller.current = open;
    const audited: VerifySeries[] = [];
    try {
      for (const key of keys) {
        setAudit({ phase: 'running', done: audited.length, of: keys.length, key });
        const body = against === 'itself' ? { key } : { key, against };
        audited.push(await session.call('verify.run', body, open.signal));
      }
      setAudit({ phase: 'done', text: auditWords(audited) });
    } catch (error) {
      const ended = `Ended after ${formatCount(audited.length)} of ${formatCount(keys.length)} series; what was found stays.`;
      setAudit(open.signal.aborted ? { phase: 'done', text: ended } : { phase: 'failed', text: sentenceOf(error) });
    }
  };
  return (
    <div className="audit">
      <div className="audit-form">
        <label htmlFor={label}>Audit against</label>
        <select
          id={label}
          className="field"
          value={against}
          disabled={audit.phase === 'running'}
          data-testid="audit-against"
          onChange={(event) => setAgainst(event.target.value as Against)}
        >
          {AGAINST.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
        {audit.phase === 'running' ? (
          <Button onClick={() => controller.current?.abort()}>End the audit</Button>
        ) : (
          <Button data-testid="audit-run" disabled={keys.length === 0} onClick={() => void start()}>
            {some.length > 0 ? `Audit ${formatCount(some.length)} selected` : `Audit all ${formatCount(stored.length)}`}
          </Button>
        )}
      </div>
      <div role="status" className="audit-state" data-testid="audit-result">
        {audit.phase === 'running' && (
          <>
            <span className="dim">
              {seriesWords(audit.key)}, {formatCount(audit.done + 1)} of {formatCount(audit.of)}
            </span>
            <ProgressBar value={audit.of > 0 ? audit.done / audit.of : null} label="Auditing series" />
          </>
        )}
        {audit.phase === 'done' && <span className="dim">{audit.text}</span>}
        {audit.phase === 'failed' && <span className="alarm">{audit.text}</span>}
      </div>
    </div>
  );
}
