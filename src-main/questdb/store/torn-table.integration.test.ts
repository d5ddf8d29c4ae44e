import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candleSeries } from '@shared/market';
import { expect, it } from 'vitest';
import { openTestServer } from '../testing';
import { QuestDbStore } from './quest-db-store';

const SERIES = candleSeries('BTCUSDT', '1m');
const LINE = Buffer.from(
  'binance_spot_btcusdt_1m,node_id=a interval=60i,ts=1704067200i,open=1.0,high=1.0,low=1.0,close=1.0,volume=1.0,quote_volume=1.0,trades=1i,taker_base=1.0,taker_quote=1.0 1704067200000\n',
);

it('a table whose making a kill cut off takes no row for ever, or one that holds rows is dropped', async () => {
  const workspace = mkdtempSync(join(tmpdir(), 'tapemend-torn-'));
  let server = openTestServer(workspace);
  try {
    const first = new QuestDbStore(await server.start());
    await first.ensureCandleTable(SERIES);
    await first.close();
    await server.stop();
    // As found after a kill: the table is in the catalogue, and its sequencer's description was never written.
    const folder = join(workspace, 'questdb', 'db');
    const table = readdirSync(folder).find((name) => name.startsWith('binance_spot_btcusdt_1m'))!;
    const description = join(folder, table, 'txn_seq', '_meta');
    writeFileSync(description, Buffer.alloc(statSync(description).size));

    server = openTestServer(workspace);
    const store = new QuestDbStore(await server.start());
    await store.ensureCandleTable(SERIES);
    await expect(store.writeLines(LINE)).rejects.toMatchObject({ code: 'questdb.torn_table' });
    await store.dropTornTable(SERIES);
    await store.ensureCandleTable(SERIES);
    await store.writeLines(LINE);
    await store.settle(SERIES);
    await store.dropTornTable(SERIES);
    expect(await store.countRows(SERIES, { from: 0, to: Date.UTC(2030, 0, 1) })).toBe(0);
    expect(await store.query('SELECT count() AS rows FROM binance_spot_btcusdt_1m')).toEqual([{ rows: 1 }]);
    await store.close();
  } finally {
    await server.stop();
    rmSync(workspace, { recursive: true, force: true });
  }
}, 120_000);
