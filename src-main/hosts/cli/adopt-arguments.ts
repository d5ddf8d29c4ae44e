import type { AdoptSource } from '@shared/contract';
import { type CandleSeries, candleSeries, type Interval, type Market, parseCandleSeriesKey } from '@shared/market';
import { checkSymbol, usage } from './usage';

export type AdoptCommand =
  /** Lists what could be adopted. */
  { command: 'adopt'; source: null } | { command: 'adopt'; source: AdoptSource; series: CandleSeries };

export interface AdoptFlags {
  intervals: readonly Interval[];
  market: Market;
  nodeId: string | undefined;
  list: boolean;
}

const EXAMPLE = 'tapemend adopt candles.csv BTCUSDT --interval 1h';

export function readAdoptCommand(words: readonly string[], flags: AdoptFlags): AdoptCommand {
  const [name, target, ...rest] = words;
  if (name === undefined) {
    if (flags.nodeId !== undefined || flags.intervals.length > 0)
      throw usage(`tapemend adopt needs a table or a file, like ${EXAMPLE}.`);
    return { command: 'adopt', source: null };
  }
  if (flags.list) throw usage('tapemend adopt --list takes no table or file: it lists all that could be adopted.');
  if (target === undefined || rest.length > 0)
    throw usage(`tapemend adopt needs one table or file and one symbol, like ${EXAMPLE}.`);
  const source = isFile(name) ? { file: name } : { table: name, nodeId: flags.nodeId };
  if ('file' in source && flags.nodeId !== undefined)
    throw usage('--node-id chooses among the rows of a table; a file has none.');
  return { command: 'adopt', source, series: seriesOf(target, flags) };
}

function seriesOf(target: string, { intervals, market }: AdoptFlags): CandleSeries {
  const named = parseCandleSeriesKey(target);
  if (named) {
    if (intervals.length > 0) throw usage(`${target} names its interval already; leave --interval out.`);
    return named;
  }
  const symbol = checkSymbol(target);
  const [interval] = intervals;
  if (interval === undefined || intervals.length > 1)
    throw usage(`tapemend adopt needs one --interval, that of the candles, like ${EXAMPLE}.`);
  return candleSeries(symbol, interval, market);
}

/** Tables have no dots at their end of this kind, and no folders. */
function isFile(name: string): boolean {
  return /[\\/]/.test(name) || /\.(csv|txt)$/i.test(name);
}
