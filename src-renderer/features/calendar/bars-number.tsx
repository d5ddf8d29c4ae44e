import { formatCompact } from '../../components';
import { barsWords } from './calendar-words';
import type { CellBars } from './cell-tally';

/** One number for missing bars, the most urgent kind: alarming, else not asked for (dotted), else explained. */
export function BarsNumber({ bars }: { bars: CellBars }) {
  const { alarming, notAsked, explained } = bars;
  const value = alarming || notAsked || explained;
  return (
    <span className={`num bars-number ${alarming > 0 ? 'alarm' : 'faint'}`} title={barsWords(bars)}>
      {alarming === 0 && notAsked > 0 && <i className="series-not-asked" aria-hidden="true" />}
      {value > 0 ? formatCompact(value) : ''}
    </span>
  );
}
