import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AppError,
  type ExchangeStatus,
  type JobProgress,
  type QuestDbStatus,
  type Receipt,
  type VerifySeries,
} from '@shared/contract';
import { type CandleSeries, candleSeries, INTERVALS, type StoredSeries, tableName, tradeSeries } from '@shared/market';
import { Adoption } from '../adoption';
import {
  BackfillService,
  IngestPool,
  ingestThreads,
  Journal,
  Lanes,
  Owners,
  Pace,
  TradeRates,
  Turn,
} from '../backfill';
import type { Patience } from '../binance';
import { CoverageCache, CoverageService, OutageCatalogue, Outages } from '../coverage';
import { type Metrics, NO_METRICS } from '../metrics';
import { Verification, type VerifyOptions } from '../quality';
import { openQuestDb, type QuestDbServer, QuestDbStore, seriesNodeId } from '../questdb';
import { Curation } from './curation';
import { despiteRestarts } from './despite-restarts';
import { Exchange } from './exchange';
import { SeriesTurns } from './series-turns';
import type { Settings } from './settings';

export interface ServicesOptions {
  workspace: string;
  settings: Settings;
  practice: boolean;
  practiceData?: string;
  /** The packaged app's `resources/`, with QuestDB and a Java runtime inside. */
  resourcesPath?: string;
  onQuestDb?: (status: QuestDbStatus) => void;
  onExchange?: (status: ExchangeStatus) => void;
  onCoverage?: (series: StoredSeries) => void;
  onFindings?: () => void;
  onOutages?: () => void;
  onProgress?: (progress: JobProgress) => void;
  onFinished?: (progress: JobProgress, receipt: Receipt) => void;
  /** Told of everything that happens; nobody is without. */
  metrics?: Metrics;
  /** Something in the background failed; it is tried again. */
  onTrouble?: (error: unknown) => void;
  /** How long the exchange is waited for, where another time than usual is wanted. */
  patience?: Partial<Patience>;
  /** Jobs wait for an exchange or a database that is away as long as it takes: where a person can cancel them. */
  patient?: boolean;
  signal?: AbortSignal;
}

/** Everything that works on data, composed once per program: the app's core and the command line use the same. */
export class Services {
  readonly turns = new SeriesTurns();

  private constructor(
    readonly questdb: QuestDbServer,
    readonly store: QuestDbStore,
    readonly exchange: Exchange,
    readonly coverage: CoverageService,
    readonly outages: Outages,
    readonly backfill: BackfillService,
    readonly curation: Curation,
    readonly adoption: Adoption,
    private readonly verification: Verification,
    private readonly pool: IngestPool,
  ) {}

  /** Starts (or joins) the database and composes the rest. Throws `questdb.*` and leaves nothing running behind. */
  static async open(options: ServicesOptions): Promise<Services> {
    const { workspace, settings, metrics = NO_METRICS } = options;
    const questdb = openQuestDb({
      workspace,
      ...(settings.questdb.dsn ? { dsn: settings.questdb.dsn } : {}),
      ...(settings.questdb.httpUrl ? { httpUrl: settings.questdb.httpUrl } : {}),
      ...(settings.questdb.jar ? { jar: settings.questdb.jar } : {}),
      ...(options.resourcesPath ? { bundled: bundledParts(options.resourcesPath) } : {}),
      ...(options.onQuestDb ? { onStatus: options.onQuestDb } : {}),
    });
    const exchange = new Exchange({
      endpoints: settings.endpoints,
      weightShare: settings.weightShare,
      practice: options.practice,
      limiterFile: join(options.workspace, 'cache', 'limiters.json'),
      ...(options.practiceData ? { practiceData: options.practiceData } : {}),
      ...(options.patience ? { patience: options.patience } : {}),
      ...(options.onExchange ? { onStatus: options.onExchange } : {}),
      metrics,
    });
    try {
      await Promise.all([questdb.start(options.signal), exchange.open()]);
      const store = new QuestDbStore(() => requireAddress(questdb), {
        metrics,
        ...(options.onFindings ? { onFindings: options.onFindings } : {}),
      });
      await despiteRestarts(() => store.ensureSchema(), options.signal);
      const services = Services.#compose(options, questdb, store, exchange);
      // Before anything reads or writes the tables: a crash may have cut a deletion off.
      await despiteRestarts(() => services.curation.reverts.resume(), options.signal);
      await despiteRestarts(() => services.outages.catchUp(), options.signal);
      return services;
    } catch (error) {
      await Promise.allSettled([exchange.close(), questdb.stop()]);
      throw error;
    }
  }

  static #compose(options: ServicesOptions, questdb: QuestDbServer, store: QuestDbStore, exchange: Exchange): Services {
    const { metrics = NO_METRICS } = options;
    const catalogue = new OutageCatalogue();
    const coverage = new CoverageService({
      store,
      cache: new CoverageCache(join(options.workspace, 'cache', 'coverage')),
      now: () => exchange.now(),
      nodeIdOf: seriesNodeId,
      rechecks: options.settings.rechecks,
      catalogue,
      ...(options.onCoverage ? { onChange: options.onCoverage } : {}),
    });
    const onChange = options.onOutages;
    const outages = new Outages({ store, catalogue, coverage, ...(onChange ? { onChange } : {}) });
    const curation = new Curation({ store, coverage, exchange, folder: join(options.workspace, 'jobs', 'undo') });
    const pool = new IngestPool(ingestThreads(), metrics);
    const jobs = join(options.workspace, 'jobs');
    const owners = new Owners(join(jobs, 'programs'));
    const backfill = new BackfillService(
      {
        store,
        coverage,
        exchange,
        pool,
        journal: new Journal(jobs, owners),
        lanes: new Lanes(metrics),
        rates: new TradeRates(),
        nodeIdOf: seriesNodeId,
        keepRows: (series, ranges, jobId) => curation.keepRows(series, ranges, jobId),
        metrics,
        sleep: (ms, signal) => delay(ms, undefined, { signal }),
        patient: options.patient ?? false,
      },
      {
        turn: new Turn(join(jobs, 'turn'), owners),
        pace: new Pace(join(options.workspace, 'cache', 'pace.json')),
        events: {
          onProgress: (progress) => {
            metrics.jobProgressed(progress);
            options.onProgress?.(progress);
          },
          onFinished: (progress, receipt) => {
            metrics.jobProgressed(progress);
            options.onFinished?.(progress, receipt);
          },
          onTrouble: (error) => options.onTrouble?.(error),
        },
      },
    );
    const verification = new Verification({
      store,
      coverage,
      catalogue,
      exchange,
      readCandles: (series, range) => store.readCandles(series, range),
      readTrades: (series, range) => store.readTrades(series, range),
    });
    const adoption = new Adoption({ store, coverage, now: () => exchange.now() });
    return new Services(questdb, store, exchange, coverage, outages, backfill, curation, adoption, verification, pool);
  }

  /** Audits one series; other intervals of the symbol are those that have a table. */
  async verify(series: CandleSeries, options: VerifyOptions): Promise<VerifySeries> {
    const tables = await this.store.tablesOverview();
    const { symbol, market } = series;
    const siblings: StoredSeries[] = [
      ...INTERVALS.map((interval) => candleSeries(symbol, interval, market)),
      tradeSeries(symbol, market),
    ];
    const stored = siblings.filter((each) => (tables.get(tableName(each))?.rows ?? 0) > 0);
    return this.verification.verify(series, stored, options);
  }

  /** Stops in the reverse order of dependence; jobs under way stay open in the journal. */
  async close(): Promise<void> {
    await this.backfill.stop();
    await this.pool.close();
    await this.coverage.close();
    await this.store.close();
    await Promise.allSettled([this.exchange.close(), this.questdb.stop()]);
  }
}

function requireAddress(questdb: QuestDbServer): ReturnType<QuestDbServer['address']> & object {
  const address = questdb.address();
  if (address) return address;
  throw new AppError(
    'questdb.not_running',
    `QuestDB is not running (${questdb.status.detail ?? questdb.status.state}); it is being started again.`,
  );
}

function bundledParts(resourcesPath: string): { jar: string; java: string } {
  const java = process.platform === 'win32' ? 'java.exe' : 'java';
  return { jar: join(resourcesPath, 'questdb', 'questdb.jar'), java: join(resourcesPath, 'jre', 'bin', java) };
}
