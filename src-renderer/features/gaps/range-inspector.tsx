import { countBars, formatTime, gridIntervalOf, gridOf, parseStoredSeriesKey, type Range } from '@shared/market';
import { useCoverage } from '../../client';
import { barWordOf, formatBars } from '../../components';
import { Provenance } from './provenance';
import { RepairCard } from './repair-card';
import { SeriesNames } from './series-names';
import { SeriesTitle } from './series-title';

export interface RangeInspectorProps {
  keys: readonly string[];
  range: Range;
}

/** A dragged range over one or several series, planned as one repair. */
export function RangeInspector({ keys, range }: RangeInspectorProps) {
  const series = keys.map(parseStoredSeriesKey).filter((each) => each !== null);
  const first = series[0];
  const page = useCoverage(keys.length === 1 ? keys[0]! : null);
  const isStored = page?.spans.some(
    (span) => span.verdict === 'present' && span.from < range.to && span.to > range.from,
  );
  if (!first) return null;
  const bars = series.reduce((sum, each) => sum + countBars(gridOf(gridIntervalOf(each)), range), 0);
  return (
    <>
      <div className="inspector-head">
        {series.length === 1 ? <SeriesTitle series={first} /> : <h2>{series.length} series</h2>}
        <span className="num dim">range</span>
      </div>
      <div className="spread">
        <span>Selected</span>
        <span className="num">{formatBars(bars, barWordOf(keys))}</span>
      </div>
      <div className="num dim">
        {formatTime(range.from)} → {formatTime(range.to)}
      </div>
      {series.length > 1 && <SeriesNames keys={keys} />}
      <RepairCard
        items={keys.map((key) => ({ key, range }))}
        nothing="Nothing is missing here that could be fetched."
      />
      {isStored && <Provenance seriesKey={keys[0]!} range={range} revision={page?.revision ?? 0} />}
    </>
  );
}
