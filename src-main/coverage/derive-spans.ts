import {
  ceilToGrid,
  closeOf,
  countBars,
  DAY_MS,
  type Grid,
  intersectRanges,
  type Range,
  type Span,
  subtractRanges,
  unionRanges,
  type Verdict,
} from '@shared/market';
import { hasDailyArchives } from '../binance';
import type { LedgerFold } from './ledger-view';
import type { OutageWindow } from './outage-catalogue';
import type { IdHole } from './trade-minutes';

/** All that is known about one series; every range is made of whole bars of `grid`. */
export interface CoverageFacts {
  grid: Grid;
  /** Maximal runs of bars that the table holds. */
  present: readonly Range[];
  ledger: LedgerFold;
  outages: readonly OutageWindow[];
  /** Trades: ids that ought to be stored and are not. */
  holes?: readonly IdHole[];
  /** Bars in which the symbol stood still by itself. */
  halted?: readonly Range[];
  /** The exchange's time now: a bar is closed when its close is not after it. */
  now: number;
}

const EVER = 8.64e15;
const LONGEST_BAR_MS = 31 * DAY_MS;

/**
 * Verdicts for `range` (aligned to the grid): sorted, disjoint spans that cover it, neighbours differing in verdict.
 *
 * The order of the rules is the order of proof. What lies outside the symbol's life or the closed past is not missing at all.
 * The catalogue explains a hole only where absence is shown: a source answered around it, or stored candles stand on both
 * sides of it. Then REST's word (confirmed absent) counts; an archive's word alone does not, since archives are known to lack
 * days that REST has, unless the exchange has dropped the symbol: then the finest archive files have the last word. What a person
 * has accepted needs no proof.
 */
export function deriveSpans(facts: CoverageFacts, range: Range): Span[] {
  const { grid, ledger } = facts;
  const layers: { ranges: Range[]; verdict: Verdict }[] = [];
  let rest: Range[] = [range];
  const take = (verdict: Verdict, ranges: readonly Range[]): void => {
    if (rest.length === 0 || ranges.length === 0) return;
    const taken = intersectRanges(rest, ranges);
    if (taken.length === 0) return;
    layers.push({ ranges: taken, verdict });
    rest = subtractRanges(rest, taken);
  };

  take('present', facts.present);
  take('not_closed_yet', [{ from: openOfRunningBar(grid, facts.now), to: EVER }]);
  if (ledger.firstCandle !== null)
    take('not_listed_yet', [{ from: -EVER, to: grid.openAt(grid.indexOf(ledger.firstCandle)) }]);
  if (ledger.lastCandle !== null) take('delisted', [{ from: closeOf(grid, ledger.lastCandle), to: EVER }]);
  const absent = [...ledger.absentAtRest, ...ledger.absentInArchive];
  take('exchange_outage', provenOutageBars(facts, rest, absent));
  take('symbol_halt', facts.halted ?? []);
  take('confirmed_absent', absentForGood(facts));
  take('confirmed_absent', acceptedBars(ledger));
  take('unexplained', ledger.absentInArchive);
  take('fetch_failed', ledger.failed);
  // A source had bars there and they were stored, yet the table lacks them.
  take('unexplained', ledger.answered);
  take('not_asked', rest);
  return joinSpans(grid, layers);
}

export function openOfRunningBar(grid: Grid, now: number): number {
  return grid.openAt(grid.indexOf(now));
}

/** Bars that the last source to be asked does not have. */
export function absentForGood({ grid, ledger }: CoverageFacts): Range[] {
  if (!ledger.archiveOnly) return ledger.absentAtRest;
  return unionRanges(
    ledger.absentAtRest,
    hasDailyArchives(grid.interval) ? ledger.absentInDaily : ledger.absentInArchive,
  );
}

/** Bars that a person took as explained. */
export function acceptedBars({ accepted }: LedgerFold): Range[] {
  return accepted.flatMap(({ ranges }) => ranges);
}

/** Bars among `missing` that a catalogue window overlaps and whose absence is shown. */
function provenOutageBars(facts: CoverageFacts, missing: readonly Range[], absent: readonly Range[]): Range[] {
  if (facts.outages.length === 0 || missing.length === 0) return [];
  const { grid } = facts;
  // Grids are asked about the few stops that holes are near to.
  const near = facts.outages.filter((window) =>
    missing.some((hole) => hole.from < window.to + LONGEST_BAR_MS && window.from - LONGEST_BAR_MS < hole.to),
  );
  const bars = near.map((window) => ({
    from: grid.openAt(grid.indexOf(window.from)),
    to: ceilToGrid(grid, window.to),
  }));
  const candidates = intersectRanges(missing, bars);
  if (candidates.length === 0) return [];
  const enclosed = missing.filter(
    (hole) => bars.some((bar) => bar.from <= hole.from && hole.to <= bar.to) && isEnclosed(facts.present, hole),
  );
  return [...intersectRanges(candidates, absent), ...enclosed];
}

function isEnclosed(present: readonly Range[], hole: Range): boolean {
  return present.some((run) => run.to === hole.from) && present.some((run) => run.from === hole.to);
}

function joinSpans(grid: Grid, layers: readonly { ranges: Range[]; verdict: Verdict }[]): Span[] {
  const pieces: { from: number; to: number; verdict: Verdict }[] = [];
  for (const { ranges, verdict } of layers) for (const { from, to } of ranges) pieces.push({ from, to, verdict });
  pieces.sort((a, b) => a.from - b.from);
  const spans: Span[] = [];
  for (let i = 0; i < pieces.length; ) {
    const { from, verdict } = pieces[i]!;
    let { to } = pieces[i]!;
    for (i++; i < pieces.length && pieces[i]!.verdict === verdict && pieces[i]!.from === to; i++) to = pieces[i]!.to;
    spans.push({ from, to, bars: countBars(grid, { from, to }), verdict });
  }
  return spans;
}

/**
 * What a backfill should ask for within `range`: bars that are missing, closed, within the symbol's life, and neither known to be
 * absent nor accepted by a person. Where a verified archive lacks bars that the
 * catalogue explains, REST is not asked a second time.
 */
export function barsToAsk(facts: CoverageFacts, range: Range): Range[] {
  const { grid, ledger } = facts;
  let wanted = subtractRanges([range], facts.present);
  wanted = subtractRanges(wanted, [{ from: openOfRunningBar(grid, facts.now), to: EVER }]);
  if (ledger.firstCandle !== null)
    wanted = subtractRanges(wanted, [{ from: -EVER, to: grid.openAt(grid.indexOf(ledger.firstCandle)) }]);
  if (ledger.lastCandle !== null)
    wanted = subtractRanges(wanted, [{ from: closeOf(grid, ledger.lastCandle), to: EVER }]);
  wanted = subtractRanges(wanted, [...absentForGood(facts), ...acceptedBars(ledger)]);
  const bars = facts.outages.map((window) => ({
    from: grid.openAt(grid.indexOf(window.from)),
    to: ceilToGrid(grid, window.to),
  }));
  return subtractRanges(wanted, intersectRanges(ledger.absentInArchive, bars));
}
