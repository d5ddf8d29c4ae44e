import { normalizeRanges, type Range, subtractRanges, unionRanges } from '@shared/market';
import { type LedgerEntry, standingEntries } from '../questdb';

/**
 * What the ledger says about one series, folded in order of time: a later answer about a range replaces what earlier ones
 * said about it. Archive and REST are kept apart, because a verified file may lack bars that REST has. Answers of a job that
 * was reverted count as never given.
 */
export interface LedgerFold {
  /** Ranges that some source has answered for. */
  answered: Range[];
  /** Bars that REST was asked for and does not have. */
  absentAtRest: Range[];
  /** Bars that a verified archive file lacks, and those of them that a daily file (or the lack of one) says so about. */
  absentInArchive: Range[];
  absentInDaily: Range[];
  /** The symbol is gone from the exchange: REST cannot be asked, and what the archive lacks is nowhere to be had. */
  archiveOnly: boolean;
  /** Ranges whose last attempt failed. */
  failed: Range[];
  /** Missing bars that a person has accepted, each with the entry that says why. */
  accepted: AcceptedBars[];
  /** Open of the first candle the exchange has, and of the last one of a delisted symbol; null while unknown. */
  firstCandle: number | null;
  lastCandle: number | null;
  /** Phase of a `3d` grid, null while unknown. */
  threeDayPhase: number | null;
}

/** The same with the entries that hold, in order of time, for evidence. */
export interface LedgerView extends LedgerFold {
  entries: readonly LedgerEntry[];
}

/** Bars that count as explained because a person says so. */
export interface AcceptedBars {
  ranges: Range[];
  entry: LedgerEntry;
}

/** What comes of it is kept over restarts: a change of these rules needs a new `FORMAT` in `ledger-fold-cache.ts`. */
export function foldLedger(ledger: readonly LedgerEntry[]): LedgerView {
  const entries = standingEntries(ledger);
  const view: LedgerView = {
    answered: [],
    absentAtRest: [],
    absentInArchive: [],
    absentInDaily: [],
    archiveOnly: false,
    failed: [],
    accepted: [],
    firstCandle: null,
    lastCandle: null,
    threeDayPhase: null,
    entries,
  };
  const answers: Range[] = [];
  let lastInArchive: number | null = null;
  for (const entry of entries) {
    switch (entry.outcome) {
      case 'answered': {
        if (entry.source === 'adopted') {
          // Nobody asked the exchange: what is not among the rows may well be there.
          answers.push(...(entry.written ?? []));
          break;
        }
        answers.push(entry.range);
        if (view.failed.length > 0) view.failed = subtractRanges(view.failed, [entry.range]);
        if (isOfArchive(entry)) {
          view.absentInArchive = replaceWithin(view.absentInArchive, entry);
          if (entry.source === 'archiveDaily') view.absentInDaily = replaceWithin(view.absentInDaily, entry);
        } else {
          view.absentAtRest = replaceWithin(view.absentAtRest, entry);
        }
        break;
      }
      case 'failed':
        view.failed = unionRanges(view.failed, [entry.range]);
        break;
      case 'first_candle':
        view.firstCandle = entry.range.from;
        // Who was asked last about the symbol's beginning is who still knows it.
        view.archiveOnly = isOfArchive(entry);
        break;
      case 'last_candle':
        if (isOfArchive(entry)) lastInArchive = entry.range.from;
        else view.lastCandle = entry.range.from;
        break;
      case 'accepted':
        // Between the bars that are accepted now lie some that were before.
        view.accepted = [...withoutBars(view.accepted, entry.absent), { ranges: entry.absent, entry }];
        break;
      case 'acceptance_withdrawn':
        view.accepted = withoutBars(view.accepted, [entry.range]);
        break;
      case 'phase':
        view.threeDayPhase = entry.rows;
        break;
    }
  }
  view.answered = normalizeRanges(answers);
  if (view.archiveOnly) view.lastCandle = lastInArchive ?? view.lastCandle;
  return view;
}

function withoutBars(accepted: readonly AcceptedBars[], bars: readonly Range[]): AcceptedBars[] {
  return accepted
    .map(({ ranges, entry }) => ({ ranges: subtractRanges(ranges, bars), entry }))
    .filter(({ ranges }) => ranges.length > 0);
}

function isOfArchive({ source }: LedgerEntry): boolean {
  return source === 'archiveMonthly' || source === 'archiveDaily';
}

function replaceWithin(known: Range[], entry: LedgerEntry): Range[] {
  const kept = known.length > 0 ? subtractRanges(known, [entry.range]) : known;
  return entry.absent.length > 0 ? unionRanges(kept, entry.absent) : kept;
}
