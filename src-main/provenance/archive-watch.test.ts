import type { Finding } from '@shared/contract';
import { candleColumnsOf, MINUTE_MS } from '@shared/market';
import { expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { ArchiveWatch, usedFiles } from './archive-watch';
import { diffRows } from './diff-rows';

const KEY = 'binance:spot:BTCUSDT:1m';
const minutes = (from: number, to: number) => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });

function used(at: number, file: string, sha256: string, part: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    at,
    key: KEY,
    source: 'archiveDaily',
    outcome: 'answered',
    range: minutes(0, 10),
    rows: 10,
    absent: [],
    evidence: '',
    jobId: `job-${at}`,
    file,
    sha256,
    etag: `"${sha256}"`,
    written: [minutes(0, 10)],
    ...part,
  };
}

it('would watch files whose rows have been replaced, reverted or fetched from REST, or forget what only lacks bars', () => {
  const entries = [
    used(1, 'old.zip', 'aa'),
    used(2, 'new.zip', 'bb', { written: [minutes(0, 8)] }),
    used(3, 'undone.zip', 'cc', { written: [minutes(20, 30)], jobId: 'undone' }),
    used(4, 'undone.zip', 'cc', { outcome: 'reverted', jobId: 'undone' }),
    used(5, 'hole.zip', 'dd', { range: minutes(40, 50), written: [], absent: [minutes(40, 50)] }),
    used(6, 'rest', 'ee', { source: 'rest', range: minutes(40, 45), written: [minutes(40, 45)] }),
    used(7, 'hole-too.zip', 'ff', { range: minutes(48, 50), written: [], absent: [minutes(48, 50)] }),
  ];
  expect(usedFiles(entries).map(({ file, ranges }) => [file, ranges])).toEqual([
    ['old.zip', [minutes(8, 10)]],
    ['new.zip', [minutes(0, 8)]],
    ['hole.zip', [minutes(45, 48)]],
    ['hole-too.zip', [minutes(48, 50)]],
  ]);
});

it('would call a file stale for a new tag, or miss a new hash, or stop at a file that cannot be asked about', async () => {
  const entries = [
    used(1, 'same.zip', 'aa', { written: [minutes(0, 1)] }),
    used(2, 'moved.zip', 'bb', { written: [minutes(1, 2)] }),
    used(3, 'changed.zip', 'cc', { written: [minutes(2, 3), minutes(5, 6)] }),
    used(4, 'gone.zip', 'dd', { written: [minutes(3, 4)] }),
    used(5, 'broken.zip', 'ee', { written: [minutes(4, 5)] }),
    used(6, 'changed.zip', 'c2', { written: [minutes(6, 7)] }),
  ];
  const asked: string[] = [];
  const stored: Finding[] = [];
  const watch = new ArchiveWatch({
    store: {
      ledgerRead: async () => entries,
      findingsAppend: async (findings) => {
        stored.push(...findings);
      },
    },
    archive: {
      async head({ file }) {
        if (file === 'gone.zip') return null;
        if (file === 'broken.zip') throw new Error('no answer');
        return { etag: file === 'same.zip' ? '"aa"' : file === 'changed.zip' ? '"c2"' : '"new"' };
      },
      async checksum({ file }) {
        asked.push(file);
        return file === 'moved.zip' ? 'BB' : 'c2';
      },
    },
    now: () => 99.5,
  });
  const report = await watch.check();
  expect(asked.sort()).toEqual(['changed.zip', 'moved.zip']);
  expect(report).toMatchObject({ checked: 5, failed: [{ file: 'broken.zip' }] });
  expect(stored).toEqual(report.stale);
  expect(stored).toEqual([
    expect.objectContaining({
      at: 99,
      kind: 'stale_archive',
      state: 'new',
      range: minutes(2, 6),
      data: expect.objectContaining({ file: 'changed.zip', sha256: 'cc', freshSha256: 'c2' }),
    }),
  ]);
  await watch.check();
  expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
});

it('would overlook a row or a field that differs', () => {
  const candle = (openTime: number, close = 1) => ({
    openTime,
    open: 1,
    high: 2,
    low: 0.5,
    close,
    volume: 3,
    quoteVolume: 4,
    trades: 5,
    takerBase: 6,
    takerQuote: 7,
  });
  const old = candleColumnsOf([candle(1), candle(2), candle(3), candle(5)]);
  const fresh = candleColumnsOf([
    candle(0),
    candle(2),
    { ...candle(3, 1.5), trades: 6 },
    candle(4),
    candle(5),
    candle(6),
  ]);
  expect(diffRows(old, fresh)).toEqual({
    added: [0, 4, 6],
    removed: [1],
    changed: [
      {
        openTime: 3,
        fields: [
          { field: 'close', old: 1, fresh: 1.5 },
          { field: 'trades', old: 5, fresh: 6 },
        ],
      },
    ],
  });
  expect(diffRows(old, old)).toEqual({ added: [], removed: [], changed: [] });
});
