import {
  type IdRange,
  intersectIds,
  MINUTE_MS,
  normalizeIds,
  normalizeRanges,
  type Range,
  subtractIds,
  type TradeColumns,
} from '@shared/market';

/** What a source answered about whole minutes. */
export interface TradeAnswer {
  range: Range;
  /** First and last id that it settles; null where nothing was traded. */
  ids: IdRange | null;
  /** Ids among them that the source lacks, and those that it marks as no trade. */
  lostIds: IdRange[];
  markedIds: IdRange[];
  /** Trades that the source has there. */
  rows: number;
  /** Minutes into which rows were written. */
  written: Range[];
}

/** Index of the first trade from `start` on that is at or after a time (epoch ms); `rows` when there is none. */
export function firstFrom({ time, rows }: TradeColumns, start: number, ms: number): number {
  const us = ms * 1000;
  for (let i = start; i < rows; i++) if (time[i]! >= us) return i;
  return rows;
}

/** The parts of `[start, end)` whose ids are not among `stored` (normal ids); trades ascend by id. */
export function notStored(
  { aggId }: TradeColumns,
  start: number,
  end: number,
  stored: readonly IdRange[],
): { start: number; end: number }[] {
  if (start >= end || stored.length === 0) return start < end ? [{ start, end }] : [];
  let low = 0;
  let high = stored.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stored[middle]!.to < aggId[start]!) low = middle + 1;
    else high = middle;
  }
  const slices: { start: number; end: number }[] = [];
  let open = start;
  for (let at = low; at < stored.length && open < end; at++) {
    const { from, to } = stored[at]!;
    const first = firstId(aggId, open, end, from);
    if (first > open) slices.push({ start: open, end: first });
    open = firstId(aggId, first, end, to + 1);
  }
  if (open < end) slices.push({ start: open, end });
  return slices;
}

/** Index of the first id in `[start, end)` that is not below `id`. */
function firstId(aggId: Float64Array, start: number, end: number, id: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (aggId[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The whole minutes that trades `[start, end)` lie in. */
export function minutesOf({ time }: TradeColumns, start: number, end: number): Range {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) {
    from = Math.min(from, time[i]!);
    to = Math.max(to, time[i]!);
  }
  return { from: minuteOf(from), to: minuteOf(to) + MINUTE_MS };
}

/** The minute (ms) that holds a time in µs. */
export function minuteOf(us: number): number {
  return Math.floor(us / 1000 / MINUTE_MS) * MINUTE_MS;
}

interface Place {
  id: number;
  time: number;
}

/** One wanted range of a file as it fills. */
class Cut {
  from: number;
  to: number;
  firstId = -1;
  lastId = -1;
  rows = 0;
  gaps: IdRange[] = [];
  marked: IdRange[] = [];
  written: Range[] = [];

  constructor(range: Range) {
    this.from = range.from;
    this.to = range.to;
  }

  add({ aggId }: TradeColumns, start: number, end: number): void {
    let last = this.lastId;
    if (last < 0) {
      last = aggId[start]! - 1;
      this.firstId = aggId[start]!;
    }
    for (let i = start; i < end; i++) {
      const id = aggId[i]!;
      if (id !== last + 1) this.gaps.push({ from: last + 1, to: id - 1 });
      last = id;
    }
    this.lastId = last;
    this.rows += end - start;
  }

  answer(missing: readonly IdRange[]): TradeAnswer {
    const ids = this.rows > 0 ? { from: this.firstId, to: this.lastId } : null;
    return {
      range: { from: this.from, to: this.to },
      ids,
      lostIds: ids ? intersectIds([ids], missing) : [],
      markedIds: normalizeIds([...this.marked, ...subtractIds(this.gaps, missing)]),
      rows: this.rows,
      written: normalizeRanges(this.written),
    };
  }
}

/**
 * Cuts the wanted minutes out of a file's trades, which come in pieces ascending by id. A trade belongs to the range that the
 * trades around it have reached, also when its own time lies a little before.
 *
 * Where the file lacks ids across the border of a range, nobody can tell on which side they were traded: the minutes up to the
 * next trade are left out of the answer, and another source is asked for them.
 */
export class TradeCuts {
  readonly #cuts: Cut[];
  readonly #borders: number[];
  #next = 0;
  #last: Place | null = null;

  constructor(
    wanted: readonly Range[],
    private readonly file: { ids: IdRange | null; missingIds: readonly IdRange[] },
  ) {
    this.#cuts = wanted.map((range) => new Cut(range));
    this.#borders = wanted.flatMap(({ from, to }) => [from, to]);
  }

  /** The runs of a piece that are wanted. */
  *take(piece: TradeColumns): Generator<{ start: number; end: number; noteWritten: (minutes: Range) => void }> {
    if (this.#last === null && piece.rows > 0) this.#begin(piece.aggId[0]!);
    for (let at = 0; at < piece.rows; ) {
      const end = firstFrom(piece, at, this.#borders[this.#next] ?? Number.POSITIVE_INFINITY);
      if (end > at) {
        const cut = this.#inside;
        if (cut) {
          cut.add(piece, at, end);
          yield { start: at, end, noteWritten: (minutes) => cut.written.push(minutes) };
        }
        this.#last = { id: piece.aggId[end - 1]!, time: piece.time[end - 1]! };
      }
      if (end < piece.rows) this.#cross({ id: piece.aggId[end]!, time: piece.time[end]! });
      at = end;
    }
  }

  /** What the file says about the wanted minutes, once every piece was taken. */
  answers(): TradeAnswer[] {
    this.#end();
    return this.#cuts.filter(({ from, to }) => to > from).map((cut) => cut.answer(this.file.missingIds));
  }

  get #inside(): Cut | undefined {
    return this.#next % 2 === 1 ? this.#cuts[this.#next >> 1] : undefined;
  }

  #cross(next: Place): void {
    const cut = this.#cuts[this.#next >> 1]!;
    const isEnd = this.#next % 2 === 1;
    this.#next++;
    const last = this.#last;
    if (last === null || next.id === last.id + 1) return;
    const between = { from: last.id + 1, to: next.id - 1 };
    const missing = intersectIds([between], this.file.missingIds);
    cut.marked.push(...subtractIds([between], missing));
    if (missing.length === 0) return;
    if (isEnd) cut.to = Math.min(cut.to, Math.max(cut.from, minuteOf(last.time)));
    else cut.from = Math.max(cut.from, Math.min(cut.to, minuteOf(next.time) + MINUTE_MS));
  }

  /** Marked rows stand before the first trade, or behind the last one. */
  #begin(firstTrade: number): void {
    const { ids } = this.file;
    if (ids && ids.from < firstTrade) this.#cuts[0]?.marked.push(...this.#markedIn(ids.from, firstTrade - 1));
  }

  #end(): void {
    const { ids } = this.file;
    const last = this.#last;
    if (ids && last && last.id < ids.to) this.#cuts.at(-1)?.marked.push(...this.#markedIn(last.id + 1, ids.to));
  }

  #markedIn(from: number, to: number): IdRange[] {
    return subtractIds([{ from, to }], this.file.missingIds);
  }
}
