import type { SeriesReceipt } from '@shared/contract';
import type { Counters } from '../binance';
import type { BackfillMetrics } from '../dag';

/** A range of a series of a job, as the `backfill_…` metrics name it. */
export interface MeasuredItem {
  nodeId: string;
  intervalSeconds: number;
  /** End of the asked range, epoch ms. */
  to: number;
}

/**
 * Runs the backfill of one series range between the two ends of `backfill_jobs_in_progress`. A receipt with nothing missing is
 * its success; one with missing bars, or none, its failure, which is a failed try too. A cancelled one is neither.
 */
export async function measureItem(
  metrics: BackfillMetrics | undefined,
  { nodeId, intervalSeconds, to }: MeasuredItem,
  isCancelled: () => boolean,
  run: () => Promise<SeriesReceipt | null>,
): Promise<SeriesReceipt | null> {
  if (!metrics) return run();
  const fail = (): void => {
    if (isCancelled()) return;
    metrics.retry(nodeId, intervalSeconds);
    metrics.failure(nodeId, intervalSeconds);
  };
  metrics.jobsInProgress(1);
  try {
    const receipt = await run();
    if (receipt === null || receipt.stillMissing > 0) fail();
    else if (!isCancelled()) metrics.lastTimestamp(nodeId, intervalSeconds, Math.floor(to / 1000));
    return receipt;
  } catch (error) {
    fail();
    throw error;
  } finally {
    metrics.jobsInProgress(-1);
  }
}

/** The job's tally for the work of one item: what it adds goes to the job, and its retries to `backfill_retry_total` too. */
export function itemCounters(
  metrics: BackfillMetrics | undefined,
  { nodeId, intervalSeconds }: Pick<MeasuredItem, 'nodeId' | 'intervalSeconds'>,
  job: Counters,
): Counters {
  if (!metrics) return job;
  return new Proxy(job, {
    set(target, name, value: number) {
      if (name === 'retries')
        for (let added = value - target.retries; added > 0; added--) metrics.retry(nodeId, intervalSeconds);
      return Reflect.set(target, name, value);
    },
  });
}
