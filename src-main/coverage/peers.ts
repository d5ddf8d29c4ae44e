import {
  ceilToGrid,
  floorToGrid,
  type Grid,
  type Interval,
  type Market,
  type PeersProof,
  type Range,
  rangesWithin,
  type StoredSeries,
  subtractRanges,
  totalLength,
  unionRanges,
} from '@shared/market';
import type { LedgerFold } from './ledger-view';
import { EDGE_TOLERANCE_MS } from './outage-catalogue';

/** Another series of the market and interval, as far as it is known. */
export interface Peer {
  series: StoredSeries;
  /** Maximal runs of bars that it has. */
  present: readonly Range[];
  ledger: LedgerFold;
}

/** So many symbols have to have bars before it is the symbol that stood still, and not the exchange. */
const ENOUGH_PEERS = 3;
/** Symbols that are named of each side. */
export const MOST_NAMES = 8;

/** Series that can be compared with each other: one market, one interval. */
export function peerGroup({ market, interval }: { market: Market; interval: Interval | null }): string {
  return `${market}:${interval ?? 'trades'}`;
}

/**
 * The part of `run` (bars of `grid`) in which at least three of these lists of runs have bars, but for the bars beside what fewer
 * have: edges of an outage differ by a minute between symbols.
 */
export function tradedMeanwhile(grid: Grid, run: Range, presents: Iterable<readonly Range[]>): Range[] {
  const steps: { at: number; by: 1 | -1 }[] = [];
  let whole = 0;
  for (const present of presents) {
    const pieces = rangesWithin(present, run);
    if (pieces.length === 1 && pieces[0]!.from === run.from && pieces[0]!.to === run.to && ++whole === ENOUGH_PEERS)
      return [run];
    for (const { from, to } of pieces) steps.push({ at: from, by: 1 }, { at: to, by: -1 });
  }
  const traded = atLeast(ENOUGH_PEERS, steps);
  const quiet = subtractRanges([run], traded).map(({ from, to }) => ({
    from: floorToGrid(grid, from - EDGE_TOLERANCE_MS),
    to: ceilToGrid(grid, to + EDGE_TOLERANCE_MS),
  }));
  return subtractRanges(traded, quiet);
}

/** Where so many of the runs, given as their ends, lie over each other. */
export function atLeast(count: number, steps: { at: number; by: 1 | -1 }[]): Range[] {
  steps.sort((a, b) => a.at - b.at || b.by - a.by);
  const found: Range[] = [];
  let depth = 0;
  let since = 0;
  for (const { at, by } of steps) {
    if (by === 1 && ++depth === count) since = at;
    else if (by === -1 && depth-- === count) found.push({ from: since, to: at });
  }
  return unionRanges(found, []);
}

/** Whether a peer was asked about the whole range, lived then, and has (most of) its bars; null where it cannot tell. */
export function hasBars({ present, ledger }: Peer, range: Range): boolean | null {
  if (ledger.firstCandle !== null && ledger.firstCandle > range.from) return null;
  if (ledger.lastCandle !== null && ledger.lastCandle < range.to - 1) return null;
  const had = rangesWithin(present, range);
  const length = range.to - range.from;
  const share = totalLength(had) / length;
  if (share < 1 && totalLength(unionRanges(had, rangesWithin(ledger.answered, range))) < length) return null;
  return share * 2 > 1;
}

/** What the other series say about the bars of `range`; null when none of them was asked. */
export function peersProof(series: StoredSeries, range: Range, peers: Iterable<Peer>): PeersProof | null {
  const having: string[] = [];
  const lacking: string[] = [];
  for (const peer of peers) {
    if (peer.series.symbol === series.symbol) continue;
    const has = hasBars(peer, range);
    if (has !== null) (has ? having : lacking).push(peer.series.symbol);
  }
  if (having.length + lacking.length === 0) return null;
  return {
    kind: 'peers',
    market: series.market,
    interval: series.interval,
    asked: having.length + lacking.length,
    lacking: lacking.length,
    lackingSymbols: lacking.sort().slice(0, MOST_NAMES),
    havingSymbols: having.sort().slice(0, MOST_NAMES),
  };
}
