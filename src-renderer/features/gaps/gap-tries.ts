import { askedTries, type ExplainedSpan, formatTime } from '@shared/market';
import { formatAmount } from '../../components';

/** How often sources were asked about a gap, and when they are asked again by themselves; epoch ms. */
export interface GapTries {
  readonly count: number;
  readonly last: number | null;
  readonly next: number | null;
}

export function gapTries({ proofs, nextTry }: Pick<ExplainedSpan, 'proofs' | 'nextTry'>): GapTries {
  const tries = askedTries(proofs);
  return { count: tries?.count ?? 0, last: tries?.last ?? null, next: nextTry ?? null };
}

/** `2 × · 11-27 04:30`: how often, and the day and minute of the next try. */
export function triesInShort({ count, next }: GapTries): string {
  const tried = count === 0 ? 'never' : `${count} ×`;
  return next === null ? tried : `${tried} · ${formatTime(next).slice(5, 16)}`;
}

/** A sentence; empty for a gap that nobody asked about and nobody will. */
export function triesInWords({ count, last, next }: GapTries): string {
  const times = count === 1 ? 'once, on' : `${formatAmount(count, 'time')}, last on`;
  const tried = last === null ? '' : `Asked for ${times} ${toTheSecond(last)} UTC.`;
  const again = next === null ? '' : `Tapemend asks again by itself from ${toTheSecond(next)} UTC on.`;
  return [tried, again].filter(Boolean).join(' ');
}

function toTheSecond(t: number): string {
  return formatTime(t - (t % 1_000));
}
