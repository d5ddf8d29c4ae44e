import { expect, it } from 'vitest';
import { triesInShort, triesInWords } from './gap-tries';

const last = Date.UTC(2024, 10, 26, 22);
const next = Date.UTC(2024, 10, 27, 4, 30);

it('a gap that was never asked for, or is not asked for again, is told as if it were', () => {
  expect(triesInShort({ count: 0, last: null, next: null })).toBe('never');
  expect(triesInShort({ count: 2, last, next })).toBe('2 × · 11-27 04:30');
  expect(triesInWords({ count: 0, last: null, next: null })).toBe('');
  expect(triesInWords({ count: 1, last: last + 5_986, next: null })).toBe(
    'Asked for once, on 2024-11-26 22:00:05 UTC.',
  );
  expect(triesInWords({ count: 2, last, next })).toBe(
    'Asked for 2 times, last on 2024-11-26 22:00 UTC. Tapemend asks again by itself from 2024-11-27 04:30 UTC on.',
  );
});
