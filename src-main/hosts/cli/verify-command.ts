import { AppError, type VerifySeries } from '@shared/contract';
import { type CandleSeries, seriesKey, tableName } from '@shared/market';
import type { ParsedCommand } from './arguments';
import { type CommandContext, chosenSeries } from './commands';
import { EXIT } from './exit-code';
import { verifyText } from './print-verify';
import { watch } from './watch';

type VerifyCommand = Extract<ParsedCommand, { command: 'verify' }>;

/** Audits series one after the other. Exit code 1 tells of rows that are wrong, of missing bars without an explanation, or of sources that did not answer. */
export async function runVerify(command: VerifyCommand, context: CommandContext): Promise<number> {
  const { running, print, signal } = context;
  const { common, watchMs } = command;
  const chosen = seriesToAudit(command, running.list);
  if (watchMs === null) {
    const { text, status } = await audit(command, chosen, new Map(), context);
    print(text);
    return status === 'sound' ? EXIT.done : EXIT.missing;
  }
  const audited = new Map<string, VerifySeries>();
  let versions = new Map<string, string>();
  await watch({ everyMs: watchMs, json: common.json, print, signal }, async () => {
    const { tables } = await running.services.store.tableVersions();
    for (const series of chosen)
      if (tables.get(tableName(series)) !== versions.get(tableName(series))) audited.delete(seriesKey(series));
    if (audited.size === chosen.length) return null;
    const { text } = await audit(command, chosen, audited, context);
    versions = tables;
    return text;
  });
  return EXIT.done;
}

function seriesToAudit(command: VerifyCommand, list: CommandContext['running']['list']): CandleSeries[] {
  const chosen = chosenSeries(command, list).filter((each): each is CandleSeries => each.kind === 'kline');
  if (chosen.length === 0)
    throw new AppError(
      'usage.unknown_series',
      'No series of this workspace fits; tapemend coverage lists those that it has.',
    );
  const followed = new Set(list.all.map(seriesKey));
  const unknown = chosen.find((each) => !followed.has(seriesKey(each)));
  if (unknown)
    throw new AppError(
      'usage.unknown_series',
      `This workspace has no series ${seriesKey(unknown)}; tapemend coverage lists those that it has.`,
    );
  return chosen;
}

/** Audits the series that are not among those that were audited already. */
async function audit(
  { against, range, common }: VerifyCommand,
  chosen: readonly CandleSeries[],
  audited: Map<string, VerifySeries>,
  { running, progress, signal }: CommandContext,
): Promise<{ text: string; status: 'sound' | 'faulty' }> {
  const started = performance.now();
  for (const series of chosen) {
    if (audited.has(seriesKey(series))) continue;
    signal.throwIfAborted();
    const onProgress = ({ rows, of }: { rows: number; of: number }): void => progress.tell(seriesKey(series), rows, of);
    audited.set(seriesKey(series), await running.services.verify(series, { against, range, signal, onProgress }));
  }
  progress.end();
  const durationMs = Math.round(performance.now() - started);
  const all = chosen.map((series) => audited.get(seriesKey(series))!);
  const status = all.every(isSound) ? 'sound' : 'faulty';
  const text = common.json ? JSON.stringify({ status, against, series: all, durationMs }) : verifyText(all, durationMs);
  return { text, status };
}

function isSound({ faults, failures, missing, notAsked }: VerifySeries): boolean {
  return faults === 0 && failures.length === 0 && missing.unexplained === notAsked;
}
