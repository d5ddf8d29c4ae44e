import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candleSeries } from '@shared/market';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestServer } from '../testing';
import type { LedgerEntry } from './ledger';
import { QuestDbStore } from './quest-db-store';

const SERIES = candleSeries('BTCUSDT', '1m');
const LINE = Buffer.from(
  'binance_spot_btcusdt_1m,node_id=a interval=60i,ts=1704067200i,open=1.0,high=1.0,low=1.0,close=1.0,volume=1.0,quote_volume=1.0,trades=1i,taker_base=1.0,taker_quote=1.0 1704067200000\n',
);

const ANSWER: LedgerEntry = {
  at: Date.UTC(2024, 0, 1),
  key: 'binance:spot:BTCUSDT:1m',
  source: 'rest',
  outcome: 'answered',
  range: { from: 0, to: 60_000 },
  rows: 1,
  absent: [],
  evidence: 'REST answered.',
  jobId: 'job',
};

let workspace: string;
let server: ReturnType<typeof openTestServer>;
let store: QuestDbStore;

beforeEach(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-torn-'));
  server = openTestServer(workspace);
  store = new QuestDbStore(await server.start());
});
afterEach(async () => {
  await store.close();
  await server.stop();
  rmSync(workspace, { recursive: true, force: true });
});

/** What a kill leaves of a table's sequencer; the table itself is in the catalogue. */
const TEARS: Record<string, (sequencer: string) => void> = {
  'its description empty': (sequencer) => {
    const description = join(sequencer, '_meta');
    writeFileSync(description, Buffer.alloc(statSync(description).size));
  },
  'its log empty': (sequencer) => truncateSync(join(sequencer, '_txnlog'), 0),
  'nothing of it': (sequencer) => rmSync(sequencer, { recursive: true }),
};

async function tear(left: string, ...tables: string[]): Promise<void> {
  await store.close();
  await server.stop();
  const folder = join(workspace, 'questdb', 'db');
  for (const table of tables) {
    const name = readdirSync(folder).find((each) => each.startsWith(`${table}~`))!;
    TEARS[left]!(join(folder, name, 'txn_seq'));
  }
  server = openTestServer(workspace);
  store = new QuestDbStore(await server.start());
}

const idsOfTables = async () =>
  new Map(
    (await store.query<{ name: string; id: number }>('SELECT table_name name, id FROM tables()')).map(
      ({ name, id }) => [name, id],
    ),
  );

it.each(Object.keys(TEARS))(
  'a table of which a kill left %s takes no row for ever, or one that holds rows is dropped',
  async (left) => {
    await store.ensureCandleTable(SERIES);
    await tear(left, 'binance_spot_btcusdt_1m');
    await store.ensureCandleTable(SERIES);
    await expect(store.writeLines(LINE)).rejects.toMatchObject({ code: 'questdb.torn_table' });
    await store.dropTornTable(SERIES);
    await store.ensureCandleTable(SERIES);
    await store.writeLines(LINE);
    await store.settle(SERIES);
    await store.dropTornTable(SERIES);
    expect(await store.countRows(SERIES, { from: 0, to: Date.UTC(2030, 0, 1) })).toBe(0);
    expect(await store.query('SELECT count() AS rows FROM binance_spot_btcusdt_1m')).toEqual([{ rows: 1 }]);
  },
  120_000,
);

it('own tables that a kill of the first start cut off fail every start, or whole ones are made anew with them', async () => {
  await store.ensureSchema();
  await store.trackSeries(['binance:spot:BTCUSDT:1m'], true);
  await store.query("SELECT wait_wal_table('tapemend_series')");
  const before = await idsOfTables();
  await tear('its description empty', 'tapemend_ledger', 'tapemend_findings', 'tapemend_undo');
  await store.ensureSchema();
  await store.ledgerAppend([ANSWER]);
  expect(await store.ledgerRead()).toMatchObject([{ evidence: ANSWER.evidence }]);
  expect(await store.findingsRead()).toEqual([]);
  expect(await store.keptBatches()).toEqual([]);
  expect(await store.trackedSeries()).toEqual(['binance:spot:BTCUSDT:1m']);
  const after = await idsOfTables();
  expect(after.get('tapemend_series')).toBe(before.get('tapemend_series'));
  // Once mended nothing is touched again.
  await store.ensureSchema();
  expect(await idsOfTables()).toEqual(after);
}, 120_000);
