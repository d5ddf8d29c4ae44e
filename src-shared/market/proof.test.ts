import { expect, it } from 'vitest';
import { type AskedProof, askedTries, type Proof } from './proof';

const asked = (at: number): AskedProof => ({
  kind: 'asked',
  source: 'rest',
  outcome: 'answered',
  at,
  request: null,
  file: null,
  sha256: null,
  rows: 0,
  absent: 1,
  told: '',
  from: 0,
  to: 1,
});

it('tries are counted among other proofs, without those that are not listed, or end with the last one listed', () => {
  const others: Proof[] = [{ kind: 'table_lacks' }, { kind: 'left_out', what: 'missing_ids', count: 9 }];
  expect(askedTries(undefined)).toBeNull();
  expect(askedTries(others)).toBeNull();
  expect(askedTries([...others, asked(7), asked(3)])).toEqual({ count: 2, last: 7 });
  expect(askedTries([asked(3), { kind: 'left_out', what: 'asked', count: 40 }])).toEqual({ count: 41, last: 3 });
});
