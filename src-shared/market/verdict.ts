import type { Proof } from './proof';
import type { Range } from './range';

/** Why the bars of a span are there or not. The order is the code of a verdict in column frames: append only. */
export const VERDICTS = [
  'present',
  'exchange_outage',
  'symbol_halt',
  'not_listed_yet',
  'delisted',
  'not_closed_yet',
  'confirmed_absent',
  'fetch_failed',
  'unexplained',
  'not_asked',
] as const;

export type Verdict = (typeof VERDICTS)[number];

export type VerdictClass = 'present' | 'explained' | 'unexplained' | 'neither';

const CLASS_OF: Record<Verdict, VerdictClass> = {
  present: 'present',
  exchange_outage: 'explained',
  symbol_halt: 'explained',
  not_listed_yet: 'explained',
  delisted: 'explained',
  confirmed_absent: 'explained',
  not_closed_yet: 'neither',
  fetch_failed: 'unexplained',
  unexplained: 'unexplained',
  not_asked: 'unexplained',
};

export function verdictClass(verdict: Verdict): VerdictClass {
  return CLASS_OF[verdict];
}

/** Half-open range of whole bars with one verdict. */
export interface Span extends Range {
  /** Grid bars in the span, present or not. */
  readonly bars: number;
  readonly verdict: Verdict;
}

/** A span with what shows that its verdict is true. */
export interface ExplainedSpan extends Span {
  /** When it is asked for again by itself, in epoch ms; left out when it is not. */
  nextTry?: number;
  /** The proofs as sentences, in the same order. */
  readonly evidence: readonly string[];
  /** Absent in receipts of older versions. */
  readonly proofs?: readonly Proof[];
}
