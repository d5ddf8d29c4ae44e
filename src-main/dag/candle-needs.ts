import { AppError, type RunNeed } from '@shared/contract';
import { gridOf, type Range, seriesKey } from '@shared/market';
import { seriesOfStreamConfig } from './node-ids';
import type { Strategy } from './strategy';

/**
 * The candles that a run of the strategy over `range` (opens, epoch ms) reads: of each stream the bars of the range, and before
 * them as many as its window holds without the newest, so that the first bar of the range finds a full one. The strategy must be
 * set up. Throws `usage.unknown_stream` for a stream that names no series of candles.
 */
export function candleNeeds(strategy: Strategy, range: Range): RunNeed[] {
  return strategy.streams().map((stream) => {
    const series = seriesOfStreamConfig(stream.config);
    if (series === null)
      throw new AppError(
        'usage.unknown_stream',
        `Stream ${stream.label} names no series of candles: give it the config {exchange, market, symbol, interval}.`,
      );
    const grid = gridOf(series.interval);
    const first = grid.indexOf(range.from) - Math.max(0, (stream.period ?? 1) - 1);
    return { key: seriesKey(series), range: { from: grid.openAt(first), to: range.to } };
  });
}
