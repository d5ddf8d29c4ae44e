import { parseStoredSeriesKey, type Range, type StoredSeries } from '@shared/market';
import { usage } from './usage';

const GAP_ACTIONS = ['accept', 'withdraw'] as const;

export type GapsCommand =
  | { command: 'gaps'; action: 'accept'; series: StoredSeries; range: Range; reason: string }
  | { command: 'gaps'; action: 'withdraw'; series: StoredSeries; range: Range };

export function readGapsCommand(
  [word, key, ...rest]: readonly string[],
  { range, reason }: { range: Range | null; reason: string | undefined },
): GapsCommand {
  const action = GAP_ACTIONS.find((each) => each === word);
  if (!action)
    throw usage(
      `tapemend gaps ${word === undefined ? 'needs' : `takes no "${word}"; there are`} ${GAP_ACTIONS.join(' or ')}, each with a series; tapemend coverage --gaps lists gaps.`,
    );
  const series = key === undefined ? null : parseStoredSeriesKey(key);
  if (!series || rest.length > 0)
    throw usage(`tapemend gaps ${action} needs one series, written like binance:spot:BTCUSDT:1m.`);
  if (!range) throw usage(`tapemend gaps ${action} needs --from and --to, like --from 2024-01-01 --to 2024-01-02.`);
  if (action === 'accept') {
    if (!reason?.trim()) throw usage('tapemend gaps accept needs --reason TEXT: why the bars are missing.');
    return { command: 'gaps', action, series, range, reason: reason.trim() };
  }
  if (reason !== undefined) throw usage('--reason belongs to tapemend gaps accept, not to withdraw.');
  return { command: 'gaps', action, series, range };
}
