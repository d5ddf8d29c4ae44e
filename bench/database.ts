import { readFileSync } from 'node:fs';
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
  /** Processor time that the server has used so far; 0 where the system does not tell. */
  cpuMs(): number;
  close(): Promise<void>;
}

export async function openBenchDatabase(scratch: string): Promise<BenchDatabase> {
  const jar = process.env.TAPEMEND_QUESTDB_JAR;
  const workspace = join(scratch, 'questdb-workspace');
  const server = openQuestDb({
    workspace,
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
    cpuMs: () => processorTimeOf(join(workspace, 'questdb', 'tapemend-server.json')),
    async close() {
      await store.close();
      await server.stop();
    },
  };
}

/** Linux counts in hundredths of a second there. */
function processorTimeOf(record: string): number {
  try {
    const { process } = JSON.parse(readFileSync(record, 'utf8')) as { process: { pid: number } };
    const fields = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}
