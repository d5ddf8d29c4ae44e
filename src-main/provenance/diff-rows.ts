import type { RowDiff } from '@shared/contract';
import { CANDLE_FIELDS, type CandleColumns } from '@shared/market';

const VALUES = CANDLE_FIELDS.filter((field) => field !== 'openTime');

/** How `fresh` differs from `old`, both ascending by open time with one candle a bar. */
export function diffRows(old: CandleColumns, fresh: CandleColumns): RowDiff {
  const diff: RowDiff = { added: [], removed: [], changed: [] };
  for (let a = 0, b = 0; a < old.rows || b < fresh.rows; ) {
    const before = a < old.rows ? old.openTime[a]! : Number.POSITIVE_INFINITY;
    const after = b < fresh.rows ? fresh.openTime[b]! : Number.POSITIVE_INFINITY;
    if (before < after) {
      diff.removed.push(before);
      a++;
    } else if (after < before) {
      diff.added.push(after);
      b++;
    } else {
      const fields = VALUES.flatMap((field) => {
        const [was, is] = [old[field][a]!, fresh[field][b]!];
        return was === is || (Number.isNaN(was) && Number.isNaN(is)) ? [] : [{ field, old: was, fresh: is }];
      });
      if (fields.length > 0) diff.changed.push({ openTime: before, fields });
      a++;
      b++;
    }
  }
  return diff;
}

/** Rows of a difference that a finding keeps word for word. */
export const MOST_ROWS_TOLD = 100;

export function firstOf({ added, removed, changed }: RowDiff): RowDiff {
  return {
    added: added.slice(0, MOST_ROWS_TOLD),
    removed: removed.slice(0, MOST_ROWS_TOLD),
    changed: changed.slice(0, MOST_ROWS_TOLD),
  };
}
