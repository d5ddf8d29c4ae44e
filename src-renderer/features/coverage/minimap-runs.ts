import { codeOf, PRESENT, type SpanColumns, VERDICT_WEIGHT } from '../../client';
import { NOTHING, type StripRuns } from './strip-runs';

/**
 * All rows in one strip: each column shows the heaviest gap of any row that a person can do something about, else what is stored, else
 * why nothing is. Long spans are compared column by column and
 * present ones only where nothing else was seen, so that the cost goes with the gaps and not with the stored time.
 */
export function worstOfRows(
  rows: readonly (SpanColumns | null)[],
  from: number,
  msPerColumn: number,
  columns: number,
): StripRuns {
  const worst = new Uint8Array(columns).fill(NOTHING);
  // Where presence begins and ends: summed up at the end instead of filled row by row.
  const present = new Int32Array(columns + 1);
  for (const spans of rows) {
    if (!spans) continue;
    for (let i = 0; i < spans.count; i++) {
      const first = Math.max(0, Math.floor((spans.from[i]! - from) / msPerColumn));
      const last = Math.min(columns, Math.ceil((spans.to[i]! - from) / msPerColumn));
      if (first >= last) continue;
      const code = spans.verdict[i]!;
      if (code === PRESENT) {
        present[first]!++;
        present[last]!--;
        continue;
      }
      const weight = VERDICT_WEIGHT[code]!;
      for (let x = first; x < last; x++)
        if (worst[x] === NOTHING || weight > VERDICT_WEIGHT[worst[x]!]!) worst[x] = code;
    }
  }
  let rowsPresent = 0;
  for (let x = 0; x < columns; x++) {
    rowsPresent += present[x]!;
    // Among hundreds of series some explained gap is everywhere: what another one has there is what shows.
    if (rowsPresent > 0 && (worst[x] === NOTHING || VERDICT_WEIGHT[worst[x]!]! < LEAST_TO_DO)) worst[x] = PRESENT;
  }
  return joined(worst, columns);
}

/** Lighter verdicts are explained, or say that a series is not alive. */
const LEAST_TO_DO = VERDICT_WEIGHT[codeOf('not_asked')]!;

function joined(worst: Uint8Array, columns: number): StripRuns {
  const runs = {
    count: 0,
    start: new Int32Array(columns + 1),
    verdict: new Uint8Array(columns),
    share: new Uint8Array(columns).fill(255),
    thin: new Uint8Array(columns),
  };
  for (let x = 0; x < columns; x++) {
    if (x > 0 && worst[x] === worst[x - 1]) continue;
    runs.start[runs.count] = x;
    runs.verdict[runs.count] = worst[x]!;
    runs.count++;
  }
  runs.start[runs.count] = columns;
  return runs;
}
