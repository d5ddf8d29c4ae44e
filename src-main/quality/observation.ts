import type { FindingKind, VerifyAgainst } from '@shared/contract';
import type { Range } from '@shared/market';

/** Kinds that one way of looking decides about: what it does not find again in its range is mended. */
export const DECIDES = {
  itself: [
    'impossible_candle',
    'duplicate_rows',
    'off_grid_rows',
    'price_jump',
    'volume_outlier',
    'archive_seam',
    'filled_candle',
    'phantom_candle',
    'stale_candle',
  ],
  intervals: ['rollup_difference', 'trade_difference'],
  rest: ['source_difference'],
  archive: ['source_difference'],
} as const satisfies Record<VerifyAgainst | 'itself', readonly FindingKind[]>;

/** What a check of stored data can notice. Each is told, none is ever mended silently. */
export type ObservationKind = (typeof DECIDES)[keyof typeof DECIDES][number];

/** One thing that a check noticed about the stored rows of a series. */
export interface Observation {
  kind: ObservationKind;
  /** Whole bars, half-open, epoch ms. */
  range: Range;
  /** How many rows or bars it is about. */
  count: number;
  /** What is there, without the name of the series. */
  sentence: string;
  /** The figures behind the sentence, as JSON has them. */
  data: unknown;
}

/** A check that sees the candles of one series once, ascending, in batches. */
export interface CandleCheck<Batch> {
  push(batch: Batch): void;
  /** Called once behind the last batch. */
  finish(): Observation[];
}

/** Observations of one kind beyond so many are counted in the last one: a broken series must not flood the list. */
const MOST_OF_A_KIND = 200;

/** The first observations, and one that counts the others. */
export function bounded(observations: readonly Observation[], most = MOST_OF_A_KIND): Observation[] {
  if (observations.length <= most) return [...observations];
  const kept = observations.slice(0, most - 1);
  const rest = observations.slice(most - 1);
  const first = rest[0]!;
  const range = { from: first.range.from, to: rest.reduce((to, each) => Math.max(to, each.range.to), first.range.to) };
  const count = rest.reduce((sum, each) => sum + each.count, 0);
  const sentence = `${rest.length.toLocaleString('en')} more of the same kind up to here, the first: ${first.sentence}`;
  return [...kept, { kind: first.kind, range, count, sentence, data: { more: rest.length } }];
}
