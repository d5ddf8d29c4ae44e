import type { FindingKind, FindingState } from '@shared/contract';
import type { Range } from '@shared/market';
import { ClipboardCheck } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { openDialog, useSession } from '../../client';
import { Button, Dialog, EmptyState, formatCount } from '../../components';
import { ArchiveCheck } from './archive-check';
import { Audit } from './audit';
import { KIND_WORDS, matchingFindings, STATE_WORDS } from './finding-words';
import { FindingsList } from './findings-list';
import { readFindings, useFindings } from './findings-store';

export interface FindingsDialogProps {
  /** To the range on the series' strip. */
  onGo(key: string, range: Range): void;
}

const STATES: readonly (FindingState | null)[] = ['new', 'accepted', 'fixed', null];

/** What about the data a person should look at, and what can be done about it. */
export function FindingsDialog({ onGo }: FindingsDialogProps) {
  const session = useSession();
  const { findings, failure } = useFindings();
  const [state, setState] = useState<FindingState | null>('new');
  const [kind, setKind] = useState<FindingKind | null>(null);
  useEffect(() => void readFindings(session), [session]);

  const kinds = useMemo(() => [...new Set(findings?.map((each) => each.kind))], [findings]);
  const used = kind !== null && kinds.includes(kind) ? kind : null;
  const shown = useMemo(() => matchingFindings(findings ?? [], { state, kind: used }), [findings, state, used]);
  const count = (each: FindingState | null) => matchingFindings(findings ?? [], { state: each, kind: null }).length;
  return (
    <Dialog
      title="Findings"
      description="Differences between what is stored and what its sources say, and files that could not be trusted."
      onClose={() => openDialog(null)}
      className="findings-dialog"
      testId="findings-dialog"
      footer={<ArchiveCheck onChecked={() => void readFindings(session)} />}
    >
      <div className="dialog-content">
        <div className="findings-filters">
          <fieldset className="segments" aria-label="State">
            {STATES.map((each) => (
              <button
                key={each ?? 'all'}
                type="button"
                data-autofocus={each === 'new' ? true : undefined}
                aria-pressed={state === each}
                data-testid={`findings-${each ?? 'all'}`}
                onClick={() => setState(each)}
              >
                {each === null ? 'All' : STATE_WORDS[each]} <span className="num">{formatCount(count(each))}</span>
              </button>
            ))}
          </fieldset>
          {kinds.length > 1 && (
            <fieldset className="chips" aria-label="Kind">
              {kinds.map((each) => (
                <button
                  key={each}
                  type="button"
                  className="chip"
                  aria-pressed={used === each}
                  onClick={() => setKind(used === each ? null : each)}
                >
                  {KIND_WORDS[each]}
                </button>
              ))}
            </fieldset>
          )}
        </div>
        <Audit />
        {failure && (
          <div className="notice notice-alarm" role="alert">
            {failure}
            <Button size="small" onClick={() => void readFindings(session)}>
              Read again
            </Button>
          </div>
        )}
        {findings === null ? (
          !failure && <p className="dim pad">Reading findings…</p>
        ) : shown.length > 0 ? (
          <FindingsList findings={shown} onGo={onGo} />
        ) : (
          <div className="findings-empty">
            <EmptyState
              icon={<ClipboardCheck size={22} />}
              title={findings.length === 0 ? 'No findings.' : 'None under this filter.'}
            >
              {findings.length === 0 && (
                <p>
                  A file whose checksum differs, rows in it that contradict each other, or an archive that was replaced
                  after its rows were stored would be listed here.
                </p>
              )}
            </EmptyState>
          </div>
        )}
      </div>
    </Dialog>
  );
}
