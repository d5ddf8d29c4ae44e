import { VERDICTS, type Verdict } from '@shared/market';
import { formatBars, VERDICT_WORDS } from '../../components';
import { type CellBars, UNKNOWN } from './cell-tally';

/** `12 bars unexplained, 30 bars explained`; what alarms first. */
export function barsWords({ alarming, notAsked, explained, present }: CellBars): string {
  const parts = [
    alarming > 0 ? `${formatBars(alarming)} unexplained` : '',
    notAsked > 0 ? `${formatBars(notAsked)} not asked for` : '',
    explained > 0 ? `${formatBars(explained)} explained` : '',
  ].filter(Boolean);
  if (parts.length > 0) return parts.join(', ');
  return present > 0 ? 'nothing is missing' : 'no bars';
}

/** Name of the heaviest verdict of a cell. */
export function worstWords(code: number): string {
  return code === UNKNOWN ? 'nothing known' : VERDICT_WORDS[VERDICTS[code] as Verdict].name;
}
