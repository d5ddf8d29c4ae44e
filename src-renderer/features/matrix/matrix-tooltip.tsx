import { formatTime, VERDICTS } from '@shared/market';
import type { Ref } from 'react';
import { create } from 'zustand';
import { useCoverage, useWindow } from '../../client';
import { formatBars, formatCount, VERDICT_WORDS, VerdictMark } from '../../components';
import { columnOf } from './matrix-model';
import { columnWords } from './matrix-words';

/** Key of the cell that the pointer is over. */
export const useMatrixHover = create<{ key: string | null }>()(() => ({ key: null }));

/** What a cell's strip is made of, in words and numbers. The owner moves it. */
export function MatrixTooltip({ ref }: { ref: Ref<HTMLDivElement> }) {
  const key = useMatrixHover((state) => state.key);
  return (
    <div ref={ref} className="strip-tooltip" hidden={key === null} role="tooltip" data-testid="matrix-tooltip">
      {key !== null && <Content seriesKey={key} />}
    </div>
  );
}

function Content({ seriesKey }: { seriesKey: string }) {
  const page = useCoverage(seriesKey);
  const summary = useWindow((state) => state.series?.find((each) => each.key === seriesKey));
  const bars = new Map<string, number>();
  for (const span of page?.spans ?? []) bars.set(span.verdict, (bars.get(span.verdict) ?? 0) + span.bars);
  return (
    <>
      <div className="strip-tooltip-head">
        <b>{seriesKey.split(':')[2]}</b>
        <span className="num dim">{columnWords(columnOf(seriesKey))}</span>
      </div>
      {!summary && <div className="dim">Not followed. Click it to follow it.</div>}
      {summary && !page && <div className="dim">Its coverage is being read.</div>}
      {summary && page && bars.size === 0 && <div className="dim">Nothing is stored, and nothing was asked for.</div>}
      {VERDICTS.filter((verdict) => bars.has(verdict)).map((verdict) => (
        <div key={verdict} className={`strip-tooltip-verdict verdict-${verdict}`}>
          <VerdictMark verdict={verdict} />
          <span>{VERDICT_WORDS[verdict].name}</span>
          <span className="num">
            {verdict === 'present' ? formatBars(bars.get(verdict)!) : formatCount(bars.get(verdict)!)}
          </span>
        </div>
      ))}
      {summary?.first != null && summary.last !== null && (
        <div className="num dim">
          {formatTime(summary.first)} → {formatTime(summary.last)}
        </div>
      )}
    </>
  );
}
