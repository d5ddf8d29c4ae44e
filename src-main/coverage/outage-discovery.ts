import {
  type CandleSeries,
  ceilToGrid,
  floorToGrid,
  type Grid,
  intervalMs,
  isTradeSeries,
  type Market,
  type Range,
  rangesWithin,
  subtractRanges,
  totalLength,
  unionRanges,
} from '@shared/market';
import type { Model } from './model';
import { atLeast, hasBars, MOST_NAMES, type Peer, peerGroup } from './peers';

/** A series that can show a stop of the exchange. */
export interface StopWitness extends Peer {
  series: CandleSeries;
  grid: Grid;
  /** Bars that REST does not have and the catalogue does not explain. */
  lacking: readonly Range[];
  model: Model;
}

/** A stop that the catalogue does not have, as the series of one interval show it. */
export interface FoundStop extends Range {
  market: Market;
  lacking: StopWitness[];
  having: StopWitness[];
}

/** A stop is one when so many symbols, and so large a share of those that were asked, lack the same bars. */
const FEWEST_SYMBOLS = 3;
const SMALLEST_SHARE = 0.8;

/** Symbols that the exchange has dropped are left out: REST says nothing of them. */
export function* stopWitnesses(models: Iterable<Model>): Iterable<StopWitness> {
  for (const model of models) {
    const { series, grid, ledger, content, outages } = model;
    if (isTradeSeries(series) || ledger.archiveOnly) continue;
    const { present } = content.bars;
    const explained = outages.map(({ from, to }) => ({ from: floorToGrid(grid, from), to: ceilToGrid(grid, to) }));
    const lacking =
      ledger.absentAtRest.length === 0 ? [] : subtractRanges(ledger.absentAtRest, [...present, ...explained]);
    yield { series, grid, ledger, present, lacking, model };
  }
}

/**
 * Stops of the exchange that the series show and the catalogue lacks, in order of time, those that several intervals show by the
 * shortest of them.
 */
export function discoverStops(witnesses: Iterable<StopWitness>): FoundStop[] {
  const groups = new Map<string, StopWitness[]>();
  for (const witness of witnesses) {
    const name = peerGroup(witness.series);
    groups.set(name, [...(groups.get(name) ?? []), witness]);
  }
  const found: FoundStop[] = [];
  const fineFirst = [...groups.values()].sort(
    ([a], [b]) => intervalMs(a!.series.interval) - intervalMs(b!.series.interval),
  );
  for (const group of fineFirst) {
    const market = group[0]!.series.market;
    const known = found.filter((stop) => stop.market === market);
    for (const stop of stopsOf(group))
      if (!known.some(({ from, to }) => from < stop.to && stop.from < to)) found.push(stop);
  }
  return found.sort((a, b) => a.from - b.from);
}

function stopsOf(group: readonly StopWitness[]): FoundStop[] {
  const mute = group.filter(({ lacking }) => lacking.length > 0);
  if (mute.length < FEWEST_SYMBOLS) return [];
  const steps = mute.flatMap(({ lacking }) =>
    lacking.flatMap(({ from, to }) => [
      { at: from, by: 1 as const },
      { at: to, by: -1 as const },
    ]),
  );
  const pieces = atLeast(FEWEST_SYMBOLS, steps).flatMap((range) => cutAtEdges(range, group));
  const stops = unionRanges(
    pieces.filter((piece) => isStop(piece, group)),
    [],
  );
  return stops.map((stop) => {
    const told = group.filter((each) => hasBars(each, stop) !== null);
    return {
      ...stop,
      market: group[0]!.series.market,
      lacking: told.filter((each) => lacksMost(each, stop)),
      having: told.filter((each) => !lacksMost(each, stop)),
    };
  });
}

function isStop(piece: Range, group: readonly StopWitness[]): boolean {
  const told = group.filter((each) => hasBars(each, piece) !== null);
  const lacking = told.filter((each) => lacksMost(each, piece)).length;
  return lacking >= FEWEST_SYMBOLS && lacking >= SMALLEST_SHARE * told.length;
}

function lacksMost({ lacking }: StopWitness, range: Range): boolean {
  return totalLength(rangesWithin(lacking, range)) * 2 > range.to - range.from;
}

/** The range in pieces of which every witness says one thing. */
function cutAtEdges(range: Range, group: readonly StopWitness[]): Range[] {
  const cuts = new Set([range.to]);
  for (const { lacking, present, ledger } of group) {
    const told = [lacking, present, ledger.answered].flatMap((ranges) => rangesWithin(ranges, range));
    for (const { from, to } of told) cuts.add(from).add(to);
    for (const end of [ledger.firstCandle, ledger.lastCandle])
      if (end !== null && end > range.from && end < range.to) cuts.add(end);
  }
  cuts.delete(range.from);
  let from = range.from;
  return [...cuts]
    .sort((a, b) => a - b)
    .map((to) => {
      const piece = { from, to };
      from = to;
      return piece;
    });
}

/** Names of some of the witnesses, sorted. */
export function namesOf(witnesses: readonly StopWitness[]): string[] {
  return witnesses
    .map(({ series }) => series.symbol)
    .sort()
    .slice(0, MOST_NAMES);
}
