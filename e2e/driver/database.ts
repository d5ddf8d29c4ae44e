import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from './fixtures';

interface ServerRecord {
  process: { pid: number };
  ports: { http: number };
  user: string;
  password: string;
}

/** What the app's workspace remembers about the database that it has started. */
function serverOf(app: App): ServerRecord {
  return JSON.parse(readFileSync(join(app.workspace, 'questdb', 'tapemend-server.json'), 'utf8')) as ServerRecord;
}

/** Process id of the database that the app has started for its workspace. */
export function questdbPid(app: App): number {
  return serverOf(app).process.pid;
}

/** Does to the app's database what another program could do; resolves with the rows of the answer. */
export async function runSql(app: App, sql: string): Promise<unknown[][]> {
  const { ports, user, password } = serverOf(app);
  const response = await fetch(`http://127.0.0.1:${ports.http}/exec?query=${encodeURIComponent(sql)}`, {
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
  });
  const answer = (await response.json()) as { dataset?: unknown[][]; error?: string };
  if (answer.error !== undefined) throw new Error(`${answer.error}: ${sql}`);
  return answer.dataset ?? [];
}
