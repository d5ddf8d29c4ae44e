import { cellNumber, tallyWords } from './matrix-words';
import type { Tally } from './tally';

/** A total as the cells show theirs: what alarms, else quietly what nobody asked for. */
export function TallyNumber({ tally }: { tally: Tally }) {
  const number = cellNumber(tally);
  if (!number) return <span className="num matrix-number faint" />;
  const unread = tally.unread > 0 ? `; ${tally.unread} of ${tally.series} series are still being read` : '';
  return (
    <span
      className={`num matrix-number ${number.tone === 'alarm' ? 'alarm strong' : 'faint'}`}
      title={`${tallyWords(tally)}${unread}`}
    >
      {number.tone === 'quiet' && <i className="series-not-asked" aria-hidden="true" />}
      {number.text}
    </span>
  );
}
