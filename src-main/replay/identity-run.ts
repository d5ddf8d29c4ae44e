import { type CandleColumns, type CandleSeries, concatCandles } from '@shared/market';
import { candleStream, identityNode, Pipeline, type StreamInput } from '../dag';
import { OutputHash } from './output-hash';

/** The DAG of a replay, a stream and its identity node, run once over ascending candles. */
export class IdentityRun {
  private readonly stream: StreamInput;
  private readonly pipeline: Pipeline;
  private readonly hash = new OutputHash();
  private outputs: CandleColumns[] = [];

  constructor(series: CandleSeries) {
    this.stream = candleStream(series);
    this.pipeline = new Pipeline([this.stream, identityNode(this.stream, series)], {
      rows: 'replay',
      onCandles: (_node, candles) => {
        this.outputs.push(candles);
        this.hash.update(candles);
      },
    });
  }

  /** Feeds candles in and returns what left the identity node. */
  feed(candles: CandleColumns): CandleColumns {
    this.outputs = [];
    this.pipeline.feedCandles(this.stream, candles);
    const [only, ...more] = this.outputs;
    return only && more.length === 0 ? only : concatCandles(this.outputs);
  }

  outputHash(): string {
    return this.hash.digest();
  }
}
