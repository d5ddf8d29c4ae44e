/** Half-open time range `[from, to)` in epoch milliseconds, UTC. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Set algebra on ranges. A *normal* list is sorted, without empty, overlapping or touching ranges; every function here takes
 * any list and returns a normal one, so that lists can be compared by value.
 */
export function normalizeRanges(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter((range) => range.to > range.from).sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const range of sorted) {
    const last = merged[merged.length - 1];
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else merged.push({ from: range.from, to: range.to });
  }
  return merged;
}

/** The list itself when it is normal, which most lists are. */
function asNormal(ranges: readonly Range[]): readonly Range[] {
  for (let i = 0; i < ranges.length; i++) {
    const { from, to } = ranges[i]!;
    if (!(to > from) || (i > 0 && from <= ranges[i - 1]!.to)) return normalizeRanges(ranges);
  }
  return ranges;
}

export function unionRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  return normalizeRanges([...a, ...b]);
}

/** What is in `a` and not in `b`. */
export function subtractRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  const result: Range[] = [];
  const holes = asNormal(b);
  let first = 0;
  for (const range of asNormal(a)) {
    let from = range.from;
    while (first < holes.length && holes[first]!.to <= from) first++;
    for (let i = first; i < holes.length && holes[i]!.from < range.to; i++) {
      const hole = holes[i]!;
      if (hole.from > from) result.push({ from, to: hole.from });
      from = Math.max(from, hole.to);
    }
    if (from < range.to) result.push({ from, to: range.to });
  }
  return result;
}

export function intersectRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  const result: Range[] = [];
  const left = asNormal(a);
  const right = asNormal(b);
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const from = Math.max(left[i]!.from, right[j]!.from);
    const to = Math.min(left[i]!.to, right[j]!.to);
    if (from < to) result.push({ from, to });
    if (left[i]!.to < right[j]!.to) i++;
    else j++;
  }
  return result;
}

/** What a normal list has within `range`, found without looking at the rest of it. */
export function rangesWithin(normal: readonly Range[], { from, to }: Range): Range[] {
  let low = 0;
  let high = normal.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (normal[middle]!.to > from) high = middle;
    else low = middle + 1;
  }
  const found: Range[] = [];
  for (let i = low; i < normal.length && normal[i]!.from < to; i++)
    found.push({ from: Math.max(from, normal[i]!.from), to: Math.min(to, normal[i]!.to) });
  return found;
}

/** Total length in milliseconds of a normal list. */
export function totalLength(ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + range.to - range.from, 0);
}

/** The smallest range that holds all of them, in whatever order; throws when there is none. */
export function hullOf(ranges: readonly Range[]): Range {
  return ranges.reduce((hull, range) => ({ from: Math.min(hull.from, range.from), to: Math.max(hull.to, range.to) }));
}
