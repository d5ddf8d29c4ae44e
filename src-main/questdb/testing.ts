import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openQuestDb, type QuestDbAddress, type QuestDbServer, QuestDbStore } from './index';

export interface TestDatabase {
  workspace: string;
  server: QuestDbServer;
  address: QuestDbAddress;
  store: QuestDbStore;
  /** Stops the server and removes its workspace. */
  close(): Promise<void>;
}

/**
 * A real QuestDB in a workspace of its own, with Tapemend's tables, for one file of integration tests: call it in `beforeAll`,
 * `close` in `afterAll`. A jar that has to be fetched is kept in `.cache` of the checkout.
 */
export async function startTestDatabase(): Promise<TestDatabase> {
  const workspace = mkdtempSync(join(tmpdir(), 'tapemend-questdb-'));
  const server = openTestServer(workspace);
  const address = await server.start();
  const store = new QuestDbStore(address);
  await store.ensureSchema();
  return {
    workspace,
    server,
    address,
    store,
    async close() {
      await store.close();
      await server.stop();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

/** A server handle on a workspace, not yet started. */
export function openTestServer(workspace: string): QuestDbServer {
  return openQuestDb({
    workspace,
    jar: process.env.TAPEMEND_QUESTDB_JAR,
    jarCache: resolve(import.meta.dirname, '../../.cache'),
    // Lets a test suspend a table.
    config: { 'dev.mode.enabled': 'true' },
  });
}
