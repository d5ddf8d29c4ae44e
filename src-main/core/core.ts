import {
  type Answers,
  AppError,
  type AppState,
  type ExchangeStatus,
  failureOf,
  type QuestDbStatus,
  type RequestHandlers,
  type StreamHandlers,
} from '@shared/contract';
import { type StoredSeries, seriesKey } from '@shared/market';
import { EventHub } from '@shared/rpc';
import { createMetrics, type ServedMetrics } from '../metrics';
import { prepareDemo } from './demo';
import { despiteRestarts } from './despite-restarts';
import { exportGaps } from './gap-export';
import { createDataHandlers, createStreamHandlers, type Running } from './handlers';
import { ReplaySessions } from './replay-sessions';
import { RunningAdoptions } from './running-adoptions';
import { SeriesList } from './series-list';
import { Services } from './services';
import { loadSettings, type Settings, saveSetting } from './settings';
import { upkeepOf } from './upkeep';

export interface CoreFlags {
  practice?: boolean;
  /** Practice exchange with prepared series and holes. */
  demo?: boolean;
  /** Settings given on the command line, by name. */
  settings?: Partial<Record<string, string>>;
}

export interface CoreOptions {
  workspace: string;
  version: string;
  flags: CoreFlags;
  env: Readonly<Record<string, string | undefined>>;
  /** The packaged app's `resources/`. */
  resourcesPath?: string;
  /** One command instead of an app: no first-start question, and interrupted jobs stay for whoever asked for them. */
  headless?: boolean;
  /** Where metrics are served unless a setting says so; without it, they are kept only when a setting asks for them. */
  defaultMetricsPort?: number;
  logger?: { error(fields: object, message: string): void };
}

/** Metrics that somebody asked for, and where they are to be served. */
export interface CoreMetrics extends Pick<ServedMetrics, 'contentType' | 'read'> {
  port: number;
  /** The port was named by the user. */
  isChosen: boolean;
}

export interface Core {
  readonly requests: RequestHandlers;
  readonly streams: StreamHandlers;
  readonly events: EventHub;
  /** Null before `start`, and when nobody asked for metrics. The host serves them. */
  readonly metrics: CoreMetrics | null;
  /** Resolves when calls are accepted; the database may still be starting (`app.get_state` tells). */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when everything runs, rejects with the failure that prevents it; for hosts without a window. */
  ready(): Promise<Running>;
}

/** How often a changed series is announced, and how often clock and weight are looked at. */
const ANNOUNCE_EVERY_MS = 250;
const WATCH_EXCHANGE_EVERY_MS = 30_000;
const WATCH_WEIGHT_EVERY_MS = 1_000;
/** How soon the window shows what another program of the workspace has done. */
const CATCH_UP_EVERY_MS = 5_000;
/** A start waits no longer than this for an exchange that does not answer. */
const FIRST_CONTACT_MS = 4_000;

const NO_QUESTDB: QuestDbStatus = { state: 'idle', managed: true, version: null, address: null, detail: null };

export function createCore(options: CoreOptions): Core {
  return new AppCore(options);
}

class AppCore implements Core {
  readonly events = new EventHub();
  readonly requests: RequestHandlers;
  readonly streams: StreamHandlers;
  #settings: Settings | null = null;
  #phase: AppState['phase'] = 'starting';
  #failure: AppError | null = null;
  #questdb: QuestDbStatus = NO_QUESTDB;
  #exchange: ExchangeStatus;
  #running: Running | null = null;
  #metrics: ServedMetrics | null = null;
  #bringUp: Promise<void> | null = null;
  #resumedJobs = 0;
  /** Version of the table of findings at the last look. */
  #findings: string | null = null;
  #stopped = false;
  readonly #stopping = new AbortController();
  readonly #adoptions: RunningAdoptions;
  readonly #changed = new Map<string, StoredSeries>();
  #announcing: Promise<void> = Promise.resolve();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(private readonly options: CoreOptions) {
    this.#exchange = {
      reachable: false,
      practice: false,
      serverTime: null,
      clockOffsetMs: null,
      weight: { used: 0, limit: 0 },
      markets: [],
      detail: null,
    };
    const running = (): Running => this.#require();
    this.#adoptions = new RunningAdoptions(this.events);
    this.requests = {
      'app.get_state': () => this.#state(),
      'app.complete_setup': ({ practice, demo }) => this.#completeSetup(practice, demo),
      'app.retry_start': () => this.#retry(),
      ...createDataHandlers(running, this.events, this.#adoptions),
      'gaps.export': (request) => exportGaps(running().services.coverage, options.workspace, request),
    };
    this.streams = createStreamHandlers(running);
  }

  get metrics(): CoreMetrics | null {
    const source = this.#metrics;
    const port = this.#metricsPort;
    if (!source || port === null) return null;
    const isChosen = this.#settings?.metricsPort !== null;
    return { port, isChosen, contentType: source.contentType, read: () => source.read() };
  }

  async start(): Promise<void> {
    const { workspace, env, flags } = this.options;
    try {
      this.#settings = loadSettings({ workspace, env, ...(flags.settings ? { flags: flags.settings } : {}) });
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#metricsPort !== null) this.#metrics ??= await createMetrics();
    if (this.#wantsPractice === null && !this.options.headless) this.#setPhase('setup');
    else this.#begin(flags.demo ?? false);
  }

  async ready(): Promise<Running> {
    await this.#bringUp;
    if (this.#failure) throw this.#failure;
    return this.#require();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopping.abort();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#bringUp;
    await this.#adoptions.close();
    await this.#running?.replays.closeAll();
    await this.#running?.services.close();
    this.#running = null;
  }

  /** One command beside a running app takes its port only when told so on its own line. */
  get #metricsPort(): number | null {
    const { headless, flags, defaultMetricsPort } = this.options;
    if (headless && flags.settings?.['metrics.port'] === undefined) return null;
    return this.#settings?.metricsPort ?? defaultMetricsPort ?? null;
  }

  /** null: nobody has chosen yet. */
  get #wantsPractice(): boolean | null {
    const { flags } = this.options;
    if (flags.practice || flags.demo) return true;
    return this.#settings?.practice ?? null;
  }

  async #completeSetup(practice: boolean, demo: boolean): Promise<Answers['app.complete_setup']> {
    if (this.#phase !== 'setup') return this.#state();
    await saveSetting(this.options.workspace, 'practice', practice);
    this.#settings = { ...this.#settings!, practice };
    this.#begin(practice && demo);
    return this.#state();
  }

  async #retry(): Promise<AppState> {
    if (this.#phase !== 'failed') return this.#state();
    this.#failure = null;
    if (this.#settings) this.#begin(false);
    else await this.start();
    return this.#state();
  }

  #begin(demo: boolean): void {
    this.#setPhase('starting');
    this.#bringUp = this.#open(demo).catch((error: unknown) => this.#fail(error));
  }

  async #open(demo: boolean): Promise<void> {
    const { workspace, resourcesPath, env } = this.options;
    const practiceData = env.TAPEMEND_PRACTICE_DATA;
    const services = await Services.open({
      workspace,
      settings: this.#settings!,
      practice: this.#wantsPractice ?? false,
      ...(practiceData ? { practiceData } : {}),
      ...(resourcesPath ? { resourcesPath } : {}),
      ...(this.#metrics ? { metrics: this.#metrics } : {}),
      signal: this.#stopping.signal,
      patient: !this.options.headless,
      onTrouble: (error) => this.options.logger?.error({ error: failureOf(error) }, 'the queue of jobs is in trouble'),
      onQuestDb: (status) => this.#set(() => (this.#questdb = status)),
      onExchange: (status) => this.#set(() => (this.#exchange = status)),
      onCoverage: (series) => this.#changed.set(seriesKey(series), series),
      onFindings: () => this.events.emit('findings.changed', {}),
      onOutages: () => this.events.emit('outages.changed', {}),
      onProgress: (progress) => this.events.emit('job.progressed', progress),
      // First what it changed, so that no window shows a finished repair beside the hole it closed.
      onFinished: (progress, receipt) =>
        void this.#announce(services)
          .catch(() => undefined)
          .then(() => this.events.emit('job.finished', { progress, receipt })),
    });
    // Without the exchange the stored data is still there to look at: its state is shown, not fatal.
    const patience = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(FIRST_CONTACT_MS)]);
    await services.exchange.syncClock('spot', patience).catch(() => undefined);
    const list = new SeriesList(services, () => this.events.emit('series.list_changed', {}));
    await despiteRestarts(async () => {
      await list.load();
      await services.coverage.preload(list.all);
    }, this.#stopping.signal).catch(async (error: unknown) => {
      await services.close();
      throw error;
    });
    const replays = new ReplaySessions(services.store, services.coverage, (state) =>
      this.events.emit('replay.state_changed', state),
    );
    this.#running = { services, list, replays };
    this.#watch(this.#running);
    this.#keepUp(this.#running);
    if (demo) await prepareDemo(services, list);
    if (!this.options.headless) this.#resumedJobs = await services.backfill.adoptJobs();
    this.#setPhase('ready');
  }

  #watch({ services, list }: Running): void {
    if (!this.options.headless) this.#every(CATCH_UP_EVERY_MS, () => this.#catchUp(services, list));
    this.#every(ANNOUNCE_EVERY_MS, () => this.#announce(services));
    this.#every(WATCH_EXCHANGE_EVERY_MS, async () => services.exchange.syncClock('spot').catch(() => undefined));
    this.#every(WATCH_WEIGHT_EVERY_MS, async () => {
      const status = services.exchange.status();
      if (JSON.stringify(status.markets) !== JSON.stringify(this.#exchange.markets))
        this.#set(() => (this.#exchange = status));
    });
  }

  /** Only where a program stays: one command does what it was asked and no more. */
  #keepUp(running: Running): void {
    if (this.options.headless) return;
    const rechecks = this.#settings?.rechecks ?? false;
    for (const { everyMs, look } of upkeepOf(running, { workspace: this.options.workspace, rechecks }))
      this.#every(everyMs, async () => void (await look()));
  }

  async #catchUp(services: Services, list: SeriesList): Promise<void> {
    // A job of our own keeps the models true as it goes, and the database's state is told elsewhere.
    if (services.backfill.running > 0 || services.questdb.status.state !== 'running') return;
    try {
      await list.catchUp();
      await services.outages.catchUp();
      const findings = await services.coverage.catchUp();
      if (this.#findings !== null && findings !== this.#findings) this.events.emit('findings.changed', {});
      this.#findings = findings;
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('questdb.')) throw error;
    }
  }

  /** One after the other, so that whoever waits for one has seen all changes before it announced. */
  #announce(services: Services): Promise<void> {
    const announced = this.#announcing.then(() => this.#announceChanges(services));
    this.#announcing = announced.catch(() => undefined);
    return announced;
  }

  async #announceChanges(services: Services): Promise<void> {
    if (this.#changed.size === 0) return;
    const list = [...this.#changed.values()];
    this.#changed.clear();
    const summaries = await Promise.all(list.map((series) => services.coverage.summary(series)));
    this.events.emit('coverage.changed', { summaries });
  }

  /** Repeats `action` until the core stops; a repetition that fails is logged and the next one tried. */
  #every(ms: number, action: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        await action();
      } catch (error) {
        this.options.logger?.error({ error: failureOf(error) }, 'a periodic task failed');
      } finally {
        busy = false;
      }
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  #require(): Running {
    if (this.#running) return this.#running;
    if (this.#failure) throw this.#failure;
    throw new AppError('questdb.not_ready', 'The database is still starting; the call can be repeated in a moment.');
  }

  #state(): AppState {
    return {
      version: this.options.version,
      phase: this.#phase,
      workspace: this.options.workspace,
      questdb:
        this.#failure && !this.#questdb.detail ? { ...this.#questdb, detail: this.#failure.message } : this.#questdb,
      exchange: { ...this.#exchange, practice: this.#wantsPractice ?? false },
      failure: this.#failure ? { code: this.#failure.code, message: this.#failure.message } : null,
      resumedJobs: this.#resumedJobs,
    };
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    const failure = failureOf(error);
    this.#failure =
      error instanceof AppError ? error : new AppError('runtime.bug', failure.message, undefined, { cause: error });
    this.options.logger?.error({ error: failure }, 'the core could not start');
    this.#setPhase('failed');
  }

  #setPhase(phase: AppState['phase']): void {
    this.#set(() => (this.#phase = phase));
  }

  #set(change: () => void): void {
    change();
    this.events.emit('app.state_changed', this.#state());
  }
}
