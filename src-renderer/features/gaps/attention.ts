import type { AppState, JobProgress, SeriesSummary } from '@shared/contract';
import { formatTime, type Market, parseSeriesKey, seriesWord } from '@shared/market';
import { type CoveragePage, canRetry, isAlarming } from '../../client';
import { formatAmount, formatBars, formatCount, MARKET_WORDS } from '../../components';

/** What only a person can put right, the most pressing first; each with the one thing to do about it. */
export type Attention =
  | { readonly kind: 'disk'; readonly title: string; readonly detail: string; readonly jobId: string | null }
  | { readonly kind: 'blocked'; readonly title: string; readonly detail: string; readonly market: Market }
  | { readonly kind: 'job'; readonly title: string; readonly detail: string; readonly jobId: string }
  | { readonly kind: 'findings' | 'outages' | 'foreign'; readonly title: string; readonly detail: string }
  | { readonly kind: 'empty'; readonly title: string; readonly detail: string; readonly keys: readonly string[] };

export interface AttentionInput {
  readonly app: AppState | null;
  readonly jobs: readonly JobProgress[];
  readonly series: readonly SeriesSummary[];
  pageOf(key: string): CoveragePage | null;
  readonly newFindings: number;
  /** Stops that several series show and the catalogue does not know. */
  readonly outageProposals: number;
  /** Tables of other programs with candles that nobody has adopted. */
  readonly suggestedTables: number;
  /** Epoch ms by the exchange's clock. */
  readonly now: number;
}

/** Failures reach the window as sentences; a full disk is told in these words by the database, its start and the queue. */
const DISK_FULL = /\bdisk of .+ is full\b/i;

export function attentionOf(input: AttentionInput): Attention[] {
  const unsolved = unsolvedJobs(input);
  const stuck = unsolved.find((job) => job.lastError !== null && DISK_FULL.test(job.lastError));
  return [
    ...diskOf(input.app, stuck ?? null),
    ...blockedMarkets(input),
    ...unsolved.filter((job) => job !== stuck).map(jobLine),
    ...(input.outageProposals > 0
      ? [
          {
            kind: 'outages' as const,
            title: formatAmount(input.outageProposals, 'possible outage'),
            detail: 'Many symbols lack the same bars; taken into the catalogue, all of them are explained.',
          },
        ]
      : []),
    ...(input.newFindings > 0
      ? [
          {
            kind: 'findings' as const,
            title: formatAmount(input.newFindings, 'new finding'),
            detail: 'Nobody has looked at them yet.',
          },
        ]
      : []),
    ...(input.suggestedTables > 0
      ? [
          {
            kind: 'foreign' as const,
            title: `${formatAmount(input.suggestedTables, 'table')} to adopt`,
            detail: 'Other programs have stored candles there.',
          },
        ]
      : []),
    ...emptySeries(input),
  ];
}

function diskOf(app: AppState | null, stuck: JobProgress | null): Attention[] {
  const told = app?.questdb.detail ?? '';
  const detail = stuck?.lastError ?? (DISK_FULL.test(told) ? told : null);
  if (detail === null) return [];
  return [{ kind: 'disk', title: 'The disk is full', detail, jobId: stuck?.jobId ?? null }];
}

function blockedMarkets({ app, now }: AttentionInput): Attention[] {
  return (app?.exchange.markets ?? []).flatMap(({ market, blockedUntil, waiting }) =>
    blockedUntil !== null && blockedUntil > now
      ? [
          {
            kind: 'blocked' as const,
            market,
            title: `${MARKET_WORDS[market]} asks to wait`,
            detail: `Nothing is sent until ${formatTime(blockedUntil)}; ${formatAmount(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'}.`,
          },
        ]
      : [],
  );
}

/**
 * Jobs that ended with something missing that still is: nobody has tried again, and the bars of their failed items have not come by
 * another way. What such a job left unexplained is listed as gaps too; here it can be asked for once more as it was.
 */
export function unsolvedJobs({ jobs, pageOf }: Pick<AttentionInput, 'jobs' | 'pageOf'>): JobProgress[] {
  const triedAgain = new Set(jobs.map((job) => job.retryOf));
  return jobs.filter((job) => {
    if ((job.state !== 'failed' && job.state !== 'partial') || triedAgain.has(job.jobId) || !canRetry(job))
      return false;
    const failed = job.items.filter((item) => item.state === 'failed' || item.state === 'partial');
    return failed.some(({ key, range }) => {
      const gaps = pageOf(key)?.gaps;
      return gaps?.some(
        (gap) => gap.from < range.to && gap.to > range.from && (isAlarming(gap) || gap.verdict === 'not_asked'),
      );
    });
  });
}

function jobLine(job: JobProgress): Attention {
  const missing = job.barsAsked - job.barsDone;
  const [first] = job.keys;
  const series = first === undefined ? null : parseSeriesKey(first);
  const what =
    job.keys.length > 1 || !series
      ? `${formatCount(job.keys.length)} series`
      : `${series.symbol} ${seriesWord(series)}`;
  return {
    kind: 'job',
    jobId: job.jobId,
    title: `${what}: ${job.state === 'failed' ? 'a job failed' : 'a job ended partial'}`,
    detail: job.lastError ?? (missing > 0 ? `${formatBars(missing)} did not come.` : 'Bars are still missing.'),
  };
}

/** Followed, but nothing stored and nothing under way. */
function emptySeries({ series, jobs }: AttentionInput): Attention[] {
  const busy = new Set(
    jobs
      .filter(({ state }) => state === 'queued' || state === 'running' || state === 'paused')
      .flatMap((job) => job.keys),
  );
  const keys = series.filter((each) => each.bars === 0 && !busy.has(each.key)).map((each) => each.key);
  if (keys.length === 0) return [];
  return [
    {
      kind: 'empty',
      keys,
      title: `${formatCount(keys.length)} series without candles`,
      detail: 'They are followed, and nothing was fetched of them yet.',
    },
  ];
}
