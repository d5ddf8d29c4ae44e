import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDsn, parseDsn } from '../address';
import { QuestDbStore } from '../store/quest-db-store';
import { startTestDatabase, type TestDatabase } from '../testing';
import { ExternalServer } from './external-server';

/** What speaks another language does not answer at all: each look waits for so long. */
const PATIENCE_MS = 1_500;

let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});

afterAll(() => database.close());

/** A handle on the running server by its address only, as on one that the user started. */
function connectTo(dsn: string, httpUrl = database.address.httpUrl) {
  return new ExternalServer({ dsn, httpUrl, patienceMs: PATIENCE_MS });
}

describe('a real server named by its DSN', () => {
  it('cannot be used as the own one can, or ends with the handle on it', async () => {
    const { address } = database;
    const server = connectTo(address.dsn);
    const found = await server.start();
    expect(found).toMatchObject({ dsn: address.dsn, httpUrl: address.httpUrl, version: '9.3.4', managed: false });
    const store = new QuestDbStore(found);
    await store.ensureSchema();
    await store.trackSeries(['binance:spot:BTCUSDT:1m'], true);
    await store.close();
    await server.stop();
    expect(await database.store.trackedSeries()).toEqual(['binance:spot:BTCUSDT:1m']);
  });

  it('refuses a wrong password or user in other words than these', async () => {
    const parts = parseDsn(database.address.dsn);
    for (const wrong of [{ password: 'wrong' }, { user: 'nobody' }]) {
      const server = connectTo(formatDsn({ ...parts, ...wrong }));
      await expect(server.start()).rejects.toMatchObject({
        code: 'questdb.password',
        message: expect.stringContaining('refuses the user name or the password in questdb.dsn'),
      });
      expect(server.status.state).toBe('unreachable');
    }
  });

  it('is mistaken for another when the two ports are swapped', async () => {
    const { port } = parseDsn(database.address.dsn);
    const httpPort = Number(new URL(database.address.httpUrl).port);
    const swapped = formatDsn({ ...parseDsn(database.address.dsn), port: httpPort });
    await expect(connectTo(swapped).start()).rejects.toMatchObject({ code: 'questdb.not_questdb' });
    await expect(connectTo(database.address.dsn, `http://127.0.0.1:${port}`).start()).rejects.toMatchObject({
      code: expect.stringMatching(/^questdb\.(http_unreachable|not_questdb)$/),
      message: expect.stringContaining('questdb.httpUrl'),
    });
  });
});
