import { AppError, type QuestDbStatus } from '@shared/contract';
import { parseDsn, type QuestDbAddress, withoutPassword } from '../address';
import { isConnectionLoss } from '../store/failures';
import { SqlClient } from '../store/sql-client';
import { httpGet, httpQuery, serverVersion } from './probe';
import type { QuestDbServer } from './quest-db-server';
import { StatusBoard } from './status-board';

export interface ExternalServerOptions {
  dsn: string;
  httpUrl?: string | undefined;
}

const OLDEST: readonly [number, number] = [9, 2];
const PROBE_MS = 5_000;

/** The user's own server. It is looked at and used, never started, stopped or changed in its settings. */
export class ExternalServer implements QuestDbServer {
  readonly #options: ExternalServerOptions;
  readonly #board = new StatusBoard(false);
  #address: QuestDbAddress | null = null;

  constructor(options: ExternalServerOptions) {
    this.#options = options;
  }

  get status(): QuestDbStatus {
    return this.#board.status;
  }

  onStatus(listener: (status: QuestDbStatus) => void): () => void {
    return this.#board.listen(listener);
  }

  address(): QuestDbAddress | null {
    return this.#address;
  }

  logTail(): string[] {
    return [];
  }

  async start(signal?: AbortSignal): Promise<QuestDbAddress> {
    signal?.throwIfAborted();
    this.#board.set({
      state: 'starting',
      address: withoutPassword(this.#options.dsn),
      detail: 'Connecting to your QuestDB',
    });
    try {
      const address = await examine(this.#options);
      signal?.throwIfAborted();
      this.#address = address;
      this.#board.set({ state: 'running', version: address.version, detail: null });
      return address;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#board.set(signal?.aborted ? { state: 'stopped', detail: null } : { state: 'unreachable', detail });
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#board.set({ state: 'stopped', detail: null });
  }
}

/** Looks at both sides of a server; each way in which it cannot be used is an error of its own. */
async function examine(options: ExternalServerOptions): Promise<QuestDbAddress> {
  const login = parseDsn(options.dsn);
  const where = `${login.host}:${login.port}`;
  const banner = await pgBanner(options.dsn, where);
  if (!/questdb/i.test(banner))
    throw new AppError(
      'questdb.not_questdb',
      `The server at ${where} is no QuestDB but "${banner.slice(0, 60)}". Point questdb.dsn at a QuestDB ${OLDEST.join('.')} or newer.`,
    );
  const http = httpLogin(options.httpUrl, login.host);
  const version = await httpVersion(http.httpUrl);
  if (isOlder(version))
    throw new AppError(
      'questdb.too_old',
      `The QuestDB at ${where} is version ${version}; Tapemend needs ${OLDEST.join('.')} or newer. Update it, or leave questdb.dsn empty to use Tapemend's own.`,
      { version },
    );
  const authorized = await firstThatMayQuery([http, { ...http, httpUser: login.user, httpPassword: login.password }]);
  if (!authorized)
    throw new AppError(
      'questdb.http_password',
      `The QuestDB at ${http.httpUrl} refuses the login over HTTP. Put it into questdb.httpUrl, like http://user:password@host:9000.`,
    );
  return { ...authorized, dsn: options.dsn.trim(), version, managed: false };
}

async function pgBanner(dsn: string, where: string): Promise<string> {
  const address = { dsn, httpUrl: '', version: '', managed: false };
  const client = new SqlClient(() => address);
  try {
    const [row] = await client.query<Record<string, string>>('SELECT version()', [], 'the server is looked at');
    return Object.values(row ?? {}).join(' ');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { cause } = error;
    const text = (error.data as { text?: string } | undefined)?.text ?? error.message;
    if (error.code === 'questdb.password' || /password authentication failed|no pg_hba/i.test(text))
      throw new AppError(
        'questdb.password',
        `The server at ${where} refuses the user name or the password in questdb.dsn. Correct them.`,
      );
    if (isConnectionLoss(cause) || /timeout|timed out/i.test(text))
      throw new AppError(
        'questdb.unreachable',
        `No server answers at ${where} (${text}). Start it, or correct questdb.dsn.`,
        undefined,
        { cause },
      );
    throw new AppError(
      'questdb.not_questdb',
      `What answers at ${where} does not speak like a QuestDB (${text}). Correct the host and port in questdb.dsn; its PG port is 8812 unless changed.`,
      undefined,
      { cause },
    );
  } finally {
    await client.close();
  }
}

type HttpLogin = Pick<QuestDbAddress, 'httpUrl' | 'httpUser' | 'httpPassword'>;

function httpLogin(setting: string | undefined, host: string): HttpLogin {
  const text = setting?.trim() || `http://${host.includes(':') ? `[${host}]` : host}:9000`;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new AppError(
      'questdb.http_invalid',
      `questdb.httpUrl "${text}" is no address. It has to look like http://127.0.0.1:9000.`,
    );
  }
  if (url.protocol !== 'http:')
    throw new AppError('questdb.http_invalid', `questdb.httpUrl "${text}" has to start with http://.`);
  const login = url.username
    ? { httpUser: decodeURIComponent(url.username), httpPassword: decodeURIComponent(url.password) }
    : {};
  return { httpUrl: url.origin, ...login };
}

async function httpVersion(httpUrl: string): Promise<string> {
  let version: string | null;
  try {
    version = await serverVersion({ httpUrl }, PROBE_MS);
    // QuestDB before 8 has no /settings; its /exec tells at least that it is one.
    if (version === null && (await httpGet({ httpUrl }, '/ping', PROBE_MS)).status === 204) return 'before 8';
  } catch (error) {
    const text =
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
    throw new AppError(
      'questdb.http_unreachable',
      `The server takes SQL, but its HTTP side does not answer at ${httpUrl} (${text}). Correct questdb.httpUrl (TAPEMEND_QUESTDB_HTTP_URL).`,
      undefined,
      { cause: error },
    );
  }
  if (version !== null) return version;
  throw new AppError(
    'questdb.not_questdb',
    `What answers at ${httpUrl} is no QuestDB. Correct questdb.httpUrl (TAPEMEND_QUESTDB_HTTP_URL).`,
  );
}

function isOlder(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  if (major === undefined || !Number.isInteger(major)) return true;
  return major < OLDEST[0] || (major === OLDEST[0] && (minor ?? 0) < OLDEST[1]);
}

async function firstThatMayQuery(logins: readonly HttpLogin[]): Promise<HttpLogin | null> {
  for (const login of logins) {
    try {
      await httpQuery(login, 'select 1', PROBE_MS);
      return login;
    } catch (error) {
      if (!/HTTP 40[13]/.test(error instanceof Error ? error.message : '')) throw error;
    }
  }
  return null;
}
