import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, type QuestDbStatus } from '@shared/contract';
import { isWriteFailure, writeFailure } from '../../files';
import { processStart } from '../../processes';
import { type QuestDbAddress, withoutPassword } from '../address';
import { ClientFiles } from './client-files';
import { explainFailedStart } from './failed-start';
import { findJar, type JarSources, QUESTDB_VERSION } from './jar';
import { findJava, type JavaSources, scratchFolder, serverArguments } from './java';
import { launchServer } from './launcher';
import { pause } from './pause';
import { httpGet, httpQuery, serverRoot, serverVersion } from './probe';
import type { QuestDbServer, ServerLogger } from './quest-db-server';
import { freePorts, serverConfig, serverEnvironment } from './server-config';
import { rotateLog, sizeOf, tailOfLog } from './server-log';
import { endServer, exitOf, isAlive, wasStruckDown } from './server-process';
import { addressOf, readRecord, type ServerRecord, writeRecord } from './server-record';
import { StatusBoard } from './status-board';
import { withWorkspaceLock } from './workspace-lock';

export interface ManagedServerOptions {
  workspace: string;
  jar: Omit<JarSources, 'onProgress' | 'signal' | 'cache'> & { cache?: string | undefined };
  java: JavaSources;
  /** Further keys of QuestDB's configuration. */
  config?: Readonly<Record<string, string>> | undefined;
  logger?: ServerLogger | undefined;
  /** How long another server of this folder is given to end, in milliseconds. */
  folderPatienceMs?: number | undefined;
}

const LOCK_PATIENCE_MS = 120_000;
const READY_PATIENCE_MS = 60_000;
const PROBE_MS = 3_000;
const WATCH_MS = 500;
const BIND_ATTEMPTS = 5;
/** A start that a signal from outside ended says nothing of the next one. */
const STRUCK_ATTEMPTS = 3;
const FOLDER_PATIENCE_MS = 15_000;
/** A server that ran this long before it crashed does not count as crashing in a row. */
const STABLE_MS = 60_000;
const MOST_CRASHES = 3;
const FIRST_BACK_OFF_MS = 500;

/** A start under way, and how many callers wait for it. */
interface Start {
  done: Promise<QuestDbAddress>;
  abort: AbortController;
  waiting: number;
}

/** The workspace's own server: started by the first Tapemend, joined by others, stopped by the last. */
export class ManagedServer implements QuestDbServer {
  readonly #options: ManagedServerOptions;
  readonly #board = new StatusBoard(true);
  readonly #root: string;
  readonly #log: string;
  readonly #lock: string;
  readonly #recordPath: string;
  readonly #clients: ClientFiles;
  #record: ServerRecord | null = null;
  #starting: Start | null = null;
  #stopping: Promise<void> | null = null;
  #watch: ReturnType<typeof setInterval> | null = null;
  #runningSince = 0;
  #crashes = 0;

  constructor(options: ManagedServerOptions) {
    this.#options = options;
    const root = resolve(options.workspace, 'questdb');
    this.#root = root;
    this.#log = resolve(options.workspace, 'logs', 'questdb.log');
    this.#lock = join(root, 'tapemend.lock');
    this.#recordPath = join(root, 'tapemend-server.json');
    this.#clients = new ClientFiles(join(root, 'clients'));
  }

  get status(): QuestDbStatus {
    return this.#board.status;
  }

  onStatus(listener: (status: QuestDbStatus) => void): () => void {
    return this.#board.listen(listener);
  }

  address(): QuestDbAddress | null {
    return this.#record ? addressOf(this.#record) : null;
  }

  async start(signal?: AbortSignal): Promise<QuestDbAddress> {
    signal?.throwIfAborted();
    if (this.#stopping) await this.#stopping;
    if (this.#board.status.state === 'running' && this.#record) return addressOf(this.#record);
    const starting = this.#beginStart(() => {
      this.#crashes = 0;
    });
    return this.#await(starting, signal);
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#leave().finally(() => {
      this.#stopping = null;
    });
    await this.#stopping;
  }

  logTail(): string[] {
    return tailOfLog(this.#log, 0).slice(-200);
  }

  #beginStart(prepare?: () => void): Start {
    if (this.#starting) return this.#starting;
    prepare?.();
    this.#unwatch();
    const abort = new AbortController();
    const done = this.#bringUp(abort.signal)
      .catch(this.#explainFiles)
      .then(
        (record) => {
          this.#record = record;
          this.#runningSince = Date.now();
          this.#beginWatch(record);
          this.#starting = null;
          const address = addressOf(record);
          this.#board.set({
            state: 'running',
            version: record.version,
            address: withoutPassword(address.dsn),
            detail: null,
          });
          return address;
        },
        (error: unknown) => {
          this.#clients.unregister();
          this.#starting = null;
          const detail = error instanceof Error ? error.message : String(error);
          this.#board.set(abort.signal.aborted ? { state: 'stopped', detail: null } : { state: 'failed', detail });
          throw error;
        },
      );
    done.catch(() => {});
    this.#starting = { done, abort, waiting: 0 };
    this.#board.set({ state: 'starting', detail: 'Starting QuestDB' });
    return this.#starting;
  }

  /** A full disk, or one without rights, is nobody's bug. */
  readonly #explainFiles = (error: unknown): never => {
    throw isWriteFailure(error) ? writeFailure(error, this.#root) : error;
  };

  /** One caller's wait; the start itself is given up when every caller has gone. */
  async #await(starting: Start, signal?: AbortSignal): Promise<QuestDbAddress> {
    starting.waiting++;
    let gone = () => {};
    try {
      if (!signal) return await starting.done;
      const leaving = new Promise<never>((_, reject) => {
        gone = () => reject(signal.reason);
        signal.addEventListener('abort', gone, { once: true });
      });
      return await Promise.race([starting.done, leaving]);
    } catch (error) {
      if (signal?.aborted && starting.waiting === 1) {
        starting.abort.abort(signal.reason);
        await starting.done.catch(() => {});
      }
      throw error;
    } finally {
      signal?.removeEventListener('abort', gone);
      starting.waiting--;
    }
  }

  async #bringUp(signal: AbortSignal): Promise<ServerRecord> {
    mkdirSync(join(this.#root, 'conf'), { recursive: true });
    rmSync(scratchFolder(this.#root), { recursive: true, force: true });
    mkdirSync(scratchFolder(this.#root), { recursive: true });
    mkdirSync(resolve(this.#options.workspace, 'logs'), { recursive: true });
    const known = readRecord(this.#recordPath);
    // Fetched before the lock is taken: a download may take minutes, and joining needs neither.
    const parts = known && isAlive(known) ? null : await this.#findParts(signal);
    return withWorkspaceLock(
      this.#lock,
      LOCK_PATIENCE_MS,
      async () => {
        this.#clients.register();
        return (await this.#join(signal)) ?? (await this.#launch(parts ?? (await this.#findParts(signal)), signal));
      },
      signal,
    );
  }

  async #findParts(signal: AbortSignal): Promise<{ jar: string; java: Awaited<ReturnType<typeof findJava>> }> {
    const { jar, java, workspace } = this.#options;
    const found = await findJava(java);
    const cache = jar.cache ?? resolve(workspace, 'cache');
    const onProgress = (detail: string) => this.#board.set({ detail });
    return { java: found, jar: await findJar({ ...jar, cache, onProgress, signal }) };
  }

  /** The server of the record, if it lives and answers; one of ours that is stuck is ended. */
  async #join(signal: AbortSignal): Promise<ServerRecord | null> {
    const record = readRecord(this.#recordPath);
    if (!record || !isAlive(record)) return null;
    this.#board.set({ detail: 'Joining the QuestDB of this workspace' });
    const version = await this.#awaitReady(record, signal, () => (isAlive(record) ? null : 'it ended')).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        this.#options.logger?.warn(
          { pid: record.process?.pid, reason: String(error) },
          'the running QuestDB does not answer',
        );
        return null;
      },
    );
    if (version !== null) return { ...record, version };
    await this.#end(record);
    return null;
  }

  async #launch(
    parts: { jar: string; java: { path: string; major: number } },
    signal: AbortSignal,
  ): Promise<ServerRecord> {
    const before = readRecord(this.#recordPath);
    let known = before?.ports ?? null;
    const deadline = Date.now() + (this.#options.folderPatienceMs ?? FOLDER_PATIENCE_MS);
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const ports = await freePorts(known);
      const user = before?.user ?? 'tapemend';
      const password = before?.password ?? randomBytes(24).toString('base64url');
      writeFileSync(join(this.#root, 'conf', 'server.conf'), serverConfig(ports, this.#options.config), {
        mode: 0o600,
      });
      rotateLog(this.#log);
      const logStart = sizeOf(this.#log);
      const { java, jar } = parts;
      const child = launchServer({
        java: java.path,
        args: serverArguments(java, resolve(jar), this.#root),
        env: serverEnvironment(process.env, user, password),
        clients: this.#clients.folder,
        log: this.#log,
      });
      const exit = exitOf(child);
      const record: ServerRecord = {
        process: child.pid === undefined ? null : { pid: child.pid, start: processStart(child.pid) ?? '' },
        ports,
        user,
        password,
        version: QUESTDB_VERSION,
        startedAt: new Date().toISOString(),
      };
      writeRecord(this.#recordPath, record);
      this.#board.set({ detail: 'Starting QuestDB' });
      try {
        return { ...record, version: await this.#awaitReady(record, signal, exit) };
      } catch (error) {
        await this.#end(record);
        signal.throwIfAborted();
        if (wasStruckDown(error) && attempt < STRUCK_ATTEMPTS) continue;
        known = null;
        const lines = tailOfLog(this.#log, logStart);
        const text = lines.join('\n');
        if (/could not bind socket/.test(text) && attempt < BIND_ATTEMPTS) continue;
        // Another server holds the folder: one that is just ending, or one that we know nothing of.
        if (/cannot lock table name registry/.test(text) && Date.now() < deadline) {
          await pause(500, signal);
          continue;
        }
        throw explainFailedStart(error, lines, this.#root);
      }
    }
  }

  /** Version of the server once it answers, over HTTP with the login, and is the one of this folder. */
  async #awaitReady(record: ServerRecord, signal: AbortSignal, ended: () => string | null): Promise<string> {
    const address = addressOf(record);
    const health = { ...address, httpUrl: `http://127.0.0.1:${record.ports.health}` };
    const deadline = Date.now() + READY_PATIENCE_MS;
    let last = 'no answer';
    while (Date.now() < deadline) {
      signal.throwIfAborted();
      const reason = ended();
      if (reason !== null) throw new Error(reason);
      try {
        const { status } = await httpGet(health, '/status', PROBE_MS);
        if (status !== 200) throw new Error(`health check answers ${status}`);
        await httpQuery(address, 'select 1', PROBE_MS);
        const version = await serverVersion(address, PROBE_MS);
        const root = await serverRoot(address, PROBE_MS);
        if (ended() === null && version && root && sameFolder(root, this.#root)) return version;
        last = `another database answers (${root ?? 'unknown folder'})`;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      await pause(100, signal);
    }
    throw new Error(`it did not become ready within ${READY_PATIENCE_MS / 1000} s: ${last}`);
  }

  #beginWatch(record: ServerRecord): void {
    this.#watch = setInterval(() => {
      if (!isAlive(record)) void this.#afterCrash();
    }, WATCH_MS);
    this.#watch.unref();
  }

  #unwatch(): void {
    if (this.#watch) clearInterval(this.#watch);
    this.#watch = null;
  }

  async #afterCrash(): Promise<void> {
    this.#unwatch();
    if (this.#stopping || this.#starting) return;
    this.#crashes = Date.now() - this.#runningSince >= STABLE_MS ? 1 : this.#crashes + 1;
    const lastWords = this.logTail()
      .filter((line) => / [EC] /.test(line))
      .at(-1);
    const because = lastWords ? ` Its last words: ${lastWords}` : '';
    this.#options.logger?.warn({ crashes: this.#crashes, lastWords }, 'QuestDB ended unexpectedly');
    if (this.#crashes >= MOST_CRASHES) {
      this.#clients.unregister();
      this.#board.set({
        state: 'failed',
        detail: `QuestDB ended unexpectedly ${this.#crashes} times in a row; it is not started again by itself.${because}`,
      });
      return;
    }
    const wait = FIRST_BACK_OFF_MS * 2 ** (this.#crashes - 1);
    this.#board.set({ state: 'crashed', detail: `QuestDB ended unexpectedly and is started again.${because}` });
    await pause(wait);
    if (this.#board.status.state === 'crashed' && !this.#stopping) this.#beginStart();
  }

  async #leave(): Promise<void> {
    const starting = this.#starting;
    if (starting) {
      starting.abort.abort(new AppError('questdb.stopped', 'QuestDB was stopped while it was starting.'));
      await starting.done.catch(() => {});
    }
    this.#unwatch();
    if (!this.#record || this.#board.status.state === 'stopped') {
      this.#board.set({ state: 'stopped', detail: null });
      return;
    }
    this.#board.set({ state: 'stopping', detail: 'Stopping QuestDB' });
    await withWorkspaceLock(this.#lock, LOCK_PATIENCE_MS, async () => {
      this.#clients.unregister();
      if (this.#clients.othersAlive()) return;
      const record = readRecord(this.#recordPath);
      if (record) await this.#end(record);
    });
    this.#board.set({ state: 'stopped', detail: null });
  }

  async #end(record: ServerRecord): Promise<void> {
    const killed = await endServer(record);
    if (killed) this.#options.logger?.warn({ pid: record.process?.pid }, 'QuestDB did not stop in time and was killed');
    writeRecord(this.#recordPath, { ...record, process: null });
  }
}

function sameFolder(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return resolve(a) === resolve(b);
  }
}
