import { countIds, formatTime, idsText, type Range, type Span, type StoredSeries } from '@shared/market';
import type { CoverageFacts } from './derive-spans';
import type { LedgerView } from './ledger-view';

/** What evidence is made of: the entries of the ledger too. */
export interface EvidenceFacts extends CoverageFacts {
  ledger: LedgerView;
}

/** Most pieces of evidence to list of one kind; the rest is counted. */
const MOST_ENTRIES = 4;

/** Proofs of a span's verdict, in sentences; at least one for every missing span. */
export function evidenceOf(facts: EvidenceFacts, series: StoredSeries, span: Span): string[] {
  const { ledger } = facts;
  switch (span.verdict) {
    case 'present':
      return entryEvidence(facts, span, ['answered']);
    case 'not_listed_yet':
      if (ledger.archiveOnly) return lifeEvidence(facts, 'first_candle');
      return [
        `The first candle of ${series.symbol} at the exchange opens at ${formatTime(ledger.firstCandle ?? span.to)} UTC (asked with startTime=0).`,
      ];
    case 'delisted':
      if (ledger.archiveOnly) return lifeEvidence(facts, 'last_candle');
      return [
        `The last candle of ${series.symbol} opens at ${formatTime(ledger.lastCandle ?? span.from)} UTC; the symbol no longer trades.`,
      ];
    case 'not_closed_yet':
      return [
        `By the exchange's clock (${formatTime(Math.floor(facts.now / 1000) * 1000)} UTC) these ${series.interval === null ? 'minutes are not over' : 'candles are not closed'} yet.`,
      ];
    case 'not_asked':
      return ['No source has been asked for these bars.'];
    case 'exchange_outage':
      return [...catalogueEvidence(facts, span), ...entryEvidence(facts, span, ['answered'])];
    case 'fetch_failed':
      return entryEvidence(facts, span, ['failed']);
    case 'confirmed_absent':
    case 'symbol_halt':
      return entryEvidence(facts, span, ['answered']);
    case 'unexplained': {
      const told = entryEvidence(facts, span, ['answered', 'failed']);
      const holes = (facts.holes ?? []).filter((hole) => hole.range.from < span.to && span.from < hole.range.to);
      if (holes.length > 0) return [...holeEvidence(holes), ...told];
      const inArchiveOnly = overlaps(ledger.absentInArchive, span) && !overlaps(ledger.absentAtRest, span);
      return [
        ...told,
        inArchiveOnly
          ? 'REST has not been asked for these bars yet.'
          : 'The source had these bars and they were stored, but the table lacks them now.',
      ];
    }
  }
}

/** The newest of what was learned about the symbol's beginning or end. */
function lifeEvidence(facts: EvidenceFacts, outcome: 'first_candle' | 'last_candle'): string[] {
  return facts.ledger.entries
    .filter((entry) => entry.outcome === outcome)
    .slice(-1)
    .map(({ evidence }) => evidence);
}

function holeEvidence(holes: NonNullable<CoverageFacts['holes']>): string[] {
  const texts = holes
    .slice(0, MOST_ENTRIES)
    .map(
      ({ ids, range, inArchive }) =>
        `Aggregate trade ids ${idsText(ids)}, traded between ${formatTime(range.from)} and ${formatTime(range.to)} UTC, are not stored` +
        (inArchive
          ? ', although the source had some of them.'
          : ', and no source has said that they do not exist: REST has to be asked.'),
    );
  if (holes.length <= MOST_ENTRIES) return texts;
  const more = countIds(holes.slice(MOST_ENTRIES).map((hole) => hole.ids));
  return [...texts, `… and ${more.toLocaleString('en')} more ids.`];
}

function overlaps(ranges: readonly Range[], span: Range): boolean {
  return ranges.some((range) => range.from < span.to && range.to > span.from);
}

function catalogueEvidence(facts: EvidenceFacts, span: Range): string[] {
  return facts.outages
    .filter((window) => window.from < span.to && window.to > span.from)
    .map(({ outage }) => {
      const remark = outage.remark ? `, ${outage.remark}` : '';
      return `Outage catalogue, entry ${outage.id}: exchange-wide stop ${outage.firstMissing.replace('T', ' ')} to ${outage.lastMissing.slice(11)} UTC, shown by ${outage.sources} public sources${remark}.`;
    });
}

function entryEvidence(facts: EvidenceFacts, span: Range, outcomes: readonly string[]): string[] {
  const touching = facts.ledger.entries
    .filter((entry) => outcomes.includes(entry.outcome) && entry.range.from < span.to && entry.range.to > span.from)
    .sort((a, b) => b.at - a.at);
  const texts = [...new Set(touching.map((entry) => entry.evidence))];
  if (texts.length <= MOST_ENTRIES) return texts;
  return [...texts.slice(0, MOST_ENTRIES), `… and ${texts.length - MOST_ENTRIES} more answers.`];
}
