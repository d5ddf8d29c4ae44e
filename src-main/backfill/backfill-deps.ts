import type { Range, StoredSeries } from '@shared/market';
import type { CoverageService } from '../coverage';
import type { BackfillMetrics } from '../dag';
import type { QuestDbStore } from '../questdb';
import type { ExchangeAccess } from './exchange-access';
import type { IngestPool } from './ingest-pool';
import type { Journal } from './journal';
import type { Lanes } from './lanes';
import type { TradeRates } from './trade-rates';

/** What a backfill works with; composed by the core. */
export interface BackfillDeps {
  store: Pick<
    QuestDbStore,
    | 'countRows'
    | 'dropTornTable'
    | 'ensureCandleTable'
    | 'ensureTradeTable'
    | 'findingsAppend'
    | 'findingsRead'
    | 'openWriter'
    | 'presentAmong'
    | 'settle'
    | 'tradeContent'
  >;
  coverage: CoverageService;
  exchange: ExchangeAccess;
  pool: IngestPool;
  journal: Journal;
  lanes: Lanes;
  rates: TradeRates;
  metrics?: BackfillMetrics;
  nodeIdOf: (series: StoredSeries) => string;
  /** Keeps the series' rows of the ranges for an undo of the job, before it writes there. */
  keepRows: (series: StoredSeries, ranges: readonly Range[], jobId: string) => Promise<void>;
  /** Waits between two tries; rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Waits for an exchange or a database that is away as long as it takes: an app, where a person can cancel. */
  patient: boolean;
}
