import type { JobItem, JobProgress } from '@shared/contract';
import { formatTime, parseStoredSeriesKey, seriesWord } from '@shared/market';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { formatCount, MARKET_WORDS } from '../../components';
import { itemBars, STATE_WORDS, tierTally } from './queue-words';

const ROW_GUESS = 40;

/** Items of a job: under way first, then what failed. Only those on screen are in the document. */
export function JobItems({ job }: { job: JobProgress }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: job.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_GUESS,
    getItemKey: (index) => job.items[index]!.index,
    overscan: 4,
  });
  const hidden = job.itemTotals.total - job.items.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keys. */}
      <section ref={scroller} className="job-items" tabIndex={0} aria-label="Items of the job" data-testid="job-items">
        <ul style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Item item={job.items[item.index]!} />
            </li>
          ))}
        </ul>
      </section>
      {hidden > 0 && (
        <p className="faint">
          {formatCount(hidden)} more of {formatCount(job.itemTotals.total)} are not listed.
        </p>
      )}
    </>
  );
}

function Item({ item }: { item: JobItem }) {
  const series = parseStoredSeriesKey(item.key);
  return (
    <div className="job-item" data-state={item.state}>
      <div className="job-item-line">
        <b className="clip">{series?.symbol ?? item.key}</b>
        <span className="num dim">{series && seriesWord(series)}</span>
        {series && series.market !== 'spot' && <span className="faint">{MARKET_WORDS[series.market]}</span>}
        <span className={`job-state state-${item.state}`}>{STATE_WORDS[item.state]}</span>
        <span className="num job-bars">{itemBars(item)}</span>
      </div>
      <div className="job-item-line faint">
        <span className="num clip">
          {formatTime(item.range.from)} → {formatTime(item.range.to)}
        </span>
        <span className="num job-item-tally">{tierTally(item.sources)}</span>
      </div>
      {item.lastError && <p className={item.state === 'failed' ? 'alarm' : 'dim'}>{item.lastError}</p>}
    </div>
  );
}
