import type { BackfillPlan, CoverageReport, JobProgress, Receipt } from '@shared/contract';
import { barWord, formatTime, parseSeriesKey, type Span, type Verdict, verdictClass } from '@shared/market';

/** Texts for people; `--json` prints the documents themselves. */
export function planText(plan: BackfillPlan): string {
  const lines = plan.series.flatMap((series) => {
    const bar = wordOf(series.key);
    return [
      `${series.key}  ${range(series)}`,
      `  ${count(series.asked, bar)} asked · ${count(series.alreadyPresent, bar)} present · ${count(series.knownAbsent, bar)} known to be absent`,
      ...summarisePages(series.pages, bar),
    ];
  });
  const { totals } = plan;
  if (totals.bars === 0) return [...lines, 'Nothing to fetch.'].join('\n');
  return [
    ...lines,
    `Total: ${count(totals.gaps, 'gap')} · ${count(totals.bars, barsOf(plan.series))}${expected(totals.estimatedTrades)} · ${count(totals.requests, 'request')} · weight ${number(totals.weight)} · ${bytes(totals.bytes)} · about ${seconds(totals.estimateMs)}`,
  ].join('\n');
}

/** `bar` or `minute`, by what the series are counted in. */
function wordOf(key: string): string {
  const series = parseSeriesKey(key);
  return series ? barWord(series) : 'bar';
}

function barsOf(series: readonly { key: string }[]): string {
  const words = new Set(series.map(({ key }) => wordOf(key)));
  return words.size === 1 ? [...words][0]! : 'bar';
}

/** Nobody knows before how many trades there are: what follows from their number is an estimate too. */
function expected(trades: number | undefined): string {
  return trades === undefined ? '' : ` · about ${count(trades, 'trade')}, so by estimate`;
}

const NOTES_SHOWN = 10;

function summarisePages(pages: BackfillPlan['series'][number]['pages'], bar: string): string[] {
  const tiers = { archiveMonthly: 'monthly archive', archiveDaily: 'daily archive', rest: 'REST range' } as const;
  return (Object.keys(tiers) as (keyof typeof tiers)[]).flatMap((tier) => {
    const own = pages.filter((page) => page.tier === tier);
    if (own.length === 0) return [];
    const bars = own.reduce((sum, page) => sum + page.bars, 0);
    return [
      `  ${count(own.length, tiers[tier])}: ${count(bars, bar)}${about(own)}, ${range({ range: { from: own[0]!.range.from, to: own[own.length - 1]!.range.to } })}`,
      ...own.flatMap((page) => (page.note ? [`    ${range(page)}  ${page.note}`] : [])).slice(0, NOTES_SHOWN),
    ];
  });
}

function about(pages: BackfillPlan['series'][number]['pages']): string {
  if (pages[0]?.estimatedTrades === undefined) return '';
  return ` (about ${count(
    pages.reduce((sum, page) => sum + (page.estimatedTrades ?? 0), 0),
    'trade',
  )})`;
}

export function receiptText(receipt: Receipt): string {
  const lines = receipt.series.flatMap((series) => [
    `${series.key}  asked ${number(series.asked)} · already present ${number(series.alreadyPresent)} · stored ${number(series.stored)} · still missing ${number(series.stillMissing)}${series.trades ? ' (minutes)' : ''}`,
    ...(series.trades ? [`  ${tradesText(series.trades)}`] : []),
    ...series.gaps
      .slice(0, 20)
      .map(
        (gap) =>
          `  ${range({ range: gap })}  ${count(gap.bars, wordOf(series.key))}  ${gap.verdict}  ${gap.evidence[0] ?? ''}`,
      ),
    ...(series.gaps.length > 20 ? [`  … and ${series.gaps.length - 20} more gaps; --json lists them all`] : []),
    ...series.findings.slice(0, 10).map((finding) => `  finding: ${finding}`),
  ]);
  const errors = receipt.errors.map((error) => `error: ${error}`);
  return [
    ...lines,
    ...errors,
    `${receipt.status.replace(/_/g, ' ')} · ${count(receipt.requests, 'request')} · ${bytes(receipt.bytes)} · weight ${number(receipt.weightUsed)} · ${seconds(receipt.durationMs)}`,
  ].join('\n');
}

function tradesText({ stored, alreadyPresent, lostIds }: NonNullable<Receipt['series'][number]['trades']>): string {
  const lost = lostIds > 0 ? ` · ${count(lostIds, 'id')} lost by the exchange or marked as no trade` : '';
  return `${count(stored, 'trade')} stored · ${number(alreadyPresent)} were there${lost}`;
}

export function coverageText(reports: readonly CoverageReport[], gapsOnly: boolean): string {
  if (reports.length === 0)
    return 'No series yet. Start with: tapemend backfill BTCUSDT --interval 1m --from 2024-01-01 --to 2024-02-01';
  return reports
    .flatMap((report) => [
      `${report.key}  ${count(report.bars, wordOf(report.key))} present${report.trades === undefined ? '' : `, ${count(report.trades, 'trade')} stored`} · ${number(report.missing.unexplained)} unexplained or not asked · ${number(report.missing.explained)} explained`,
      ...report.spans.filter((span) => !gapsOnly || span.verdict !== 'present').map(spanText),
    ])
    .join('\n');
}

const MARK: Record<ReturnType<typeof verdictClass>, string> = {
  present: '=',
  explained: '/',
  unexplained: '!',
  neither: '.',
};

function spanText(span: Span): string {
  return `  ${MARK[verdictClass(span.verdict as Verdict)]} ${range({ range: span })}  ${number(span.bars).padStart(10)}  ${span.verdict}`;
}

export function jobsText(jobs: readonly JobProgress[]): string {
  if (jobs.length === 0) return 'No jobs yet.';
  return jobs
    .map(
      (job) =>
        `${job.jobId}  ${stateOf(job)}  ${number(job.barsDone)} of ${count(job.barsAsked, 'bar')}  ${seriesOf(job)}${job.lastError ? `  ${job.lastError}` : ''}`,
    )
    .join('\n');
}

function stateOf({ state, owner }: JobProgress): string {
  const words = state.replace(/_/g, ' ');
  if (owner === 'elsewhere') return `${words} in another program`;
  return owner === 'nobody' && state === 'queued' ? 'waiting for the app to start' : words;
}

const SERIES_SHOWN = 6;

function seriesOf({ keys, itemTotals }: JobProgress): string {
  if (keys.length <= SERIES_SHOWN) return keys.join(' ');
  return `${keys.slice(0, SERIES_SHOWN).join(' ')} … ${count(itemTotals.total, 'item')} in all`;
}

export function range({ range: { from, to } }: { range: { from: number; to: number } }): string {
  return `${formatTime(from)} → ${formatTime(to)}`;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}

export function count(value: number, word: string): string {
  return `${number(value)} ${word}${value === 1 ? '' : 's'}`;
}

function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  return value < 1_000_000 ? `${Math.round(value / 1_000)} KB` : `${(value / 1_000_000).toFixed(1)} MB`;
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
