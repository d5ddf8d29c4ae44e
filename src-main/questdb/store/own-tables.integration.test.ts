import type { Finding } from '@shared/contract';
import { DAY_MS } from '@shared/market';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing';
import { findingOf } from './findings';
import type { LedgerEntry } from './ledger';
import { QuestDbStore } from './quest-db-store';

const EPOCH = Date.UTC(2020, 0, 1);
/** The ledger of version 0.1.0. */
const OLD_LEDGER = `CREATE TABLE "tapemend_ledger" (
  timestamp TIMESTAMP, series SYMBOL CAPACITY 4096, source SYMBOL, outcome SYMBOL, range_from TIMESTAMP, range_to TIMESTAMP,
  candles LONG, absent VARCHAR, evidence VARCHAR, job_id VARCHAR
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, series, source, outcome, range_from, range_to, job_id)`;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());

function entry(at: number, part: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    at,
    key: 'binance:spot:AUSDT:1m',
    source: 'archiveDaily',
    outcome: 'answered',
    range: { from: EPOCH, to: EPOCH + DAY_MS },
    rows: 1440,
    absent: [],
    evidence: 'asked',
    jobId: 'job-1',
    ...part,
  };
}

const telling: Partial<LedgerEntry> = {
  file: 'AUSDT-1m-2020-01-01.zip',
  sha256: 'ab'.repeat(32),
  etag: '"3f-1"',
  request: 'GET /api/v3/klines?symbol=AUSDT',
  written: [
    { from: EPOCH, to: EPOCH + 60_000 },
    { from: EPOCH + 120_000, to: EPOCH + 240_000 },
  ],
};

describe('a ledger of an older version', () => {
  const old = entry(EPOCH, { evidence: `it's old`, absent: [{ from: EPOCH, to: EPOCH + 60_000 }] });

  beforeEach(async () => {
    await db.store.query('DROP TABLE tapemend_ledger');
    await db.store.query(OLD_LEDGER);
    await db.store.query(
      `INSERT INTO tapemend_ledger VALUES ($1, 'binance:spot:AUSDT:1m', 'archiveDaily', 'answered', $1, $2, 1440, $3, $4, 'job-1')`,
      [
        new Date(EPOCH).toISOString(),
        new Date(EPOCH + DAY_MS).toISOString(),
        JSON.stringify([[EPOCH, EPOCH + 60_000]]),
        `it's old`,
      ],
    );
    await db.store.settleTable('tapemend_ledger');
  });

  it('would lose its entries, or not take what new ones tell', async () => {
    await db.store.ensureSchema();
    expect(await db.store.ledgerRead()).toEqual([old]);
    const added = [entry(EPOCH + 1, telling), entry(EPOCH + 2, { outcome: 'reverted', written: [] })];
    await db.store.ledgerAppend(added);
    expect(await db.store.ledgerRead()).toEqual([old, ...added]);
    await db.store.ensureSchema();
    expect(await db.store.ledgerRead()).toEqual([old, ...added]);
  });

  it('would fail when programs of one workspace start at the same moment, or when a start was cut off half-way', async () => {
    await db.store.query('ALTER TABLE tapemend_ledger ADD COLUMN file VARCHAR');
    const stores = Array.from({ length: 4 }, () => new QuestDbStore(db.address));
    await Promise.all(stores.map((store) => store.ensureSchema()));
    await Promise.all(stores.map((store, i) => store.ledgerAppend([entry(EPOCH + 1 + i, telling)])));
    for (const store of stores) {
      expect(await store.ledgerRead()).toEqual([old, ...stores.map((_, i) => entry(EPOCH + 1 + i, telling))]);
      await store.close();
    }
  });
});

describe('findings', () => {
  let now = EPOCH;
  let store: QuestDbStore;
  beforeAll(() => {
    store = new QuestDbStore(db.address, { now: () => now });
  });
  afterAll(() => store.close());

  const draft = (subject: string, key = 'binance:spot:AUSDT:1m', at = EPOCH): Finding =>
    findingOf({
      at,
      key,
      kind: 'stale_archive',
      range: { from: EPOCH, to: EPOCH + DAY_MS },
      subject,
      sentence: `${subject} isn't what it was, 東京`,
      data: { file: subject, numbers: [1, 2.5], nothing: null },
    });

  it('would be lost, doubled or changed, or have another state than was given last', async () => {
    const [a, b, c] = [draft('a'), draft('b', 'binance:spot:BUSDT:1m', EPOCH + 1), draft('c', undefined, EPOCH + 2)];
    await store.findingsAppend([]);
    await store.findingsAppend([a, b, a]);
    await store.findingsAppend([c, { ...a, at: EPOCH + 9 }]);
    expect(await store.findingsRead()).toEqual([c, b, a]);
    // The machine's clock is set back, and still the newest word counts.
    now = EPOCH - DAY_MS;
    await store.findingsAppend([{ ...a, state: 'accepted' }]);
    await store.findingsAppend([a, { ...b, state: 'fixed' }]);
    expect(await store.findingsRead({ states: ['new'] })).toEqual([c]);
    expect(await store.findingsRead({ states: ['accepted', 'fixed'] })).toEqual([
      { ...b, state: 'fixed' },
      { ...a, state: 'accepted' },
    ]);
    expect(await store.findingsRead({ keys: ['binance:spot:BUSDT:1m'] })).toEqual([{ ...b, state: 'fixed' }]);
    await store.findingsAppend([b]);
    expect(await store.findingsRead({ states: ['new'] })).toEqual([c, b]);
  });
});
