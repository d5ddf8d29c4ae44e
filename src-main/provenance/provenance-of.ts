import type { ProvenanceSpan } from '@shared/contract';
import { intersectRanges, type Range, subtractRanges, unionRanges } from '@shared/market';
import { type LedgerEntry, standingEntries } from '../questdb';

/**
 * Where the rows of `range` come from, by the ledger of one series: sorted, disjoint spans; where no answer is known to have written
 * there is none. A later answer lies over earlier ones; what was reverted counts as never written. Spans tell what was
 * written last, not what is in the table now: cut them with the stored runs of bars.
 *
 * Entries of older versions do not tell what they wrote. Their range without the absent bars stands for it, where nothing better
 * is known; among them the earlier one counts, since a backfill asks for missing bars only.
 */
export function provenanceOf(entries: readonly LedgerEntry[], range: Range): ProvenanceSpan[] {
  const answers = standingEntries(entries).filter(isAnswer);
  const telling = answers.filter((entry) => entry.written !== undefined).reverse();
  const silent = answers.filter((entry) => entry.written === undefined && entry.rows > 0);
  const spans: ProvenanceSpan[] = [];
  let covered: Range[] = [];
  for (const entry of [...telling, ...silent]) {
    const own = intersectRanges([range], entry.written ?? subtractRanges([entry.range], entry.absent));
    if (own.length === 0) continue;
    for (const span of subtractRanges(own, covered)) spans.push(spanOf(entry, span));
    covered = unionRanges(covered, own);
  }
  return spans.sort((a, b) => a.from - b.from);
}

type Answer = LedgerEntry & { source: ProvenanceSpan['source'] };

function isAnswer(entry: LedgerEntry): entry is Answer {
  return entry.outcome === 'answered' && entry.source !== 'user';
}

function spanOf(entry: Answer, { from, to }: Range): ProvenanceSpan {
  return {
    from,
    to,
    source: entry.source,
    file: entry.file ?? null,
    sha256: entry.sha256 ?? null,
    etag: entry.etag ?? null,
    request: entry.request ?? null,
    jobId: entry.jobId,
    at: entry.at,
  };
}
