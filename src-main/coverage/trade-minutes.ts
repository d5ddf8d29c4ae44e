import {
  countIds,
  type IdRange,
  intersectIds,
  intersectRanges,
  MINUTE_MS,
  normalizeIds,
  normalizeRanges,
  type Range,
  subtractIds,
  subtractRanges,
} from '@shared/market';
import type { LedgerEntry, TradeRun } from '../questdb';

/** Ids that ought to be stored and are not. */
export interface IdHole {
  ids: IdRange;
  /** The minutes in which their trades may lie, whole ones. */
  range: Range;
  /** A verified archive told of some of them: it can be read again. Of the others only REST may know. */
  inArchive: boolean;
}

export interface TradeMinutes {
  /** Minutes of which every trade is stored, or known not to exist. */
  present: Range[];
  holes: IdHole[];
}

/**
 * Which minutes are whole, by what the ledger says was answered (entries that stand) and which ids are stored (joined runs).
 *
 * Minutes that lie together and were all answered must hold every id from the first to the last that any of the answers told
 * of, but those that REST does not have either. Where ids are missing, the minutes from the last trade before them to the first
 * behind them are not present: a day that follows another without its first trades is found as well as one with rows deleted.
 *
 * `archiveOnly`: the exchange has dropped the symbol, so what its files lack is nowhere.
 */
export function tradeMinutes(
  entries: readonly LedgerEntry[],
  runs: readonly TradeRun[],
  archiveOnly = false,
): TradeMinutes {
  const answers = entries.filter((entry) => entry.outcome === 'answered');
  const known = normalizeIds([...idsOf(runs), ...answers.flatMap(noTradesOf)]);
  const archived = subtractIds(
    answers.flatMap((each) => (isArchive(each) && each.ids ? [each.ids] : [])),
    answers.flatMap((each) => (isArchive(each) ? [...(each.lostIds ?? [])] : [])),
  );
  const answered = normalizeRanges(answers.flatMap((each) => subtractRanges([each.range], each.absent)));
  const all = answeredTogether(answers, answered).flatMap(({ range, ids }) =>
    subtractIds([ids], known).map((missing) => ({
      ids: missing,
      range: minutesAround(missing, runs, range),
      inArchive: intersectIds([missing], archived).length > 0,
    })),
  );
  const holes = archiveOnly ? all.filter((hole) => hole.inArchive) : all;
  const doubtful = holes.map((hole) => hole.range);
  return { present: subtractRanges(answered, doubtful), holes };
}

/** Number of ids of a range that nobody has, or that are marked as no trades, as the answers about it told. */
export function lostIdsOf(entries: readonly LedgerEntry[], runs: readonly TradeRun[], range: Range): number {
  const told = entries
    .filter((entry) => entry.outcome === 'answered' && entry.range.from < range.to && range.from < entry.range.to)
    .flatMap(noTradesOf);
  // What REST has lost may be stored from a file.
  return countIds(subtractIds(told, idsOf(runs)));
}

function idsOf(runs: readonly TradeRun[]): IdRange[] {
  return runs.map(({ firstId, lastId }) => ({ from: firstId, to: lastId }));
}

/** Ids that need not be stored. What an archive lacks REST may have, but what it marks as no trade is none. */
function noTradesOf(entry: LedgerEntry): IdRange[] {
  return [...(entry.markedIds ?? []), ...(isArchive(entry) ? [] : (entry.lostIds ?? []))];
}

function isArchive({ source }: LedgerEntry): boolean {
  return source === 'archiveDaily' || source === 'archiveMonthly';
}

/** Runs of minutes that were answered without a break, with the hull of the ids that their answers told of. */
function answeredTogether(
  answers: readonly LedgerEntry[],
  answered: readonly Range[],
): { range: Range; ids: IdRange }[] {
  const hulls = new Map<Range, { from: number; to: number }>();
  const withIds = answers.filter((each) => each.ids !== undefined).sort((a, b) => a.range.from - b.range.from);
  let at = 0;
  for (const { range, ids } of withIds) {
    while (at < answered.length && answered[at]!.to <= range.from) at++;
    const run = answered[at];
    if (!run || !ids) continue;
    const hull = hulls.get(run);
    if (hull) {
      hull.from = Math.min(hull.from, ids.from);
      hull.to = Math.max(hull.to, ids.to);
    } else hulls.set(run, { from: ids.from, to: ids.to });
  }
  return [...hulls].map(([range, ids]) => ({ range, ids }));
}

function minutesAround(missing: IdRange, runs: readonly TradeRun[], within: Range): Range {
  const next = firstRunBehind(missing.to, runs);
  const before = runs[next - 1];
  const behind = runs[next];
  const first = before ? minuteOf(before.lastTime) : within.from;
  const last = behind ? minuteOf(behind.firstTime) : within.to - MINUTE_MS;
  const around = { from: Math.min(first, last), to: Math.max(first, last) + MINUTE_MS };
  // Neighbours that lie elsewhere tell nothing: then all of these minutes are in doubt.
  return intersectRanges([around], [within])[0] ?? within;
}

/** Index of the first run whose ids lie behind `id`. */
function firstRunBehind(id: number, runs: readonly TradeRun[]): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle]!.firstId > id) high = middle;
    else low = middle + 1;
  }
  return low;
}

function minuteOf(micros: number): number {
  return Math.floor(micros / 1_000 / MINUTE_MS) * MINUTE_MS;
}
