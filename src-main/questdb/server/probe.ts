import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { httpAuthorization, type QuestDbAddress } from '../address';

export interface HttpAnswer {
  status: number;
  text: string;
}

type HttpLogin = Pick<QuestDbAddress, 'httpUrl' | 'httpUser' | 'httpPassword'>;

/** One small GET, on a connection of its own. */
export function httpGet(server: HttpLogin, path: string, timeoutMs: number): Promise<HttpAnswer> {
  const url = new URL(path, server.httpUrl);
  const send = url.protocol === 'https:' ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      { agent: false, headers: httpAuthorization(server), signal: AbortSignal.timeout(timeoutMs) },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => {
          text += part;
          if (text.length > 1_000_000) incoming.destroy(new Error('the answer is too long'));
        });
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Rows of a query over HTTP; throws with the server's words when it refuses. */
export async function httpQuery(server: HttpLogin, sql: string, timeoutMs: number): Promise<unknown[][]> {
  const { status, text } = await httpGet(server, `/exec?query=${encodeURIComponent(sql)}`, timeoutMs);
  if (status !== 200) throw new Error(`HTTP ${status}: ${text.trim().slice(0, 300)}`);
  return (JSON.parse(text) as { dataset?: unknown[][] }).dataset ?? [];
}

/** `release.version` of `/settings`; null when what answers is no QuestDB of the last years. */
export async function serverVersion(server: HttpLogin, timeoutMs: number): Promise<string | null> {
  const { status, text } = await httpGet(server, '/settings', timeoutMs);
  if (status !== 200) return null;
  try {
    const settings = JSON.parse(text) as { config?: Record<string, unknown> } & Record<string, unknown>;
    const version = settings.config?.['release.version'] ?? settings['release.version'];
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

/** Folder of the database that answers, absolute; what tells it from a stranger that has taken the port. */
export async function serverRoot(server: HttpLogin, timeoutMs: number): Promise<string | null> {
  const rows = await httpQuery(server, 'show parameters', timeoutMs);
  const row = rows.find(([name]) => name === 'cairo.sql.copy.work.root');
  return typeof row?.[2] === 'string' ? row[2].replace(/[\\/]tmp[\\/]?$/, '') : null;
}
