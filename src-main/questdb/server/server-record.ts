import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { formatDsn, type QuestDbAddress } from '../address';

export interface ServerPorts {
  http: number;
  health: number;
  pg: number;
}

/**
 * What the workspace remembers about its server (`tapemend-server.json`, readable by its owner only). Ports and passwords stay
 * from one start to the next, so that an address once given out keeps working; the process is null while none runs.
 */
export interface ServerRecord {
  process: { pid: number; start: string } | null;
  ports: ServerPorts;
  user: string;
  password: string;
  version: string;
  startedAt: string;
}

/** Null when there is none or it cannot be understood (then a new server is started). */
export function readRecord(path: string): ServerRecord | null {
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<ServerRecord> | null;
    const { ports, process } = record ?? {};
    const valid =
      typeof record?.password === 'string' &&
      typeof record.user === 'string' &&
      [ports?.http, ports?.health, ports?.pg].every((port) => Number.isInteger(port)) &&
      (process === null || (Number.isInteger(process?.pid) && typeof process?.start === 'string'));
    return valid ? (record as ServerRecord) : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeRecord(path: string, record: ServerRecord): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function addressOf(record: ServerRecord): QuestDbAddress {
  const { user, password, ports } = record;
  return {
    dsn: formatDsn({ host: '127.0.0.1', port: ports.pg, user, password, database: 'qdb' }),
    httpUrl: `http://127.0.0.1:${ports.http}`,
    httpUser: user,
    httpPassword: password,
    version: record.version,
    managed: true,
  };
}
