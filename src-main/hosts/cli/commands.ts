import { AppError, type CoverageReport, type Receipt, type SourceChoice } from '@shared/contract';
import { GONE, type Range, type StoredSeries, seriesKey, tableName } from '@shared/market';
import { type JobRequest, type OwnJob, sourceFor } from '../../backfill';
import type { Running } from '../../core';
import { provenanceRecords } from '../../provenance';
import { seriesNodeId } from '../../questdb';
import type { CommonArguments, ParsedCommand, SeriesChoice } from './arguments';
import { EXIT, exitCodeOf, exitCodeOfReceipt } from './exit-code';
import { coverageText, jobsText, planText, receiptText } from './print';
import type { ProgressLine } from './progress-line';
import { watch } from './watch';

const LISTED_JOBS = 200;
/** Records of provenance of one series. */
const MOST_PROVENANCE = 2_000;

export interface CommandContext {
  running: Running;
  print: (text: string) => void;
  progress: ProgressLine;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
}

type Of<C extends ParsedCommand['command']> = Extract<ParsedCommand, { command: C }>;

export async function runPlan(
  command: Of<'plan' | 'backfill'>,
  { running, print, signal }: CommandContext,
): Promise<number> {
  await checkRequest(command, running, signal);
  const plan = await running.services.backfill.plan(requestOf(command));
  print(command.common.json ? JSON.stringify(plan) : planText(plan));
  return EXIT.done;
}

export async function runBackfill(command: Of<'plan' | 'backfill'>, context: CommandContext): Promise<number> {
  const { running, signal } = context;
  await checkRequest(command, running, signal);
  const request = requestOf(command);
  await running.list.track(command.series);
  const { backfill } = running.services;
  const own = await backfill.start(request);
  await backfill.takeOver(request);
  return receive(own, command.common, context);
}

/** Waits for the job and prints its receipt. Ctrl+C ends it; what was stored stays. */
async function receive(own: OwnJob, common: CommonArguments, context: CommandContext): Promise<number> {
  const { running, print, progress, signal } = context;
  const cancel = (): void => void running.services.backfill.cancel(own.jobId);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const receipt = await own.finished;
  progress.end();
  print(common.json ? JSON.stringify(receipt) : receiptText(receipt));
  if (signal.aborted) return EXIT.interrupted;
  return isNothingDone(receipt) && own.unreachable ? exitCodeOf(own.unreachable) : exitCodeOfReceipt(receipt);
}

export async function runCoverage(
  command: Of<'coverage'>,
  { running, print, signal }: CommandContext,
): Promise<number> {
  const { watchMs, common } = command;
  if (watchMs === null) {
    print(await coverageOutput(command, running));
    return EXIT.done;
  }
  await watch({ everyMs: watchMs, json: common.json, print, signal }, async () => {
    await running.list.catchUp();
    await running.services.coverage.catchUp();
    return coverageOutput(command, running);
  });
  return EXIT.done;
}

async function coverageOutput(command: Of<'coverage'>, running: Running): Promise<string> {
  const { services, list } = running;
  const chosen = chosenSeries(command, list);
  const reports = await Promise.all(
    chosen.map((series) => services.coverage.report(series, command.range ?? undefined)),
  );
  if (!command.common.json) return coverageText(reports, command.gapsOnly);
  const series = await Promise.all(
    chosen.map((each, index) => coverageDocument(running, each, reports[index]!, command)),
  );
  return JSON.stringify({ series });
}

async function coverageDocument(
  { services }: Running,
  series: StoredSeries,
  report: CoverageReport,
  { range, gapsOnly }: Pick<Of<'coverage'>, 'range' | 'gapsOnly'>,
): Promise<object> {
  const { first, last } = await services.coverage.summary(series);
  const flat = await services.coverage.flat(series, range ?? undefined);
  const present = report.spans.filter(({ verdict }) => verdict === 'present');
  const origins = await services.curation.provenance(series, report.range);
  const { records, leftOut } = provenanceRecords(origins, present, MOST_PROVENANCE);
  const gaps = await services.coverage.gaps(series, report.range);
  const explained = new Map(gaps.map((gap) => [gap.from, gap]));
  const spans = report.spans
    .filter((span) => !gapsOnly || span.verdict !== 'present')
    .map((span) => explained.get(span.from) ?? span);
  return {
    key: report.key,
    table: tableName(series),
    nodeId: seriesNodeId(series),
    from: report.range.from,
    to: report.range.to,
    first,
    last,
    bars: report.bars,
    ...(flat === null ? {} : { flat }),
    ...(report.trades === undefined ? {} : { trades: report.trades }),
    spans,
    missing: report.missing,
    provenance: records,
    provenanceLeftOut: leftOut,
  };
}

export async function runStatus(
  common: CommonArguments,
  workspace: string,
  { running, print }: CommandContext,
): Promise<number> {
  const { services } = running;
  const address = services.questdb.address();
  const { state, managed, version, detail } = services.questdb.status;
  const exchange = services.exchange.status();
  const document = {
    questdb: { state, managed, version, dsn: address?.dsn ?? null, httpUrl: address?.httpUrl ?? null, detail },
    exchange,
    workspace,
  };
  if (common.json) print(JSON.stringify(document));
  else {
    const offset = exchange.clockOffsetMs === null ? 'unknown' : `${exchange.clockOffsetMs} ms ahead of this machine`;
    print(
      `QuestDB ${version ?? ''} ${state}${managed ? ', managed by Tapemend' : ''}${address ? ` · ${withoutPassword(address.dsn)}` : ''}`,
    );
    print(
      `Exchange ${exchange.practice ? '(practice) ' : ''}${exchange.reachable ? 'reachable' : `unreachable: ${exchange.detail}`} · clock ${offset} · weight ${exchange.weight.used} of ${exchange.weight.limit}`,
    );
    for (const { market, blockedBecause } of exchange.markets)
      if (blockedBecause !== null) print(`${market}: ${blockedBecause}`);
    print(`Workspace ${workspace}`);
  }
  return exchange.reachable ? EXIT.done : EXIT.unreachable;
}

export async function runJobs(command: Of<'jobs'>, context: CommandContext): Promise<number> {
  const { running, print } = context;
  const { backfill } = running.services;
  const { common, action, jobId } = command;
  if (action === null) {
    const jobs = await backfill.list(LISTED_JOBS);
    print(common.json ? JSON.stringify({ jobs }) : jobsText(jobs));
    return EXIT.done;
  }
  if (action === 'retry') return receive(await backfill.retry(jobId), common, context);
  if (!(await backfill[action](jobId)))
    throw new AppError(
      'usage.no_open_job',
      `There is no open job ${jobId} in this workspace; tapemend jobs lists them.`,
    );
  const job = (await backfill.list(Number.POSITIVE_INFINITY)).find((each) => each.jobId === jobId);
  print(common.json ? JSON.stringify({ job: job ?? null }) : jobsText(job ? [job] : []));
  return EXIT.done;
}

function requestOf({ series, range, source }: Of<'plan' | 'backfill'>): JobRequest {
  return { items: series.map((each) => ({ key: seriesKey(each), range })), source };
}

/** Clock, symbols and range are checked before anything is written; each failure is one sentence. */
async function checkRequest(
  { series, range, source }: { series: StoredSeries[]; range: Range; source: SourceChoice },
  { services }: Running,
  signal: AbortSignal,
): Promise<void> {
  if (!services.exchange.status().reachable) await services.exchange.syncClock(series[0]!.market, signal);
  services.backfill.checkRange(range);
  const symbols = new Map(series.map((each) => [`${each.market}:${each.symbol}`, each]));
  for (const each of symbols.values()) {
    const { status } = await services.exchange.symbol(each.market, each.symbol, signal);
    sourceFor(each, source, status === GONE);
  }
}

/** The series that a command names, or those of the workspace that fit. */
export function chosenSeries(choice: SeriesChoice, list: Running['list']): StoredSeries[] {
  return choice.series ?? list.all.filter((each) => matches(each, choice));
}

function matches(series: StoredSeries, { symbols, intervals, kind }: SeriesChoice): boolean {
  return (
    (symbols.length === 0 || symbols.includes(series.symbol)) &&
    (kind === null || series.kind === kind) &&
    (intervals.length === 0 || (series.interval !== null && intervals.includes(series.interval)))
  );
}

function isNothingDone(receipt: Receipt): boolean {
  return receipt.series.every((series) => series.stored === 0 && (series.trades?.stored ?? 0) === 0);
}

function withoutPassword(dsn: string): string {
  return dsn.replace(/:\/\/([^:@/]+):[^@/]+@/, '://$1@');
}
