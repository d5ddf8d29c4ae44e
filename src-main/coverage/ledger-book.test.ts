import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE_MS } from '@shared/market';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { LedgerBook, type LedgerStore } from './ledger-book';
import { LedgerFoldCache } from './ledger-fold-cache';

/** The table, as every program of a workspace sees it, and what was read of it. */
class Table implements LedgerStore {
  readonly rows: LedgerEntry[] = [];
  readonly reads: (readonly string[] | undefined)[] = [];
  /** Happens while entries are on their way to the table. */
  meanwhile: (() => Promise<void>) | null = null;

  async ledgerAppend(entries: readonly LedgerEntry[]): Promise<void> {
    const { meanwhile } = this;
    this.meanwhile = null;
    await meanwhile?.();
    this.rows.push(...entries);
  }

  async ledgerCounts() {
    const keys = [...new Set(this.rows.map(({ key }) => key))];
    return keys.map((key) => {
      const own = this.rows.filter((row) => row.key === key);
      return { key, count: own.length, newest: Math.max(...own.map(({ at }) => at)) };
    });
  }

  async ledgerRead(keys?: readonly string[]): Promise<LedgerEntry[]> {
    this.reads.push(keys);
    return this.rows.filter((row) => !keys || keys.includes(row.key));
  }
}

let folder: string;
let table: Table;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-ledger-'));
  table = new Table();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function answer(key: string, minute: number): LedgerEntry {
  const range = { from: minute * MINUTE_MS, to: (minute + 1) * MINUTE_MS };
  return {
    at: minute,
    key,
    source: 'rest',
    outcome: 'answered',
    range,
    rows: 0,
    absent: [range],
    evidence: `asked about minute ${minute}`,
    jobId: 'job',
  };
}

const answeredMinutes = async (book: LedgerBook, key: string): Promise<number> =>
  (await book.fold(key)).answered.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0);

describe('a start', () => {
  it('reads the entries of series that nobody has written to since', async () => {
    table.rows.push(answer('a', 0), answer('b', 0), answer('b', 1));
    const first = new LedgerBook(table, new LedgerFoldCache(folder));
    expect(await answeredMinutes(first, 'b')).toBe(2);
    await first.append([answer('a', 1)]);
    await first.remember();

    table.rows.push(answer('c', 5));
    table.reads.length = 0;
    const second = new LedgerBook(table, new LedgerFoldCache(folder));
    expect(await answeredMinutes(second, 'a')).toBe(2);
    expect(await answeredMinutes(second, 'b')).toBe(2);
    expect(await answeredMinutes(second, 'c')).toBe(1);
    expect(table.reads).toEqual([['c']]);
    expect((await second.entries('b')).map(({ evidence }) => evidence)).toEqual([
      'asked about minute 0',
      'asked about minute 1',
    ]);
  });

  it('believes a file of another ledger, of another version, or half of one', async () => {
    table.rows.push(answer('a', 0));
    await answeredMinutes(new LedgerBook(table, new LedgerFoldCache(folder)), 'a');
    const other = new Table();
    expect(await answeredMinutes(new LedgerBook(other, new LedgerFoldCache(folder)), 'a')).toBe(0);
    const file = join(folder, 'ledger.folds.json');
    const known = { a: { fold: { answered: [] }, count: 1, newest: 0 } };
    for (const text of [
      '{"format":2,"fields":["answered"]',
      JSON.stringify({ format: 2, fields: ['answered'], series: known }),
    ]) {
      writeFileSync(file, text);
      expect(await answeredMinutes(new LedgerBook(table, new LedgerFoldCache(folder)), 'a')).toBe(1);
    }
  });

  it('holds the whole ledger in memory while it is read', async () => {
    for (let n = 0; n < 450; n++) table.rows.push(answer(`series ${n}`, n));
    await new LedgerBook(table, new LedgerFoldCache(folder)).fold('series 0');
    expect(table.reads.map((keys) => keys?.length)).toEqual([200, 200, 50]);
  });
});

describe('two who write', () => {
  it('lose or double each other’s entries of one series', async () => {
    const book = new LedgerBook(table, new LedgerFoldCache(folder));
    await Promise.all(Array.from({ length: 30 }, (_, minute) => book.append([answer('a', minute)])));
    expect(await book.entries('a')).toHaveLength(30);
    expect(await book.catchUp()).toEqual({ changed: [], isComplete: true });
    expect(await answeredMinutes(book, 'a')).toBe(30);
  });

  it('an entry that arrives between an append and its answer is never seen', async () => {
    const book = new LedgerBook(table, new LedgerFoldCache(folder));
    await book.append([answer('a', 0)]);
    table.meanwhile = async () => {
      table.rows.push(answer('a', 7), answer('b', 7));
      // The one that is being written is left alone, and said to be.
      expect(await book.catchUp()).toEqual({ changed: ['b'], isComplete: false });
    };
    await book.append([answer('a', 1)]);
    expect(await book.catchUp()).toEqual({ changed: ['a'], isComplete: true });
    expect(await answeredMinutes(book, 'a')).toBe(3);
    expect(await book.entries('a')).toHaveLength(3);
  });

  it('what failed to be written counts as answered', async () => {
    const book = new LedgerBook(table, new LedgerFoldCache(folder));
    table.meanwhile = () => Promise.reject(new Error('the disk is full'));
    await expect(book.append([answer('a', 0)])).rejects.toThrow('full');
    expect(await answeredMinutes(book, 'a')).toBe(0);
    await book.append([answer('a', 1)]);
    expect(await book.entries('a')).toHaveLength(1);
  });

  it('entries of a series that many others have pushed out of memory are lost for the next append', async () => {
    const book = new LedgerBook(table, new LedgerFoldCache(folder));
    await book.append([answer('a', 0)]);
    for (let n = 0; n < 100; n++) await book.append([answer(`series ${n}`, n)]);
    await book.append([answer('a', 1)]);
    expect(await answeredMinutes(book, 'a')).toBe(2);
  });
});
