import { countBars, countIds, normalizeRanges, type Proof, type Range, rangesWithin, type Span } from '@shared/market';
import type { LedgerEntry } from '../questdb';
import type { CoverageFacts } from './derive-spans';
import type { LedgerView } from './ledger-view';

/** What proofs are made of: the entries of the ledger too. */
export interface EvidenceFacts extends CoverageFacts {
  ledger: LedgerView;
}

/** Most proofs to list of one kind; the rest is counted. */
const MOST_LISTED = 4;

/** What ledger, catalogue and clock show of a span's verdict: at least one proof for every missing span. */
export function knownProofs(facts: EvidenceFacts, span: Span): Proof[] {
  const { ledger } = facts;
  switch (span.verdict) {
    case 'present':
      return askedProofs(facts, span, ['answered']);
    case 'not_listed_yet':
      return lifetimeProofs(facts, 'first', span.to);
    case 'delisted':
      return lifetimeProofs(facts, 'last', span.from);
    case 'not_closed_yet':
      return [{ kind: 'clock', now: facts.now }];
    case 'not_asked':
      return [{ kind: 'not_asked', source: 'any' }];
    case 'exchange_outage':
      return [...catalogueProofs(facts, span), ...askedProofs(facts, span, ['answered'])];
    case 'fetch_failed':
      return askedProofs(facts, span, ['failed']);
    case 'confirmed_absent':
    case 'symbol_halt':
      return [...acceptedProofs(facts, span), ...askedProofs(facts, span, ['answered'])];
    case 'unexplained': {
      const told = askedProofs(facts, span, ['answered', 'failed']);
      const ids = missingIdsProofs(facts, span);
      if (ids.length > 0) return [...ids, ...told];
      const inArchiveOnly = overlaps(ledger.absentInArchive, span) && !overlaps(ledger.absentAtRest, span);
      return [...told, inArchiveOnly ? { kind: 'not_asked', source: 'rest' } : { kind: 'table_lacks' }];
    }
  }
}

function askedProofs(
  { ledger, grid }: EvidenceFacts,
  span: Range,
  outcomes: readonly LedgerEntry['outcome'][],
): Proof[] {
  const touching = ledger.entries
    .filter((entry) => outcomes.includes(entry.outcome) && entry.range.from < span.to && entry.range.to > span.from)
    .sort((a, b) => b.at - a.at);
  const unlike = [...new Map(touching.map((entry) => [entry.evidence, entry] as const).reverse()).values()].reverse();
  const listed = unlike.slice(0, MOST_LISTED).flatMap((entry): Proof[] =>
    entry.source === 'user'
      ? []
      : [
          {
            kind: 'asked',
            ...entry.range,
            source: entry.source,
            outcome: entry.outcome === 'failed' ? 'failed' : 'answered',
            at: entry.at,
            request: entry.request ?? null,
            file: entry.file ?? null,
            sha256: entry.sha256 ?? null,
            rows: entry.rows,
            absent: rangesWithin(normalizeRanges(entry.absent), span).reduce(
              (sum, run) => sum + countBars(grid, run),
              0,
            ),
            told: entry.evidence,
          },
        ],
  );
  const count = unlike.length - MOST_LISTED;
  return count > 0 ? [...listed, { kind: 'left_out', what: 'asked', count }] : listed;
}

function catalogueProofs({ outages }: EvidenceFacts, span: Range): Proof[] {
  return outages
    .filter((window) => window.from < span.to && window.to > span.from)
    .map(({ entry: { id, origin, from, to, sources, remark } }) => ({
      kind: 'catalogue',
      entry: id,
      origin,
      from,
      to,
      sources,
      remark,
    }));
}

function lifetimeProofs({ ledger }: EvidenceFacts, bound: 'first' | 'last', otherwise: number): Proof[] {
  const open = (bound === 'first' ? ledger.firstCandle : ledger.lastCandle) ?? otherwise;
  if (!ledger.archiveOnly) return [{ kind: 'lifetime', bound, open, told: null }];
  // The newest of what was learned about the symbol's beginning or end.
  return ledger.entries
    .filter((entry) => entry.outcome === `${bound}_candle`)
    .slice(-1)
    .map(({ evidence }) => ({ kind: 'lifetime', bound, open, told: evidence }));
}

function acceptedProofs({ ledger }: EvidenceFacts, span: Range): Proof[] {
  return ledger.accepted
    .filter(({ ranges }) => overlaps(ranges, span))
    .map(({ entry }) => ({ kind: 'accepted', ...entry.range, at: entry.at, reason: entry.evidence }));
}

function missingIdsProofs({ holes = [] }: EvidenceFacts, span: Range): Proof[] {
  const touching = holes.filter(({ range }) => range.from < span.to && span.from < range.to);
  const listed = touching.slice(0, MOST_LISTED).map(
    ({ ids, range, inArchive }): Proof => ({
      kind: 'missing_ids',
      ...range,
      firstId: ids.from,
      lastId: ids.to,
      inArchive,
    }),
  );
  if (touching.length <= MOST_LISTED) return listed;
  const count = countIds(touching.slice(MOST_LISTED).map(({ ids }) => ids));
  return [...listed, { kind: 'left_out', what: 'missing_ids', count }];
}

function overlaps(ranges: readonly Range[], span: Range): boolean {
  return ranges.some((range) => range.from < span.to && range.to > span.from);
}
