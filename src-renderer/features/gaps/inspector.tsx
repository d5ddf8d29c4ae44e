import type { Span } from '@shared/market';
import { X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { announce, type Selection, select, useWindow } from '../../client';
import { barWordOf, formatBars, IconButton, VERDICT_WORDS } from '../../components';
import { GapsInspector } from './gaps-inspector';
import { ListInspector } from './list-inspector';
import { Overview } from './overview';
import { RangeInspector } from './range-inspector';
import { SeriesInspector } from './series-inspector';
import { SpanInspector } from './span-inspector';

export interface InspectorProps {
  onPick(key: string, span: Span): void;
  onStep(step: 1 | -1): void;
}

/** What is selected, with its evidence, plan, progress and receipt. */
export function Inspector({ onPick, onStep }: InspectorProps) {
  const selection = useWindow((state) => state.selection);
  const aside = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    // What was chosen and its button are at the top, also when it was chosen from the table below.
    void selection;
    aside.current?.scrollTo(0, 0);
  }, [selection]);
  useEffect(() => {
    if (selection?.kind === 'span')
      announce(
        `${VERDICT_WORDS[selection.span.verdict].name}, ${formatBars(selection.span.bars, barWordOf([selection.key]))}, ${selection.key.split(':')[2]}`,
      );
  }, [selection]);
  return (
    <aside
      ref={aside}
      className="inspector"
      aria-label="Inspector"
      data-testid="inspector"
      data-kind={selection?.kind ?? 'none'}
    >
      <IconButton label="Close the inspector" shortcut="Esc" className="inspector-close" onClick={() => select(null)}>
        <X size={16} />
      </IconButton>
      <Content selection={selection} onPick={onPick} onStep={onStep} />
    </aside>
  );
}

function Content({ selection, onPick, onStep }: InspectorProps & { selection: Selection | null }) {
  const summary = useWindow((state) =>
    selection?.kind === 'series' ? state.series?.find((each) => each.key === selection.key) : undefined,
  );
  switch (selection?.kind) {
    case 'span':
      return (
        <SpanInspector
          key={`${selection.key} ${selection.span.from}`}
          seriesKey={selection.key}
          span={selection.span}
          onPick={(span) => onPick(selection.key, span)}
          onStep={onStep}
        />
      );
    case 'list':
      return <ListInspector key={selection.keys.join(' ')} keys={selection.keys} />;
    case 'gaps':
      return <GapsInspector keys={selection.keys} gaps={selection.gaps} />;
    case 'range':
      return <RangeInspector keys={selection.keys} range={selection.range} />;
    case 'series':
      return summary ? (
        <SeriesInspector key={summary.key} summary={summary} onPick={(span) => onPick(summary.key, span)} />
      ) : (
        <ListInspector key={selection.key} keys={[selection.key]} />
      );
    default:
      return <Overview onPick={onPick} onPickSeries={(key) => select({ kind: 'series', key })} />;
  }
}
