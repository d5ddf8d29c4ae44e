import { type CandleSeries, intervalSeconds, seriesKey } from '@shared/market';
import { type BuiltInFunction, Node } from './node';
import { streamConfig } from './node-ids';
import { StreamInput, type StreamInputOptions } from './stream-input';

/** Puts out the newest row as it came in. */
export const IDENTITY: BuiltInFunction = {
  source: 'function identity(view) {\n  return view.window(view.keys()[0]).latest()[1];\n}\n',
  compute: (view) => view.window(view.keys()[0] ?? '').latest()?.[1],
  candles: (batch) => batch,
  computesBehindGaps: true,
};

/** Stream of a series; its id is the one in the series' table. */
export function candleStream(
  series: CandleSeries,
  options: Pick<StreamInputOptions, 'period' | 'historyProvider' | 'eventRecorder' | 'onRecorderError'> = {},
): StreamInput {
  return new StreamInput({
    period: 1,
    ...options,
    tags: [series.symbol, series.exchange, series.market],
    interval: intervalSeconds(series.interval),
    config: { ...streamConfig(series) },
  });
}

/** Node `identity:<series key>`; the series enters its id, so that many of them live in one DAG. */
export function identityNode(stream: StreamInput, series: CandleSeries): Node {
  return new Node({
    input: stream,
    computeFn: IDENTITY,
    name: `identity:${seriesKey(series)}`,
    interval: intervalSeconds(series.interval),
    period: 1,
    config: { ...streamConfig(series) },
  });
}
