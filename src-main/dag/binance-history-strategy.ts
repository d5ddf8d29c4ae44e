import type { CandleSeries } from '@shared/market';
import type { EventRecorder, HistoryProvider } from './history';
import { candleStream, identityNode } from './identity';
import { Strategy } from './strategy';

/** Parts of a stream that belong to its series. */
export interface SeriesHistory {
  historyProvider?: HistoryProvider | null;
  eventRecorder?: EventRecorder | null;
}

/** Built-in strategy `binance-history`: each series flows through unchanged, and is recorded on the way. */
export class BinanceHistoryStrategy extends Strategy {
  /** `historyOf` is asked once per series, so that each stream gets a provider and a recorder of its own. */
  constructor(
    private readonly series: readonly CandleSeries[],
    private readonly historyOf: (series: CandleSeries) => SeriesHistory = () => ({}),
    /** Bars in the window of a stream. */
    private readonly period = 120,
  ) {
    super();
  }

  override setup(): void {
    for (const each of this.series) {
      const stream = candleStream(each, { ...this.historyOf(each), period: this.period });
      this.addNodes([stream, identityNode(stream, each)]);
    }
  }
}
