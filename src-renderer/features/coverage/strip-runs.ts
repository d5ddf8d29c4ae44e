import { firstEndingAfter, PRESENT, type SpanColumns, VERDICT_WEIGHT } from '../../client';

/** Columns without any span. */
export const NOTHING = 255;

/**
 * One strip reduced to pixel columns and joined into runs: run `i` covers the columns `[start[i], start[i + 1])`, shows
 * `verdict[i]`, and `share[i]` (0 to 255) of its bars are present. `thin[i]` is 1 where spans narrower than a column are
 * summed up. Reused from frame to frame.
 */
export interface StripRuns {
  count: number;
  start: Int32Array;
  verdict: Uint8Array;
  share: Uint8Array;
  thin: Uint8Array;
}

export interface StripReducer {
  /** Reduces the part of `spans` that `columns` columns of `msPerColumn` show from `from` on. */
  reduce(spans: SpanColumns, from: number, msPerColumn: number): StripRuns;
}

/**
 * Spans of 1.5 columns or more snap to whole columns; what is narrower is summed up in its column, where the worst verdict
 * wins and the share of present time is kept, so that one missing minute survives every zoom.
 */
export function createStripReducer(columns: number): StripReducer {
  const base = new Uint8Array(columns);
  const worst = new Uint8Array(columns);
  const thinPresent = new Float64Array(columns);
  const thinMissing = new Float64Array(columns);
  const runs: StripRuns = {
    count: 0,
    start: new Int32Array(columns + 1),
    verdict: new Uint8Array(columns),
    share: new Uint8Array(columns),
    thin: new Uint8Array(columns),
  };

  function addThin(spans: SpanColumns, i: number, from: number, msPerColumn: number): void {
    const left = spans.from[i]!;
    const right = spans.to[i]!;
    const column = Math.floor(((left + right) / 2 - from) / msPerColumn);
    if (column < 0 || column >= columns) return;
    const code = spans.verdict[i]!;
    if (worst[column] === NOTHING || VERDICT_WEIGHT[code]! > VERDICT_WEIGHT[worst[column]!]!) worst[column] = code;
    if (code === PRESENT) thinPresent[column]! += right - left;
    else thinMissing[column]! += right - left;
  }

  return {
    reduce(spans, from, msPerColumn) {
      base.fill(NOTHING);
      worst.fill(NOTHING);
      thinPresent.fill(0);
      thinMissing.fill(0);
      const end = from + columns * msPerColumn;
      const narrow = 1.5 * msPerColumn;
      // One column early: a thin span's middle may lie inside although it begins before the edge.
      for (let i = firstEndingAfter(spans, from - msPerColumn); i < spans.count && spans.from[i]! < end; i++) {
        if (spans.to[i]! - spans.from[i]! < narrow) {
          addThin(spans, i, from, msPerColumn);
          continue;
        }
        const first = Math.max(0, Math.round((spans.from[i]! - from) / msPerColumn));
        const last = Math.min(columns, Math.round((spans.to[i]! - from) / msPerColumn));
        if (first < last) base.fill(spans.verdict[i]!, first, last);
      }
      return joinRuns(runs, columns, { base, worst, thinPresent, thinMissing }, msPerColumn);
    },
  };
}

interface Columns {
  base: Uint8Array;
  worst: Uint8Array;
  thinPresent: Float64Array;
  thinMissing: Float64Array;
}

function joinRuns(runs: StripRuns, columns: number, from: Columns, msPerColumn: number): StripRuns {
  let count = 0;
  let lastKey = -1;
  for (let x = 0; x < columns; x++) {
    const under = from.base[x]!;
    const thin = from.worst[x]!;
    let verdict = under;
    let share = under === PRESENT ? 255 : 0;
    let isThin = 0;
    if (thin !== NOTHING && (under === NOTHING || thin !== under)) {
      isThin = 1;
      verdict = under === NOTHING || VERDICT_WEIGHT[thin]! > VERDICT_WEIGHT[under]! ? thin : under;
      const present = from.thinPresent[x]!;
      const missing = from.thinMissing[x]!;
      const ratio =
        under === PRESENT
          ? 1 - missing / msPerColumn
          : present / Math.max(present + missing, under === NOTHING ? 0 : msPerColumn);
      share = Math.round(255 * Math.min(1, Math.max(0, ratio)));
      // Rounding must neither hide what is missing nor invent what is there.
      if (verdict !== PRESENT && share === 255) share = 254;
    }
    const key = verdict | (share << 8) | (isThin << 16);
    if (key === lastKey) continue;
    lastKey = key;
    runs.start[count] = x;
    runs.verdict[count] = verdict;
    runs.share[count] = share;
    runs.thin[count] = isThin;
    count++;
  }
  runs.start[count] = columns;
  runs.count = count;
  return runs;
}
