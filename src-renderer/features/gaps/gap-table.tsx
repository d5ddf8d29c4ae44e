import { formatTime, type Span } from '@shared/market';
import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { type CoveragePage, isAlarming, isGap, useWindow } from '../../client';
import { formatAmount, formatCount, VERDICT_WORDS, VerdictMark } from '../../components';

export interface GapTableProps {
  page: CoveragePage;
  onPick(span: Span): void;
}

type Shown = 'action' | 'gaps' | 'all';
const ROWS_SHOWN = 200;
/** Kept from gap to gap, so that a click in the table leaves the table as it is. */
const useShown = create<{ shown: Shown; picked: number | null }>()(() => ({ shown: 'action', picked: null }));

const needsAction = (span: Span) => isAlarming(span) || span.verdict === 'not_asked';

/** The spans of one series as a table: the same as the strip, for keyboard, screen reader, and exact times. */
export function GapTable({ page, onPick }: GapTableProps) {
  const shown = useShown((state) => state.shown);
  const table = useRef<HTMLTableElement>(null);
  const selected = useWindow(({ selection }) =>
    selection?.kind === 'span' && selection.key === page.key ? selection.span.from : null,
  );
  // Another inspector may have replaced the one in which the row was picked; the focus stays on the row.
  useEffect(() => {
    if (selected === null || useShown.getState().picked !== selected) return;
    useShown.setState({ picked: null });
    if (document.activeElement !== document.body) return;
    table.current?.querySelector<HTMLElement>('.is-selected .gap-pick')?.focus({ preventScroll: true });
  }, [selected]);
  const lists: Record<Shown, readonly Span[]> = {
    action: page.gaps.filter(needsAction),
    gaps: page.spans.filter(isGap),
    all: page.spans,
  };
  const spans = lists[shown];
  const tabs: [Shown, string][] = [
    ['action', 'Needs action'],
    ['gaps', 'All gaps'],
    ['all', 'All spans'],
  ];
  return (
    <section className="gap-list" aria-label="Gaps of this series">
      <fieldset className="segments" aria-label="Spans shown">
        {tabs.map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={shown === value}
            onClick={() => useShown.setState({ shown: value })}
          >
            {label} <span className="num">{formatCount(lists[value].length)}</span>
          </button>
        ))}
      </fieldset>
      {spans.length === 0 ? (
        <p className="dim gap-none">
          {page.spans.length === 0
            ? 'Nothing is known of this series yet.'
            : `Nothing needs action. ${formatAmount(page.explained, 'missing bar')} explained.`}
        </p>
      ) : (
        <table ref={table} className="gap-table" data-testid="gap-table">
          <thead>
            <tr>
              <th>From (UTC)</th>
              <th>Bars</th>
              <th>Verdict</th>
            </tr>
          </thead>
          <tbody>
            {spans.slice(0, ROWS_SHOWN).map((span) => (
              <tr
                key={span.from}
                className={`verdict-${span.verdict} ${selected === span.from ? 'is-selected' : ''}`}
                data-testid="gap-row"
                data-verdict={span.verdict}
                data-from={span.from}
              >
                <td>
                  <button
                    type="button"
                    className="gap-pick num"
                    aria-current={selected === span.from || undefined}
                    aria-label={`${formatTime(span.from)}, ${formatAmount(span.bars, 'bar')}, ${VERDICT_WORDS[span.verdict].name}`}
                    onClick={() => {
                      useShown.setState({ picked: span.from });
                      onPick(span);
                    }}
                  >
                    {formatTime(span.from)}
                  </button>
                </td>
                <td className="num">{formatCount(span.bars)}</td>
                <td className="gap-verdict" title={VERDICT_WORDS[span.verdict].meaning}>
                  <span className="verdict-name">
                    <VerdictMark verdict={span.verdict} />
                    {VERDICT_WORDS[span.verdict].name}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
          {spans.length > ROWS_SHOWN && (
            <tfoot>
              <tr>
                <td colSpan={3} className="dim">
                  {formatAmount(spans.length - ROWS_SHOWN, 'more span')}: zoom in, or step through them with ] and [
                </td>
              </tr>
            </tfoot>
          )}
        </table>
      )}
    </section>
  );
}
