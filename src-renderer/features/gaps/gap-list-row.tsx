// biome-ignore-all lint/a11y/useSemanticElements: a windowed grid of absolutely placed rows is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active row.
import { formatTime, seriesWord } from '@shared/market';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo, type Ref } from 'react';
import { formatCount, VERDICT_WORDS, VerdictMark } from '../../components';
import type { Evidence } from './evidence-loader';
import type { PickGap } from './gap-picks';
import type { GapRow } from './gap-rows';
import { triesInShort, triesInWords } from './gap-tries';

export interface GapListRowProps {
  row: GapRow;
  index: number;
  top: number;
  isPicked: boolean;
  isActive: boolean;
  isOpen: boolean;
  evidence: Evidence | null;
  ref: Ref<HTMLDivElement>;
  onPick(index: number, how: PickGap): void;
  onToggle(id: string): void;
  onOpen(index: number): void;
}

export function gapRowId(row: GapRow): string {
  return `gap-${row.id.replaceAll(/[ :]/g, '-')}`;
}

/** One gap: when, how much, why, and the first sentence of the proof; all of it when it is open. */
export const GapListRow = memo(function GapListRow(props: GapListRowProps) {
  const { row, index, top, isPicked, isActive, isOpen, evidence, ref, onPick, onToggle, onOpen } = props;
  const { span, series } = row;
  const lines = evidence && 'lines' in evidence ? evidence.lines : [];
  const tries = evidence && 'tries' in evidence ? evidence.tries : null;
  const failure = evidence && 'failure' in evidence ? evidence.failure : null;
  const first = failure ?? lines[0] ?? (evidence ? VERDICT_WORDS[span.verdict].meaning : '');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it handles the keys.
    <div
      ref={ref}
      id={gapRowId(row)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isPicked}
      data-index={index}
      data-testid="gap-list-row"
      data-verdict={span.verdict}
      data-key={row.key}
      data-from={span.from}
      className={`gap-line verdict-${span.verdict} ${isPicked ? 'is-selected' : ''} ${isActive ? 'is-active' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) =>
        onPick(index, event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone')
      }
      onDoubleClick={() => onOpen(index)}
    >
      <span role="gridcell" className="gap-line-pick">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isPicked}
          aria-label="Selected"
          onChange={() => undefined}
          onClick={(event) => {
            event.stopPropagation();
            onPick(index, event.shiftKey ? 'extend' : 'toggle');
          }}
        />
      </span>
      <span role="gridcell" className="gap-line-series clip" title={row.key}>
        <b>{series.symbol}</b> <span className="num dim">{seriesWord(series)}</span>
        {series.market !== 'spot' && <small className="faint"> {series.market}</small>}
      </span>
      <span role="gridcell" className="num">
        {formatTime(span.from)}
      </span>
      <span role="gridcell" className="num dim gap-line-to">
        {formatTime(span.to)}
      </span>
      <span role="gridcell" className="num gap-line-bars">
        {formatCount(span.bars)}
      </span>
      <span role="gridcell" className="verdict-name" title={VERDICT_WORDS[span.verdict].meaning}>
        <VerdictMark verdict={span.verdict} />
        {VERDICT_WORDS[span.verdict].name}
      </span>
      <span role="gridcell" className="num dim clip gap-line-tried" title={tries ? triesInWords(tries) : undefined}>
        {tries && triesInShort(tries)}
      </span>
      <span role="gridcell" className="gap-line-evidence">
        <button
          type="button"
          tabIndex={-1}
          className="icon-button small"
          aria-label={isOpen ? 'Less of the evidence' : 'All of the evidence'}
          aria-expanded={isOpen}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(row.id);
          }}
        >
          {isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
        </button>
        {!isOpen && (
          <span className={`clip ${failure ? 'alarm' : 'dim'}`} title={first}>
            {first || '…'}
            {lines.length > 1 && <small className="faint"> +{lines.length - 1}</small>}
          </span>
        )}
      </span>
      {isOpen && (
        <span role="gridcell" className="gap-line-all">
          {(lines.length > 0 ? lines : [first]).map((line) => (
            <span key={line} className={failure ? 'alarm' : ''}>
              {line}
            </span>
          ))}
        </span>
      )}
    </div>
  );
});
