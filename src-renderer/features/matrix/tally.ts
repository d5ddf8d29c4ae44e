import type { SeriesSummary } from '@shared/contract';
import type { CoveragePage } from '../../client';

/** Bars by what is known of them, over one or many series. */
export interface Tally {
  /** Series that are followed, and those of them whose coverage is still being read. */
  readonly series: number;
  readonly unread: number;
  readonly present: number;
  /** Missing bars that alarm, that nobody asked for yet, that are explained. */
  readonly alarming: number;
  readonly notAsked: number;
  readonly explained: number;
}

export const EMPTY_TALLY: Tally = { series: 0, unread: 0, present: 0, alarming: 0, notAsked: 0, explained: 0 };

export interface Counted {
  readonly summary: SeriesSummary | null;
  readonly page: CoveragePage | null;
}

/** Of one series; empty for one that is not followed. */
export function tallyOf({ summary, page }: Counted): Tally {
  if (!summary) return EMPTY_TALLY;
  return {
    series: 1,
    unread: page ? 0 : 1,
    present: summary.bars,
    alarming: page?.alarming ?? 0,
    notAsked: page?.notAsked ?? 0,
    explained: summary.missing.explained,
  };
}

export function addTally(a: Tally, b: Tally): Tally {
  if (b.series === 0) return a;
  return {
    series: a.series + b.series,
    unread: a.unread + b.unread,
    present: a.present + b.present,
    alarming: a.alarming + b.alarming,
    notAsked: a.notAsked + b.notAsked,
    explained: a.explained + b.explained,
  };
}
