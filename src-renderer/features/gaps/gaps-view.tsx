import { Copy, FileDown } from 'lucide-react';
import { type Ref, useState } from 'react';
import { announce, sentenceOf, useSession, useWindow } from '../../client';
import {
  Button,
  formatAmount,
  formatCompact,
  formatCount,
  IconButton,
  VERDICT_WORDS,
  VerdictMark,
} from '../../components';
import { copyText } from './copy-text';
import { ITEMS_AT_ONCE } from './fetch-range';
import { GapList, type GapWalker } from './gap-list';
import { toggleVerdict, useGapList } from './gap-list-store';
import { GAP_VERDICTS, type GapRow, totalsOf } from './gap-rows';
import { gapText, LINES_AT_ONCE } from './gap-text';
import { type GapRows, useGapRows } from './use-gap-rows';

export interface GapsViewProps {
  ref: Ref<GapWalker>;
  /** To the strip of a gap. */
  onOpen(row: GapRow): void;
}

/** Every gap of every series shown: filter, order, select, take along. */
export function GapsView({ ref, onOpen }: GapsViewProps) {
  const list = useGapRows();
  const { rows, counts, unread } = list;
  const verdicts = useGapList((state) => state.verdicts);
  const totals = totalsOf(rows);
  return (
    <section className="gaps-view" aria-label="Gaps" data-testid="gaps-view">
      <div className="gaps-bar">
        <fieldset className="chips" aria-label="Verdicts shown">
          {GAP_VERDICTS.map((verdict) => (
            <button
              key={verdict}
              type="button"
              className={`chip gap-chip verdict-${verdict}`}
              aria-pressed={verdicts.includes(verdict)}
              title={VERDICT_WORDS[verdict].meaning}
              data-testid={`gaps-verdict-${verdict}`}
              onClick={() => toggleVerdict(verdict)}
            >
              <VerdictMark verdict={verdict} />
              {VERDICT_WORDS[verdict].name} <span className="num">{formatCount(counts[verdict])}</span>
            </button>
          ))}
        </fieldset>
        <span className="grow" />
        <span className="num dim" data-testid="gaps-total">
          {formatAmount(totals.gaps, 'gap')}, {formatCompact(totals.bars)} bars
        </span>
        <TakeAlong list={list} />
      </div>
      <GapList
        ref={ref}
        rows={rows}
        instead={rows.length === 0 ? nothingWords(unread, verdicts.length) : null}
        onOpen={onOpen}
      />
    </section>
  );
}

function nothingWords(unread: number, verdicts: number): string {
  if (unread > 0) return `Reading the coverage of ${formatAmount(unread, 'series').replace(/seriess$/, 'series')}…`;
  if (verdicts === 0) return 'Choose a verdict above.';
  return 'No gap of these verdicts in the series shown.';
}

/** Copy and export: of what is selected, else of all that is listed. */
function TakeAlong({ list }: { list: GapRows }) {
  const session = useSession();
  const picks = useGapList((state) => state.picks);
  const verdicts = useGapList((state) => state.verdicts);
  const connected = useWindow((state) => state.connection.phase === 'connected');
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<{ path: string; words: string } | { failure: string } | null>(null);
  const chosen = picks.ids.size > 0 ? list.rows.filter(({ id }) => picks.ids.has(id)) : list.rows;
  const what =
    picks.ids.size > 0 ? `${formatAmount(chosen.length, 'selected gap')}` : `all ${formatAmount(chosen.length, 'gap')}`;

  const exportCsv = async () => {
    setBusy(true);
    setDone(null);
    try {
      const items =
        picks.ids.size > 0
          ? chosen.map(({ key, span }) => ({ key, range: { from: span.from, to: span.to } }))
          : list.pages
              .filter(({ gaps }) => gaps.length > 0)
              .map(({ key, range }) => ({ key, range: { from: range.from, to: range.to } }));
      const { path, gaps } = await session.call('gaps.export', {
        items: items.slice(0, ITEMS_AT_ONCE),
        verdicts: [...verdicts],
      });
      const words = `${formatAmount(gaps, 'gap')} written to`;
      setDone({ path, words });
      announce(`${words} ${path}`);
    } catch (error) {
      setDone({ failure: sentenceOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="gaps-take">
        <Button
          size="small"
          data-testid="gaps-copy"
          disabled={chosen.length === 0}
          title={`Copy ${what} as text${chosen.length > LINES_AT_ONCE ? `, the first ${formatCount(LINES_AT_ONCE)}` : ''}`}
          onClick={() => void copyText(gapText(chosen), formatAmount(Math.min(chosen.length, LINES_AT_ONCE), 'gap'))}
        >
          <Copy size={13} aria-hidden="true" />
          Copy
        </Button>
        <Button
          size="small"
          data-testid="gaps-export"
          disabled={chosen.length === 0 || busy || !connected}
          title={`Write ${what} with all evidence into a CSV file of the workspace`}
          onClick={() => void exportCsv()}
        >
          <FileDown size={13} aria-hidden="true" />
          {busy ? 'Exporting…' : 'Export CSV'}
        </Button>
      </div>
      {done && (
        <div
          className={`gaps-done ${'failure' in done ? 'notice notice-alarm' : 'notice'}`}
          role="status"
          data-testid="gaps-exported"
        >
          {'failure' in done ? (
            done.failure
          ) : (
            <>
              <span>{done.words}</span>
              <span className="num clip" title={done.path}>
                {done.path}
              </span>
              <IconButton label="Copy the path" className="small" onClick={() => void copyText(done.path, 'the path')}>
                <Copy size={13} />
              </IconButton>
            </>
          )}
          <Button size="small" kind="quiet" onClick={() => setDone(null)}>
            Dismiss
          </Button>
        </div>
      )}
    </>
  );
}
