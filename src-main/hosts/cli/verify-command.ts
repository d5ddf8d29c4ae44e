import { AppError, type VerifySeries } from '@shared/contract';
import { type CandleSeries, seriesKey } from '@shared/market';
import type { ParsedCommand } from './arguments';
import { type CommandContext, chosenSeries } from './commands';
import { EXIT } from './exit-code';
import { verifyText } from './print-verify';

type VerifyCommand = Extract<ParsedCommand, { command: 'verify' }>;

/** Audits series one after the other. Exit code 1 tells of rows that are wrong, of missing bars without an explanation, or of sources that did not answer. */
export async function runVerify(command: VerifyCommand, context: CommandContext): Promise<number> {
  const { running, print, progress, signal } = context;
  const { services, list } = running;
  const { against, range, common } = command;
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
  const started = performance.now();
  const audited: VerifySeries[] = [];
  for (const series of chosen) {
    signal.throwIfAborted();
    const onProgress = ({ rows, of }: { rows: number; of: number }): void => progress.tell(seriesKey(series), rows, of);
    audited.push(await services.verify(series, { against, range, signal, onProgress }));
  }
  progress.end();
  const durationMs = Math.round(performance.now() - started);
  const status = audited.every(isSound) ? 'sound' : 'faulty';
  print(
    common.json ? JSON.stringify({ status, against, series: audited, durationMs }) : verifyText(audited, durationMs),
  );
  return status === 'sound' ? EXIT.done : EXIT.missing;
}

function isSound({ faults, failures, missing, notAsked }: VerifySeries): boolean {
  return faults === 0 && failures.length === 0 && missing.unexplained === notAsked;
}
