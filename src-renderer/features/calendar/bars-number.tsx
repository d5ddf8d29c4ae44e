import { formatCompact } from '../../components';
import { barsWords } from './calendar-words';
import type { CellBars } from './cell-tally';

/** One number for missing bars, the most urgent kind: alarming, else not asked for (dotted), else explained. */
export function BarsNumber({ bars }: { bars: CellBars }) {
  const { alarming, notAsked, explained } = bars;
  const value = alarming || notAsked || explained;
  const words = barsWords(bars);
  return (
    <span className={`num bars-number ${alarming > 0 ? 'alarm' : 'faint'}`} title={words}>
      <span className="bars-words">{words}</span>
      <span className="bars-figure" aria-hidden="true">
        {alarming === 0 && notAsked > 0 && <i className="series-not-asked" />}
        {value > 0 ? formatCompact(value) : ''}
      </span>
    </span>
  );
}
