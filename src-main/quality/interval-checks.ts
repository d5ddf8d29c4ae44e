import {
  type CandleColumns,
  type CandleSeries,
  type Grid,
  gridOf,
  intervalMs,
  type Range,
  type Series,
  type TradeColumns,
} from '@shared/market';
import { barsOfTrades } from './bars-of-trades';
import { type Comparison, compareBars, pairBars } from './compare-bars';
import { bounded } from './observation';
import { rollUp } from './roll-up';

export interface IntervalSources {
  readCandles(series: CandleSeries, range: Range): AsyncIterable<CandleColumns>;
  readTrades(series: Series, range: Range): AsyncIterable<TradeColumns>;
}

/**
 * Holds stored candles against those of a finer series rolled up. Only whole bars are compared: a bar of which a finer candle is
 * missing proves nothing. That Binance's own intervals differ in some thousand hours (facts, roll-up) makes a difference
 * information about the source, not a fault of the store.
 */
export async function compareWithFiner(
  coarse: CandleSeries,
  grid: Grid,
  fine: CandleSeries,
  range: Range,
  sources: IntervalSources,
): Promise<Comparison> {
  // Never of three days, whose grid has to be learned: those are rolled up from, at most, days.
  const fineGrid = gridOf(fine.interval);
  async function* wholeBars() {
    for await (const bar of rollUp(sources.readCandles(fine, range), fineGrid, grid))
      if (bar.bars === bar.of) yield bar;
  }
  const pairs = pairBars(sources.readCandles(coarse, range), grid, wholeBars());
  const comparison = await compareBars(pairs, grid, 'rollup_difference', `the ${fine.interval} candles rolled up`);
  return { ...comparison, observations: bounded(comparison.observations) };
}

/** Holds stored candles against those made of the aggregate trades of whole settled `ranges`. */
export async function compareWithTrades(
  candles: CandleSeries,
  trades: Series,
  ranges: readonly Range[],
  sources: IntervalSources,
): Promise<Comparison> {
  const grid = gridOf(candles.interval);
  const total: Comparison = { compared: 0, different: 0, observations: [] };
  for (const range of ranges) {
    const pairs = pairBars(
      sources.readCandles(candles, range),
      grid,
      barsOfTrades(sources.readTrades(trades, range), grid),
    );
    const part = await compareBars(pairs, grid, 'trade_difference', 'the candles that its trades make');
    total.compared += part.compared;
    total.different += part.different;
    total.observations.push(...part.observations);
  }
  return { ...total, observations: bounded(total.observations) };
}

/** The finest stored series that a coarser one can be rolled up from: the nearest whose length divides it. */
export function finerSeries(coarse: CandleSeries, stored: readonly CandleSeries[]): CandleSeries | null {
  const fits = stored.filter(
    (each) =>
      each.symbol === coarse.symbol &&
      each.market === coarse.market &&
      intervalMs(each.interval) < intervalMs(coarse.interval) &&
      divides(each, coarse),
  );
  return fits.sort((a, b) => intervalMs(a.interval) - intervalMs(b.interval))[0] ?? null;
}

/** Weeks, months and three days begin at midnight, so that every interval up to a day lies within one bar of them. */
function divides(fine: CandleSeries, coarse: CandleSeries): boolean {
  if (coarse.interval === '1w' || coarse.interval === '1M' || coarse.interval === '3d')
    return intervalMs(fine.interval) <= intervalMs('1d');
  return intervalMs(coarse.interval) % intervalMs(fine.interval) === 0;
}
