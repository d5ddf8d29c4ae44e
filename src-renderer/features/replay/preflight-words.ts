import type { Preflight } from '@shared/contract';
import { formatAmount, formatBars, formatDuration } from '../../components';

/** What a person should know before a replay is started. */
export function preflightWords({ needs, holes, missing }: Preflight): string {
  const explained = needs.reduce((sum, need) => sum + need.explained, 0);
  const absent = explained > 0 ? `${formatBars(explained)} ${explained === 1 ? 'exists' : 'exist'} nowhere` : '';
  if (holes > 0) return [`${formatBars(missing)} not stored`, absent].filter(Boolean).join(', ');
  return absent ? `Every bar that exists is stored; ${absent}` : 'Every bar is stored';
}

/** Label of the button that closes the holes. */
export function fetchWords({ holes, estimateMs }: Preflight): string {
  const time = estimateMs === null ? '' : ` (${formatDuration(estimateMs)})`;
  return `Fetch ${formatAmount(holes, 'hole')}${time}`;
}
