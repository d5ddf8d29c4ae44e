import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { CandidateRow } from './candidate-row';
import { choose, targetOf, useCandidates } from './candidate-store';
import { isNew, keyOfTarget, type ListLine } from './candidates';

const ROW_GUESS = 54;

/** Tables and files, and what series each becomes; only those on screen are in the document. */
export function CandidateList({ lines }: { lines: readonly ListLine[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_GUESS,
    getItemKey: (index) => idOf(lines[index]!),
    overscan: 6,
  });
  return (
    <div ref={scroller} className="candidates" data-testid="adoption-list" data-count={lines.length}>
      {lines.some(({ kind }) => kind === 'candidate') && <Head lines={lines} />}
      <ul aria-label="Tables and files" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index]!;
          return (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              aria-posinset={item.index + 1}
              aria-setsize={lines.length}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {line.kind === 'candidate' ? (
                <CandidateRow candidate={line.candidate} />
              ) : (
                <div className="candidate is-unfit" data-testid={`unfit-${line.unfit.table}`}>
                  <span className="candidate-name">
                    <b className="num clip" title={line.unfit.table}>
                      {line.unfit.table}
                    </b>
                    <span className="tag">cannot be adopted</span>
                  </span>
                  <span className="candidate-reason dim">{line.unfit.reason}</span>
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function idOf(line: ListLine): string {
  return line.kind === 'candidate' ? line.candidate.id : `unfit ${line.unfit.table}`;
}

function Head({ lines }: { lines: readonly ListLine[] }) {
  const { targets, chosen } = useCandidates();
  // Those that need no further word: a person chooses the others one by one.
  const ready = lines.flatMap((line) =>
    line.kind === 'candidate' && isNew(line.candidate) && keyOfTarget(targetOf(line.candidate, targets)) !== null
      ? [line.candidate.id]
      : [],
  );
  return (
    <div className="candidates-head">
      <input
        type="checkbox"
        aria-label="Choose all that are new and known"
        title="Choose all that are new and known"
        disabled={ready.length === 0}
        checked={ready.length > 0 && ready.every((id) => chosen.has(id))}
        data-testid="adoption-choose-all"
        onChange={(event) => choose(ready, event.target.checked)}
      />
      <span>Table or file</span>
      <span>Market</span>
      <span>Symbol</span>
      <span>Interval</span>
    </div>
  );
}
