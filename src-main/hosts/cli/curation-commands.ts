import { AppError, type Finding, type FindingState, type IngestBatch } from '@shared/contract';
import { parseSeriesKey, seriesKey } from '@shared/market';
import { type Running, undoJob, undoSeries } from '../../core';
import type { ParsedCommand } from './arguments';
import type { CommandContext } from './commands';
import { EXIT } from './exit-code';
import { archivesText, batchesText, findingsText, reingestText, undoneText } from './print-curation';

type Of<C extends ParsedCommand['command']> = Extract<ParsedCommand, { command: C }>;

const LISTED_BATCHES = 200;
const STATE_OF: Record<'accept' | 'reopen', FindingState> = { accept: 'accepted', reopen: 'new' };

/** Lists findings, or does one thing with one of them. */
export async function runFindings(
  command: Of<'findings'>,
  { running, print, signal }: CommandContext,
): Promise<number> {
  const { store, curation } = running.services;
  const { json } = command.common;
  if (command.action === null) {
    const all = await store.findingsRead(command.state === null ? {} : { states: [command.state] });
    const { symbols } = command;
    const findings = all.filter(
      ({ key }) => symbols.length === 0 || symbols.includes(parseSeriesKey(key)?.symbol ?? ''),
    );
    print(json ? JSON.stringify({ findings }) : findingsText(findings));
    return EXIT.done;
  }
  const { id } = theOnly(command.id, await store.findingsRead());
  if (command.action === 'reingest' || command.action === 'refetch') {
    const result = await curation[command.action](id, signal);
    print(json ? JSON.stringify(result) : reingestText(result, command.action));
    return EXIT.done;
  }
  const finding = await curation.setFindingState(id, STATE_OF[command.action], command.reason ?? undefined);
  print(json ? JSON.stringify({ finding }) : findingsText([finding]));
  return EXIT.done;
}

/** Asks the archive whether files that stored rows rest on have been replaced. */
export async function runArchives(
  command: Of<'archives'>,
  { running, print, signal }: CommandContext,
): Promise<number> {
  const { symbols, common } = command;
  const keys = symbols.length === 0 ? undefined : keysOf(running, symbols);
  const result = await running.services.curation.checkArchives(keys, signal);
  print(common.json ? JSON.stringify(result) : archivesText(result));
  if (result.checked > 0 && result.failed.length === result.checked) return EXIT.unreachable;
  return result.stale.length + result.failed.length > 0 ? EXIT.missing : EXIT.done;
}

/** Takes back what a job wrote, or lists what can be taken back. */
export async function runUndo(command: Of<'undo'>, { running, print }: CommandContext): Promise<number> {
  const { services } = running;
  const { jobId, series, common } = command;
  if (jobId === null) {
    const batches: IngestBatch[] = await services.curation.reverts.batches(LISTED_BATCHES);
    print(common.json ? JSON.stringify({ batches }) : batchesText(batches));
    return EXIT.done;
  }
  const undone =
    series === null
      ? await undoJob(services, jobId)
      : [{ key: series, ...(await undoSeries(services, jobId, series)), failure: null }];
  print(common.json ? JSON.stringify({ jobId, series: undone }) : undoneText(undone));
  return undone.some(({ failure }) => failure !== null) ? EXIT.missing : EXIT.done;
}

function theOnly(start: string, findings: readonly Finding[]): Finding {
  const found = findings.filter(({ id }) => id.startsWith(start));
  const [only] = found;
  if (only && found.length === 1) return only;
  throw new AppError(
    'usage.no_finding',
    only
      ? `${found.length} findings have IDs that start with ${start}; give more of it.`
      : `There is no finding ${start} in this workspace; tapemend findings lists them.`,
  );
}

function keysOf({ list }: Running, symbols: readonly string[]): string[] {
  for (const symbol of symbols)
    if (!list.all.some((series) => series.symbol === symbol))
      throw new AppError(
        'usage.unknown_series',
        `This workspace has no series of ${symbol}; tapemend coverage lists those that it has.`,
      );
  return list.all.filter(({ symbol }) => symbols.includes(symbol)).map(seriesKey);
}
