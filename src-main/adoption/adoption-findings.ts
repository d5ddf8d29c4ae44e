import type { Finding, FindingKind } from '@shared/contract';
import { hullOf, type Range } from '@shared/market';
import { findingOf } from '../questdb';
import type { Origin } from './origin';
import type { Noticed, NoticedKind } from './row-screen';

export interface AdoptionFacts {
  at: number;
  key: string;
  /** Null when nothing was adopted. */
  jobId: string | null;
  origin: Origin;
  noticed: ReadonlyMap<NoticedKind, Noticed>;
  /** Rows of bars that the exchange does not have. */
  unknown: { rows: number; bars: readonly Range[] };
  /** Bars that were adopted. */
  adopted: readonly Range[];
}

const KIND_OF: Record<Exclude<NoticedKind, 'unclosed'>, FindingKind> = {
  impossible: 'bad_rows',
  conflicting: 'conflicting_rows',
  duplicates: 'duplicate_rows',
  offGrid: 'off_grid_rows',
};

/** What was noticed while rows of another program were adopted. */
export function findingsOf(facts: AdoptionFacts): Finding[] {
  const { origin, noticed, unknown, adopted } = facts;
  const findings: Finding[] = [];
  const add = (kind: FindingKind, about: string, range: Range, count: number, sentence: string): void => {
    const { at, key, jobId } = facts;
    const data = { count, origin: origin.words, ...(jobId === null ? {} : { jobId }) };
    findings.push(findingOf({ at, key, kind, range, subject: `${about} ${originName(origin)}`, sentence, data }));
  };
  for (const [kind, { count, range, example }] of noticed)
    if (kind !== 'unclosed') add(KIND_OF[kind], kind, range, count, sentenceOf[kind](count, origin.words, example));
  if (unknown.rows > 0)
    add(
      'bad_rows',
      'unknown',
      hullOf(unknown.bars),
      unknown.rows,
      `${rows(unknown.rows)} of ${origin.words} ${either(unknown.rows, 'stands', 'stand')} where the exchange was asked and has no candle; not adopted.`,
    );
  if (origin.inexact !== null && adopted.length > 0)
    add(
      'inexact_decimals',
      'inexact',
      hullOf(adopted),
      0,
      `${origin.words} lost decimals before it was adopted: ${origin.inexact}.`,
    );
  return findings;
}

const sentenceOf: Record<
  Exclude<NoticedKind, 'unclosed'>,
  (count: number, words: string, example: string) => string
> = {
  impossible: (count, words, example) =>
    `${rows(count)} of ${words} cannot be ${either(count, 'a candle', 'candles')}, the first because of ${example}; not adopted.`,
  conflicting: (count, words) =>
    `${rows(count)} of ${words} stand several times with different values; none of them was adopted. Fetch these bars from the exchange.`,
  duplicates: (count, words) =>
    `${rows(count)} of ${words} ${either(count, 'repeats', 'repeat')} the one before word for word; each candle was taken once.`,
  offGrid: (count, words, example) =>
    `${rows(count)} of ${words} ${either(count, 'opens', 'open')} off the grid, the first ${example}; taken as ${either(count, 'it is', 'they are')}.`,
};

/** What tells this origin from others of the same series. */
function originName({ ledger }: Origin): string {
  return 'sha256' in ledger ? ledger.sha256 : ledger.request;
}

function rows(count: number): string {
  return either(count, 'One row', `${count.toLocaleString('en')} rows`);
}

function either(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
