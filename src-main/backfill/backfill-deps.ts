import type { CandleSeries } from '@shared/market';
import type { CoverageService } from '../coverage';
import type { BackfillMetrics } from '../dag';
import type { QuestDbStore } from '../questdb';
import type { ExchangeAccess } from './exchange-access';
import type { IngestPool } from './ingest-pool';
import type { Journal } from './journal';
import type { Lanes } from './lanes';

/** What a backfill works with; composed by the core. */
export interface BackfillDeps {
  store: Pick<QuestDbStore, 'presentAmong' | 'settle' | 'ensureCandleTable' | 'openWriter'>;
  coverage: CoverageService;
  exchange: ExchangeAccess;
  pool: IngestPool;
  journal: Journal;
  lanes: Lanes;
  metrics?: BackfillMetrics;
  nodeIdOf: (series: CandleSeries) => string;
  /** Waits between two tries; rejects when aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Waits for an exchange or a database that is away as long as it takes: an app, where a person can cancel. */
  patient: boolean;
}
