export type { BackfillDeps } from './backfill-job';
export { BackfillService } from './backfill-service';
export type { ExchangeAccess } from './exchange-access';
export { IngestPool } from './ingest-pool';
export type { BackfillItem, JobRequest } from './job-request';
export { Journal } from './journal';
export { learnLifetime } from './listing';
export { selectWanted } from './select-wanted';
