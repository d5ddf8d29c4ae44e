import { expect, it } from 'vitest';
import { expiredBatches } from './expired-batches';

const kept = (batchId: string, at: number, rows: number) => ({ batchId, at, rows });
const LIMITS = { batches: 3, rows: 100 };

it('drops the newest batches first, a lone large one, or keeps old ones behind a large one', () => {
  const four = [kept('a', 1, 10), kept('b', 2, 10), kept('c', 3, 10), kept('d', 4, 10)];
  expect(expiredBatches(four, LIMITS)).toEqual(['a']);
  expect(expiredBatches([kept('x', 9, 1_000)], LIMITS)).toEqual([]);
  expect(expiredBatches([...four.slice(0, 2), kept('x', 9, 1_000)], LIMITS)).toEqual(['b', 'a']);
  expect(expiredBatches([kept('a', 1, 1), kept('b', 2, 100), kept('c', 3, 1)], LIMITS)).toEqual(['b', 'a']);
  expect(expiredBatches([], LIMITS)).toEqual([]);
});
