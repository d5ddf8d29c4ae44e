import { connect } from 'node:net';
import { AppError, type QuestDbStatus } from '@shared/contract';
import { type DsnParts, parseDsn, type QuestDbAddress, withoutPassword } from '../address';
import { SqlClient } from '../store/sql-client';
import { httpGet, httpQuery, serverVersion } from './probe';
import type { QuestDbServer } from './quest-db-server';
import { StatusBoard } from './status-board';

export interface ExternalServerOptions {
  dsn: string;
  httpUrl?: string | undefined;
  /** How long each look at the server may take, in milliseconds. */
  patienceMs?: number;
}

const OLDEST: readonly [number, number] = [9, 2];
const PATIENCE_MS = 5_000;

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
      const address = await orAborted(examine(this.#options), signal);
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

/** The result, or the signal's reason as soon as it is aborted; every look ends by itself soon after. */
async function orAborted<T>(looking: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return looking;
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([looking, left]);
  } finally {
    signal.removeEventListener('abort', leave);
    looking.catch(() => {});
  }
}

/** Looks at both sides of a server; each way in which it cannot be used is an error of its own. */
async function examine(options: ExternalServerOptions): Promise<QuestDbAddress> {
  const login = parseDsn(options.dsn);
  const where = `${login.host}:${login.port}`;
  const patience = options.patienceMs ?? PATIENCE_MS;
  await awaitListener(login, where, patience);
  const banner = await pgBanner(options.dsn, where, patience);
  if (!/questdb/i.test(banner))
    throw new AppError(
      'questdb.not_questdb',
      `The server at ${where} is no QuestDB but "${banner.slice(0, 60)}". Point questdb.dsn at a QuestDB ${OLDEST.join('.')} or newer.`,
    );
  const http = httpLogin(options.httpUrl, login.host);
  const version = await httpVersion(http.httpUrl, patience);
  if (isOlder(version))
    throw new AppError(
      'questdb.too_old',
      `The QuestDB at ${where} is version ${version}; Tapemend needs ${OLDEST.join('.')} or newer. Update it, or leave questdb.dsn empty to use Tapemend's own.`,
      { version },
    );
  const pgLogin = { ...http, httpUser: login.user, httpPassword: login.password };
  const authorized = await firstThatMayQuery([http, pgLogin], patience);
  if (!authorized)
    throw new AppError(
      'questdb.http_password',
      `The QuestDB at ${http.httpUrl} refuses the login over HTTP. Put it into questdb.httpUrl, like http://user:password@host:9000.`,
    );
  return { ...authorized, dsn: options.dsn.trim(), version, managed: false };
}

/** Throws unless something takes connections there; what it speaks is another question. */
function awaitListener({ host, port }: DsnParts, where: string, patience: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (reason: string, cause?: unknown) => {
      socket.destroy();
      const sentence = `No server answers at ${where} (${reason}). Start it, or correct questdb.dsn.`;
      reject(new AppError('questdb.unreachable', sentence, undefined, { cause }));
    };
    socket.setTimeout(patience, () => fail(`nothing within ${patience / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.message || String(error.code), error));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

async function pgBanner(dsn: string, where: string, patience: number): Promise<string> {
  const address = { dsn, httpUrl: '', version: '', managed: false };
  const client = new SqlClient(() => address, { connectMs: patience, queryMs: patience });
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
      `questdb.httpUrl "${withoutPassword(text)}" is no address. It has to look like http://127.0.0.1:9000.`,
    );
  }
  if (url.protocol !== 'http:')
    throw new AppError('questdb.http_invalid', `questdb.httpUrl "${withoutPassword(text)}" has to start with http://.`);
  const login = url.username
    ? { httpUser: decodeURIComponent(url.username), httpPassword: decodeURIComponent(url.password) }
    : {};
  return { httpUrl: url.origin, ...login };
}

async function httpVersion(httpUrl: string, patience: number): Promise<string> {
  let version: string | null;
  try {
    version = await serverVersion({ httpUrl }, patience);
    // QuestDB before 8 has no /settings; its /exec tells at least that it is one.
    if (version === null && (await httpGet({ httpUrl }, '/ping', patience)).status === 204) return 'before 8';
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

async function firstThatMayQuery(logins: readonly HttpLogin[], patience: number): Promise<HttpLogin | null> {
  for (const login of logins) {
    try {
      await httpQuery(login, 'select 1', patience);
      return login;
    } catch (error) {
      if (!/HTTP 40[13]/.test(error instanceof Error ? error.message : '')) throw error;
    }
  }
  return null;
}
