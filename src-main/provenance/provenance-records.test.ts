import type { ProvenanceSpan } from '@shared/contract';
import { expect, it } from 'vitest';
import { provenanceRecords } from './provenance-records';

const rest = (from: number, to: number, part: Partial<ProvenanceSpan> = {}): ProvenanceSpan => ({
  from,
  to,
  source: 'rest',
  file: null,
  sha256: null,
  etag: null,
  request: `/klines?startTime=${from}`,
  jobId: 'j1',
  at: from,
  ...part,
});
const file = (from: number, to: number, sha256: string) =>
  rest(from, to, { source: 'archiveDaily', file: 'F.zip', sha256, request: null, at: 7 });
const EVER = [{ from: 0, to: 1_000 }];
const told = (spans: ProvenanceSpan[], present = EVER) =>
  provenanceRecords(spans, present, 10).records.map(({ from, to, source, sha256 }) => [from, to, source, sha256]);

it('joins files of two versions, answers of two jobs or over a hole, or keeps every answer of REST apart', () => {
  const { records } = provenanceRecords([rest(0, 10), rest(10, 20), rest(20, 30, { at: 90 })], EVER, 10);
  expect(records).toEqual([
    { from: 0, to: 30, source: 'rest', file: null, sha256: null, request: '/klines?startTime=0', job: 'j1', at: 90 },
  ]);
  expect(told([file(0, 10, 'aa'), file(10, 20, 'aa'), file(20, 30, 'bb')])).toEqual([
    [0, 20, 'archiveDaily', 'aa'],
    [20, 30, 'archiveDaily', 'bb'],
  ]);
  expect(told([rest(0, 10), rest(10, 20, { jobId: 'j2' }), rest(25, 30, { jobId: 'j2' })])).toHaveLength(3);
});

it('tells of rows that are not stored, or grows without bound', () => {
  expect(
    told(
      [file(0, 30, 'aa')],
      [
        { from: 5, to: 9 },
        { from: 20, to: 40 },
      ],
    ),
  ).toEqual([
    [5, 9, 'archiveDaily', 'aa'],
    [20, 30, 'archiveDaily', 'aa'],
  ]);
  const many = Array.from({ length: 50 }, (_, i) => rest(i * 10, i * 10 + 5));
  const { records, leftOut } = provenanceRecords(many, EVER, 20);
  expect([records.length, leftOut]).toEqual([20, 30]);
});
