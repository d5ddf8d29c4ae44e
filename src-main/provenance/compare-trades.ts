import type { RowChange, TradeDiff } from '@shared/contract';
import type { TradeColumns } from '@shared/market';
import { MOST_ROWS_TOLD } from './diff-rows';

const VALUES = ['price', 'quantity', 'firstId', 'lastId', 'buyerMaker'] as const;

/** How trades of a file differ from stored ones, by places in the two. */
export interface TradeComparison {
  /** Places in `fresh` of trades that are not stored. */
  added: number[];
  /** Trades that are stored with other values. `isMoved`: at another time too, so that writing it again would make two of it. */
  changed: { old: number; fresh: number; isMoved: boolean; fields: RowChange[] }[];
  /** Places in `old` of trades that the file has not. */
  removed: number[];
}

/**
 * `fresh` ascends by id. `isElsewhere` tells of a stored trade that `fresh` lacks whether it need not have it. Times that a
 * source tells to the millisecond are the same as finer ones within it: files and REST differ so.
 */
export function compareTrades(
  old: TradeColumns,
  fresh: TradeColumns,
  isElsewhere: (place: number) => boolean,
): TradeComparison {
  const result: TradeComparison = { added: [], changed: [], removed: [] };
  const isStored = new Uint8Array(fresh.rows);
  for (let at = 0; at < old.rows; at++) {
    const place = placeOf(fresh, old.aggId[at]!);
    if (place === null) {
      if (!isElsewhere(at)) result.removed.push(at);
      continue;
    }
    isStored[place] = 1;
    const isMoved = !isSameTime(old.time[at]!, fresh.time[place]!);
    const fields = [...(isMoved ? (['time'] as const) : []), ...VALUES].flatMap((field) => {
      const [was, is] = [old[field][at]!, fresh[field][place]!];
      return was === is ? [] : [{ field, old: was, fresh: is }];
    });
    if (fields.length > 0) result.changed.push({ old: at, fresh: place, isMoved, fields });
  }
  for (let place = 0; place < fresh.rows; place++) if (isStored[place] === 0) result.added.push(place);
  return result;
}

/** The first of each kind, by their ids. */
export function toldOf(
  { added, changed, removed }: TradeComparison,
  old: TradeColumns,
  fresh: TradeColumns,
): TradeDiff {
  return {
    addedIds: added.slice(0, MOST_ROWS_TOLD).map((place) => fresh.aggId[place]!),
    removedIds: removed.slice(0, MOST_ROWS_TOLD).map((place) => old.aggId[place]!),
    changedTrades: changed.slice(0, MOST_ROWS_TOLD).map(({ fresh: place, fields }) => ({
      aggId: fresh.aggId[place]!,
      fields,
    })),
  };
}

/** Place of the trade with this id among trades that ascend by id; null when there is none. */
export function placeOf({ aggId, rows }: TradeColumns, id: number): number | null {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (aggId[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low < rows && aggId[low] === id ? low : null;
}

function isSameTime(a: number, b: number): boolean {
  if (a === b) return true;
  return Math.floor(a / 1_000) === Math.floor(b / 1_000) && (a % 1_000 === 0 || b % 1_000 === 0);
}
