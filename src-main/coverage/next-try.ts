import {
  barAt,
  DAY_MS,
  HOUR_MS,
  hullOf,
  intersectRanges,
  isTradeSeries,
  MINUTE_MS,
  type Range,
  type Span,
  type StoredSeries,
  subtractRanges,
} from '@shared/market';
import { dailyFileExpectedAt } from '../binance';
import type { LedgerEntry } from '../questdb';
import { acceptedBars } from './derive-spans';
import type { EvidenceFacts } from './proofs';

/** Waits between a try and the next: of what could not be fetched, and of what REST does not have. Behind the last there is none. */
const AFTER_FAILURE_MS = [5 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS, DAY_MS] as const;
const AFTER_ABSENCE_MS = [3 * DAY_MS, 10 * DAY_MS, 30 * DAY_MS] as const;

/** What a try came to: nothing was answered, REST had none, or a file lacked bars that REST was to be asked for. */
type Outcome = 'failed' | 'absent' | 'not_in_file';

interface Tries {
  count: number;
  /** Epoch ms of the newest. */
  last: number;
}

/**
 * When a missing span is asked for again without anybody's doing, in epoch ms; null when never. It follows from the tries that
 * the ledger remembers alone, so that a restart changes nothing. What failed is tried once more when the daily file of its day
 * has surely appeared, if that is later: of trades of futures only the file has them then. Bars that only files were found to
 * lack are asked of REST, at the pace of what failed.
 */
export function nextTryOf(facts: EvidenceFacts, series: StoredSeries, span: Span): number | null {
  switch (span.verdict) {
    case 'fetch_failed': {
      const tries = triesOf(facts, span, 'failed');
      if (tries === null) return null;
      const wait = AFTER_FAILURE_MS[tries.count - 1];
      if (wait !== undefined) return tries.last + wait;
      const published = dailyFileExpectedAt(span.from);
      return published > tries.last ? published : null;
    }
    case 'confirmed_absent':
    case 'symbol_halt': {
      // What trades lack is told by their ids, and a symbol that is gone has nobody who could be asked.
      if (isTradeSeries(series) || facts.ledger.archiveOnly) return null;
      // What a person has accepted is asked for no more.
      const open = subtractRanges([span], acceptedBars(facts.ledger));
      if (open.length === 0) return null;
      return after(triesOf(facts, hullOf(open), 'absent'), AFTER_ABSENCE_MS);
    }
    case 'unexplained': {
      if (isTradeSeries(series) || facts.ledger.archiveOnly) return null;
      const open = intersectRanges([span], facts.ledger.absentInArchive);
      if (open.length === 0) return null;
      return after(triesOf(facts, hullOf(open), 'not_in_file'), AFTER_FAILURE_MS);
    }
    default:
      return null;
  }
}

function after(tries: Tries | null, waits: readonly number[]): number | null {
  const wait = tries && waits[tries.count - 1];
  return tries && wait ? tries.last + wait : null;
}

/**
 * Tries of a whole span: those of its first or last bar, whichever was tried less. A span is made of many answers beside each
 * other, and only those about one bar follow each other.
 */
function triesOf({ grid, ledger }: EvidenceFacts, span: Range, outcome: Outcome): Tries | null {
  const about = (bar: number): Tries | null =>
    triesAmong(
      ledger.entries.filter(({ range }) => range.from <= bar && bar < range.to),
      outcome,
    );
  const first = about(span.from);
  const last = about(barAt(grid, span.to - 1).from);
  if (!first || !last) return first ?? last;
  return { count: Math.min(first.count, last.count), last: Math.max(first.last, last.last) };
}

function triesAmong(entries: readonly LedgerEntry[], outcome: Outcome): Tries | null {
  let count = 0;
  let last = 0;
  for (const entry of entries) {
    // Of rows that were adopted nobody was asked.
    if (entry.source === 'adopted') continue;
    if (entry.outcome === 'failed') {
      // A try that was to ask for an absent bar again told nothing, but it is not repeated at once.
      if (outcome !== 'absent') count++;
      last = entry.at;
    } else if (entry.outcome === 'answered') {
      if (outcome === 'failed') count = 0;
      else if (outcome === 'not_in_file') count = 1;
      else if (entry.source === 'rest') count++;
      last = entry.at;
    }
  }
  return count === 0 ? null : { count, last };
}
