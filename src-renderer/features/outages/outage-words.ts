import type { OutageEntry, OutageEvidence } from '@shared/contract';
import { formatTime, MINUTE_MS } from '@shared/market';
import { formatAmount } from '../../components';

/** `2024-09-03 02:00 → 03:30, 90 minutes`; the day of the end only where it is another. */
export function windowWords({ from, to }: { from: number; to: number }): string {
  const [start, end] = [formatTime(from).slice(0, 16), formatTime(to).slice(0, 16)];
  const sameDay = start.slice(0, 10) === end.slice(0, 10);
  return `${start} → ${sameDay ? end.slice(11) : end}, ${formatAmount(Math.round((to - from) / MINUTE_MS), 'minute')}`;
}

/** Why the stop is believed, a sentence each. */
export function evidenceWords(evidence: OutageEvidence): string[] {
  const { asked, lacking, lackingSymbols, havingSymbols, flatsBefore, interval } = evidence;
  const more = lacking - lackingSymbols.length;
  return [
    `${lacking} of ${formatAmount(asked, 'symbol')} have none of these ${interval} candles, by REST's word: ` +
      `${lackingSymbols.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    ...(havingSymbols.length > 0 ? [`Traded meanwhile: ${havingSymbols.join(', ')}.`] : []),
    ...(flatsBefore > 0 ? [`${formatAmount(flatsBefore, 'candle')} without a trade led into it.`] : []),
  ];
}

export function sourceWords({ origin, sources }: OutageEntry): string {
  return origin === 'shipped' ? formatAmount(sources, 'public source') : `own, ${formatAmount(sources, 'symbol')}`;
}
