import { AppError, type Failure, failureOf } from '@shared/contract';
import { parseSeriesKey } from '@shared/market';
import type { RevertResult } from '../provenance';
import type { Services } from './services';

/** What undoing came to in one series. */
export interface UndoneSeries extends RevertResult {
  key: string;
  failure: Failure | null;
}

type Undoing = Pick<Services, 'backfill' | 'curation' | 'turns'>;

/** Takes back what a job wrote into one series. Throws like `RevertService.revert`, and `usage.jobs_running`. */
export async function undoSeries(services: Undoing, jobId: string, key: string): Promise<RevertResult> {
  const series = parseSeriesKey(key);
  if (!series) throw new AppError('usage.bad_series', `"${key}" is no series; write it like binance:spot:BTCUSDT:1m.`);
  return services.turns.run(key, async () => {
    await refuseWhileRunning(services, 'undo');
    return services.curation.reverts.revert(jobId, series);
  });
}

/**
 * Takes back all that a job wrote, series by series; a series that cannot be undone does not keep the others. Throws
 * `usage.no_batch` for a job that has written nothing, `usage.jobs_running`, and the failure when there is but one series.
 */
export async function undoJob(services: Undoing, jobId: string): Promise<UndoneSeries[]> {
  const batches = await services.curation.reverts.batches(Number.POSITIVE_INFINITY);
  const keys = [...new Set(batches.filter((batch) => batch.jobId === jobId).map(({ key }) => key))];
  if (keys.length === 0)
    throw new AppError(
      'usage.no_batch',
      `Nothing that a job ${jobId} wrote is known; tapemend undo lists what can be taken back.`,
      { jobId },
    );
  if (keys.length === 1) return [{ key: keys[0]!, ...(await undoSeries(services, jobId, keys[0]!)), failure: null }];
  const undone: UndoneSeries[] = [];
  for (const key of keys) {
    try {
      undone.push({ key, ...(await undoSeries(services, jobId, key)), failure: null });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'usage.jobs_running') throw error;
      undone.push({ key, removed: 0, restored: 0, failure: failureOf(error) });
    }
  }
  return undone;
}

/** A job of any program of the workspace may be writing the same rows: of the series, where one is named. Throws `usage.jobs_running`. */
export async function refuseWhileRunning(
  { backfill }: Pick<Services, 'backfill'>,
  wanted: 'undo' | 'adopt' | 'repeat',
  key?: string,
): Promise<void> {
  const jobs = await backfill.list(Number.POSITIVE_INFINITY);
  const running = jobs.filter(({ state, owner }) => state === 'running' && owner !== 'nobody');
  if (running.every(({ keys }) => key !== undefined && !keys.includes(key))) return;
  throw new AppError(
    'usage.jobs_running',
    `A backfill is under way, which may write the same rows; wait until it has ended, or cancel it, then ${wanted}.`,
  );
}
