import { AppError } from '@shared/contract';

/** Where a QuestDB answers, with the logins. `dsn` is one that another program on this machine can use. */
export interface QuestDbAddress {
  dsn: string;
  httpUrl: string;
  httpUser?: string;
  httpPassword?: string;
  version: string;
  /** True for the workspace's own server. */
  managed: boolean;
}

export interface DsnParts {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

const EXAMPLE = 'postgresql://admin:quest@127.0.0.1:8812/qdb';

/** Reads `postgresql://user:password@host:port/database`; QuestDB's own defaults stand in for what is left out. */
export function parseDsn(dsn: string): DsnParts {
  let url: URL;
  try {
    url = new URL(dsn.trim());
  } catch {
    throw invalidDsn(dsn, 'it is no address');
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:')
    throw invalidDsn(dsn, `it starts with ${url.protocol}//`);
  if (!url.hostname) throw invalidDsn(dsn, 'it names no host');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : 8812,
    user: decode(dsn, url.username) || 'admin',
    password: decode(dsn, url.password) || 'quest',
    database: decode(dsn, url.pathname.slice(1)) || 'qdb',
  };
}

function decode(dsn: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidDsn(dsn, 'it holds a % that starts no escape (write it as %25)');
  }
}

function invalidDsn(dsn: string, why: string): AppError {
  return new AppError(
    'questdb.dsn_invalid',
    `questdb.dsn "${withoutPassword(dsn)}" cannot be used: ${why}. It has to look like ${EXAMPLE}.`,
  );
}

export function formatDsn(parts: DsnParts): string {
  const host = parts.host.includes(':') ? `[${parts.host}]` : parts.host;
  const login = `${encodeURIComponent(parts.user)}:${encodeURIComponent(parts.password)}`;
  return `postgresql://${login}@${host}:${parts.port}/${encodeURIComponent(parts.database)}`;
}

/** For people and logs. */
export function withoutPassword(dsn: string): string {
  return dsn.replace(/(:\/\/[^:@/]*):.*@/, '$1@');
}

/** `Authorization` header of the HTTP side; empty when it takes everyone. */
export function httpAuthorization(address: Pick<QuestDbAddress, 'httpUser' | 'httpPassword'>): Record<string, string> {
  if (address.httpUser === undefined) return {};
  const login = Buffer.from(`${address.httpUser}:${address.httpPassword ?? ''}`).toString('base64');
  return { authorization: `Basic ${login}` };
}
