import { barWord, seriesKey } from '@shared/market';
import { acceptGap, withdrawGap } from '../../coverage';
import type { ParsedCommand } from './arguments';
import type { CommandContext } from './commands';
import { EXIT } from './exit-code';
import { count } from './print';

/** Takes missing bars as explained for a reason, or takes that back. */
export async function runGaps(
  command: Extract<ParsedCommand, { command: 'gaps' }>,
  { running, print }: CommandContext,
): Promise<number> {
  const { coverage, exchange } = running.services;
  const { series, range, action } = command;
  const bars =
    action === 'accept'
      ? await acceptGap(coverage, series, range, command.reason, exchange.now())
      : await withdrawGap(coverage, series, range, exchange.now());
  const key = seriesKey(series);
  const what = action === 'accept' ? 'accepted as explained' : 'no longer accepted';
  print(
    command.common.json
      ? JSON.stringify({ key, ...range, bars })
      : `${count(bars, barWord(series))} of ${key} ${what}.`,
  );
  return EXIT.done;
}
