import type { PlannedPage, SourceTier } from '@shared/contract';
import { intersectRanges, type Range, type StoredSeries, seriesKey } from '@shared/market';
import { type JobContext, wantedBy } from './job-context';

type Context = Pick<JobContext, 'deps' | 'jobId' | 'recheck' | 'retries' | 'signal'>;

/** Remembers in the ledger that asking `source` failed; resolves with the bars that it failed for. */
export async function recordFailure(
  series: StoredSeries,
  wanted: readonly Range[],
  source: SourceTier,
  reason: string,
  job: Context,
): Promise<Range[]> {
  const whole = { from: wanted[0]!.from, to: wanted[wanted.length - 1]!.to };
  const { deps, jobId } = job;
  const { wanted: open } = await wantedBy(job, series, whole);
  const failed = intersectRanges(open, wanted);
  const key = seriesKey(series);
  const entries = failed.map((range) => ({
    at: deps.exchange.now(),
    key,
    source,
    outcome: 'failed' as const,
    range,
    rows: 0,
    absent: [],
    evidence: reason,
    jobId,
  }));
  await deps.coverage.recordAnswers(entries, new Map([[key, series]]));
  return failed;
}

/** Of a symbol that is gone, a file that does not exist is an answer: nobody has these bars. */
export async function recordNoFile(
  series: StoredSeries,
  wanted: readonly Range[],
  page: PlannedPage,
  { deps, retries, signal, jobId }: Context,
): Promise<void> {
  const key = seriesKey(series);
  const entries = wanted.map((range) => ({
    at: deps.exchange.now(),
    key,
    source: page.tier,
    outcome: 'answered' as const,
    range,
    rows: 0,
    absent: [range],
    evidence: `The archive has no file ${page.file}, and the exchange no longer knows ${series.symbol}.`,
    jobId,
    written: [],
  }));
  await retries.database(signal, () => deps.coverage.recordAnswers(entries, new Map([[key, series]])));
}
