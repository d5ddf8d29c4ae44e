import type { Verdict } from '@shared/market';
import { VERDICT_WORDS, VerdictMark } from '../../components';

/** Rarer marks are in the list of keys and marks. */
const SHOWN: readonly Verdict[] = [
  'present',
  'unexplained',
  'fetch_failed',
  'not_asked',
  'exchange_outage',
  'symbol_halt',
  'confirmed_absent',
  'not_listed_yet',
];

/** What the marks on the strips mean; one line, of which a narrow window shows the first. */
export function StripsLegend() {
  return (
    <ul className="strips-legend" aria-label="Marks">
      {SHOWN.map((verdict) => (
        <li key={verdict} className={`verdict-${verdict}`} title={VERDICT_WORDS[verdict].meaning}>
          <VerdictMark verdict={verdict} />
          {VERDICT_WORDS[verdict].name}
        </li>
      ))}
    </ul>
  );
}
