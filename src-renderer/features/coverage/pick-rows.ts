import { type Selection, selectedKeys, selectionRange } from '../../client';
import type { PickHow } from './series-rows';

/**
 * The selection after a row was picked: a list of whole series, or the range that was selected over more or fewer of them.
 * What is extended grows from the first key of the selection, which stays first.
 */
export function pickedRows(
  before: Selection | null,
  rows: readonly string[],
  key: string,
  how: PickHow,
): Selection | null {
  const chosen = selectedKeys(before);
  if (how === 'alone' || chosen.length === 0) return { kind: 'series', key };
  if (how === 'extend') return over(before, rowsBetween(rows, chosen[0]!, key));
  return over(before, chosen.includes(key) ? chosen.filter((each) => each !== key) : [...chosen, key]);
}

function over(before: Selection | null, keys: readonly string[]): Selection | null {
  const range = selectionRange(before);
  if (keys.length === 0) return null;
  if (range) return { kind: 'range', keys, range: { from: range.from, to: range.to } };
  return keys.length === 1 ? { kind: 'series', key: keys[0]! } : { kind: 'list', keys };
}

function rowsBetween(rows: readonly string[], anchor: string, key: string): readonly string[] {
  const [start, end] = [rows.indexOf(anchor), rows.indexOf(key)];
  if (start < 0 || end < 0) return [key];
  return start <= end ? rows.slice(start, end + 1) : rows.slice(end, start + 1).reverse();
}
