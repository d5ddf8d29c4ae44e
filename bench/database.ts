import { join } from 'node:path';
import { openQuestDb, type QuestDbAddress, QuestDbStore } from '../src-main/questdb';

/** A QuestDB of the run's own, as the product starts it. */
export interface BenchDatabase {
  address: QuestDbAddress;
  store: QuestDbStore;
  /** Settings that make a Tapemend use it. */
  env: Record<string, string>;
  /** Drops tables and waits until they are gone. */
  drop(...tables: string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openBenchDatabase(scratch: string): Promise<BenchDatabase> {
  const jar = process.env.TAPEMEND_QUESTDB_JAR;
  const server = openQuestDb({
    workspace: join(scratch, 'questdb-workspace'),
    jar,
    jarCache: join(import.meta.dirname, '../.cache'),
  });
  const address = await server.start();
  const store = new QuestDbStore(address);
  await store.ensureSchema();
  const http = new URL(address.httpUrl);
  http.username = address.httpUser ?? '';
  http.password = address.httpPassword ?? '';
  return {
    address,
    store,
    env: { TAPEMEND_QUESTDB_DSN: address.dsn, TAPEMEND_QUESTDB_HTTP_URL: http.href.replace(/\/$/, '') },
    async drop(...tables) {
      for (const table of tables) await store.query(`DROP TABLE IF EXISTS "${table}"`);
    },
    async close() {
      await store.close();
      await server.stop();
    },
  };
}
